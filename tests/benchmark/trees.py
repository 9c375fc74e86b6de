"""Made-up benchmark folders for the tests: every layout of ImageNet and its relatives, small, from images or from
drawings.

The images are stand-ins, so no number measured on them compares with a published one. What is real is how they lie,
how they were resized, corrupted and stored, and, for the images in ROBUST_LAB_TEST_DATA, that their labels are
right.
"""

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from torch import Tensor
from torchvision.transforms import functional

from robust_core.corruptions.apply import STORED_JPEG_QUALITY, corrupt
from robust_core.corruptions.sequences import frames
from robust_core.images import to_rgb
from robust_core.labels import CLASSES, IMAGENET_A, IMAGENET_R
from tests.image_file_samples import encode

RESIZED_PX, STORED_PX = 256, 224
V2_FOLDER = "imagenetv2-matched-frequency-format-val"
EVERY_CLASS = tuple(row.index for row in CLASSES)


@dataclass(frozen=True)
class EncodedImage:
    """An encoded image as it lies in a folder of its class: its file name, its class index and its bytes."""

    name: str
    label: int
    data: bytes


def photographs(n: int, among: Sequence[int] = EVERY_CLASS) -> list[EncodedImage]:
    """`n` labelled images of ROBUST_LAB_TEST_DATA whose class is `among` these, spread evenly over its table."""
    folder = Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "images"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row["class_index"]) in among]
    assert 1 <= n <= len(rows), f"there are {len(rows)} such images"
    files = [(folder / row["file"], int(row["class_index"])) for row in (rows[i * len(rows) // n] for i in range(n))]
    return [EncodedImage(path.name, label, path.read_bytes()) for path, label in files]


def drawings(n: int, among: Sequence[int] = EVERY_CLASS) -> list[EncodedImage]:
    """`n` drawn PNGs, no two alike, whose classes are spread evenly over `among`: a disc on a ground of the colour of
    the class.
    """
    return [_drawing(number, among[number * len(among) // n]) for number in range(n)]


def write_by_wnid(folder: Path, images: Sequence[EncodedImage]) -> None:
    """`<wnid>/<encoded>`, the bytes unchanged."""
    for encoded in images:
        _write(folder / CLASSES[encoded.label].wnid / encoded.name, encoded.data)


def write_by_number(folder: Path, images: Sequence[EncodedImage]) -> None:
    """`<class 0-999>/<encoded>`, the bytes unchanged."""
    for encoded in images:
        _write(folder / str(encoded.label) / encoded.name, encoded.data)


def write_imagenet_c(
    folder: Path, images: Sequence[EncodedImage], corruptions: Sequence[str], severities: Sequence[int]
) -> None:
    """`<corruption>/<severity>/<wnid>/<encoded>.JPEG`: shorter side to 256 px, centre 224 px, corrupted with seed i for
    image i.
    """
    for seed, encoded in enumerate(images):
        pixels = functional.center_crop(_resized(encoded), STORED_PX)[None]
        for corruption in corruptions:
            for severity in severities:
                class_folder = folder / corruption / str(severity) / CLASSES[encoded.label].wnid
                (rgb,) = to_rgb(corrupt(pixels, corruption, severity, seed))
                _write(
                    class_folder / f"{Path(encoded.name).stem}.JPEG", encode(rgb, "JPEG", quality=STORED_JPEG_QUALITY)
                )


def write_imagenet_p(folder: Path, images: Sequence[EncodedImage], perturbations: Sequence[str]) -> None:
    """`<perturbation>/<wnid>/<encoded>/<frame>.png`, seed i for image i; lossless, unlike the published videos."""
    for seed, encoded in enumerate(images):
        for perturbation in perturbations:
            sequence = folder / perturbation / CLASSES[encoded.label].wnid / Path(encoded.name).stem
            for number, frame in enumerate(to_rgb(frames(_resized(encoded), perturbation, seed, crop_px=STORED_PX))):
                _write(sequence / f"frame{number}.png", encode(frame, "PNG", compress_level=1))


def write_tree(
    source: Callable[[int, Sequence[int]], list[EncodedImage]],
    root: Path,
    n: int,
    *,
    corruptions: Sequence[str] = (),
    severities: Sequence[int] = (3,),
    perturbations: Sequence[str] = (),
) -> None:
    """Every data set below `root`, each of `n` images; ImageNet-C and -P have the same ones as the validation set."""
    images = source(n, EVERY_CLASS)
    write_by_wnid(root / "val", images)
    write_by_wnid(root / "imagenet-sketch", images)
    write_by_number(root / V2_FOLDER, images)
    write_by_wnid(root / "imagenet-a", source(n, IMAGENET_A))
    write_by_wnid(root / "imagenet-r", source(n, IMAGENET_R))
    write_imagenet_c(root / "imagenet-c", images, corruptions, severities)
    write_imagenet_p(root / "imagenet-p", images, perturbations)


photograph_tree = partial(write_tree, photographs)
drawn_tree = partial(write_tree, drawings)


def _drawing(number: int, label: int) -> EncodedImage:
    of_class, of_image = np.random.default_rng((0, label)), np.random.default_rng((1, number))
    left, top = of_image.integers(60, 120, 2).tolist()
    image = Image.new("RGB", (320, 280), tuple(of_class.integers(0, 256, 3).tolist()))
    ImageDraw.Draw(image).ellipse((left, top, left + 100, top + 100), fill=tuple(of_image.integers(0, 256, 3).tolist()))
    return EncodedImage(f"drawing_{number:04}.png", label, encode(image, "PNG"))


def _resized(encoded: EncodedImage) -> Tensor:
    """(3, H, W) float32 in [0, 1], the shorter side 256 px, from which ImageNet-C and -P were made."""
    image = Image.open(io.BytesIO(encoded.data)).convert("RGB")
    return functional.to_tensor(functional.resize(image, RESIZED_PX))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
