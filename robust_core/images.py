"""From the bytes of an image file, however odd or hostile, to RGB pixels, and from those to a model's input.

Pillow does the decoding; this module decides what is let in, and makes every kind of file the same kind of image.
Where images come from is the business of `data`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

from robust_core.checks import whole
from robust_core.errors import BadInput
from robust_core.image_files.decoding import MAX_PIXELS, decoded
from robust_core.labels import CLASSES, IMAGENET, LabelSpace

if TYPE_CHECKING:  # torch costs seconds, and listing or showing images must not wait for it
    from torch import Tensor

MAX_NAME_LENGTH = 80

Interpolation = Literal["bilinear", "bicubic", "nearest", "lanczos"]


@dataclass(frozen=True)
class Preprocess:
    """How an image becomes a model's input: shorter side to `resize` px (None: kept), centre `crop` px (None: all),
    then mean and std.

    With `squash` both sides become `resize` px, whatever the shape (timm's crop_mode "squash"). Resizing is Pillow's
    (always antialiased); `mean` and `std` are in [0, 1] units, RGB, and are applied inside the model.
    """

    resize: int | None
    crop: int | None
    interpolation: Interpolation
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    squash: bool = False

    def __str__(self) -> str:
        """In one line, such as "shorter side to 256 px (bilinear), centre 224 px; mean 0.485 0.456 0.406, std 0.229
        0.224 0.225".
        """
        what = "both sides" if self.squash else "shorter side"
        resize = f"{what} to {self.resize} px ({self.interpolation}), " if self.resize else ""
        mean, std = (" ".join(f"{value:.4g}" for value in values) for values in (self.mean, self.std))
        crop = "the whole image" if self.crop is None else f"centre {self.crop} px"
        return f"{resize}{crop}; mean {mean}, std {std}"


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """An image as it was decoded: `rgb` (H, W, 3) uint8, read-only; upright and sRGB unless it was read as a reference
    reads it.

    `label` is a class index in `label_space`, or None when nobody knows; `name` and `source` are words for people,
    never a path; `digest` is the SHA-256 of the encoded bytes, or of `rgb` where there were none: in a video, in a
    drawing. `decoding_note` says, to be shown beside the image, what had to be assumed to decode it; None when nothing
    had. An image that is `centre_crop_only` is stored at a model's input size, so that resizing it would change the
    benchmark. `sample_id` is the id by which `data.read` gives these pixels again, "" where nothing does.
    """

    rgb: np.ndarray
    label: int | None
    name: str
    source: str
    digest: str
    label_space: LabelSpace
    decoding_note: str | None = None
    centre_crop_only: bool = False
    sample_id: str = ""

    @classmethod
    def of_pixels(
        cls,
        rgb: np.ndarray,
        name: str,
        source: str,
        *,
        label: int | None = None,
        label_space: LabelSpace = IMAGENET,
        decoding_note: str | None = None,
        centre_crop_only: bool = False,
    ) -> "LabelledImage":
        """The image of pixels that no file holds: `rgb` (H, W, 3) uint8, which becomes read-only."""
        rgb.setflags(write=False)
        digest = hashlib.sha256(rgb.tobytes()).hexdigest()
        return cls(rgb, label, name, source, digest, label_space, decoding_note, centre_crop_only)

    def with_pixels(self, rgb: np.ndarray, name: str = "") -> "LabelledImage":
        """The same image with other pixels, and with another name where one is given."""
        rgb.setflags(write=False)
        digest = hashlib.sha256(rgb.tobytes()).hexdigest()
        return replace(self, rgb=rgb, name=name or self.name, digest=digest, sample_id="")

    @cached_property
    def pixels_sha256(self) -> str:
        """The SHA-256 of `rgb`, which tells apart what one file becomes when it is read in two ways."""
        return hashlib.sha256(self.rgb.tobytes()).hexdigest()

    @property
    def identity(self) -> dict[str, Any]:
        """All of it that a model's prediction depends on, as plain values; its label is none of that."""
        return {
            "pixels_sha256": self.pixels_sha256,
            "size_px": [self.rgb.shape[1], self.rgb.shape[0]],
            "centre_crop_only": self.centre_crop_only,
        }


def decode(data: bytes, name: str, *, label: int | None = None, source: str = "upload") -> LabelledImage:
    """An image as people see it: the first frame of a PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC or AVIF, told by its
    content.

    Orientation is applied, an embedded ICC profile is converted to sRGB (a broken one is ignored), transparency lies on
    white, and samples of more than 8 bits are scaled as `image_files.sample_range` does. Raises BadImage, naming the
    file, for what is empty, no image (with what it is instead where we know), damaged or cut short, a camera RAW file,
    deep samples of which it is not known which are black and white, above `MAX_FILE_BYTES` or `MAX_PIXELS`, or below
    `MIN_SIDE_PX`; raises BadInput for a `label` that is no ImageNet class index (0-999).
    """
    return _decode(data, name, label, source, as_people_see=True)


def decode_as_reference(data: bytes, name: str, *, label: int | None, source: str) -> LabelledImage:
    """An image as the benchmarks' loaders read it: Pillow's `convert("RGB")` and nothing else.

    EXIF orientation and ICC profiles are ignored, transparency is dropped, and deep grey samples are clipped to 0-255,
    whatever their range, white-is-zero or not: quirks kept, since the published accuracies were measured with them
    (torchvision, datasets/folder.py, pil_loader). Refuses what `decode` refuses, except for an unknown range, which it
    does not need; and what only `decode` reads, such as 64-bit floats.
    """
    return _decode(data, name, label, source, as_people_see=False)


def shown_name(name: str) -> str:
    """`name` as it may be shown: without folders, control and text-direction characters, and at most `MAX_NAME_LENGTH`
    long.
    """
    last_part = re.split(r"[/\\]", name)[-1]
    visible = "".join(character for character in last_part if character.isprintable() or character.isspace())
    tidy = " ".join(visible.split())
    if len(tidy) > MAX_NAME_LENGTH:
        tidy = f"{tidy[: MAX_NAME_LENGTH - 11]}…{tidy[-10:]}"
    return tidy or "image"


def to_pixels(image: LabelledImage, preprocess: Preprocess) -> "Tensor":
    """A model's input (3, crop, crop), float32 in [0, 1]: shorter side to `preprocess.resize` px, then the centre crop,
    if there is any.

    Bit for bit torchvision's `ImageClassification` preset up to its normalisation, which happens inside the model.
    Raises as `to_levels` does.
    """
    return to_levels(image, preprocess).float() / 255


def to_levels(image: LabelledImage, preprocess: Preprocess) -> "Tensor":
    """What `to_pixels` returns, before it is divided by 255: (3, crop, crop) uint8.

    Raises BadInput for an image that is smaller than the crop, or so long that the resized one would exceed
    `MAX_PIXELS`.
    """
    height, width, _ = image.rgb.shape
    whole, shorter = Image.fromarray(image.rgb), preprocess.resize or min(height, width)
    if preprocess.squash and preprocess.resize is not None:
        return _levels(_resized(whole, (preprocess.resize, preprocess.resize), preprocess), preprocess.crop)
    if preprocess.crop is not None and shorter < preprocess.crop:
        raise BadInput(
            f"{image.name} is {width} × {height} px; expected at least {preprocess.crop} px a side for this model."
        )
    if max(height, width) * shorter**2 > MAX_PIXELS * min(height, width):
        raise BadInput(
            f"{image.name} is {width} × {height} px, too long and narrow to resize its shorter side to {shorter} px."
        )
    if preprocess.resize is not None:
        longer = int(shorter * max(height, width) / min(height, width))
        whole = _resized(whole, (shorter, longer) if width <= height else (longer, shorter), preprocess)
    return _levels(whole, preprocess.crop)


def stack(inputs: "Sequence[Tensor]") -> "Tensor":
    """Inputs (3,H,W) as a batch; raises BadInput where they differ in size, as images of a network that takes them as
    they are may.
    """
    import torch

    sizes = {tuple(one.shape[1:]) for one in inputs}
    if len(sizes) > 1:
        (first, second, *_) = sorted(sizes)
        named = " and ".join(f"{width} × {height}" for height, width in (first, second))
        raise BadInput(f"A network that takes images as they are needs them of one size; got {named} px.")
    return torch.stack(list(inputs))


# As torchvision does it with Pillow; its import takes as long as PyTorch's, and an image that is shown need not wait.
def _resized(image: Image.Image, size_px: tuple[int, int], preprocess: Preprocess) -> Image.Image:
    """The image `size_px` (width, height) large."""
    return image.resize(size_px, Image.Resampling[preprocess.interpolation.upper()])


def _levels(image: Image.Image, crop_px: int | None) -> "Tensor":
    """The centre crop (3,H,W) uint8."""
    import torch

    rgb = np.asarray(image)
    if crop_px is not None:
        top, left = (int(round((side - crop_px) / 2.0)) for side in rgb.shape[:2])
        rgb = rgb[top : top + crop_px, left : left + crop_px]
    return torch.from_numpy(rgb.transpose(2, 0, 1).copy())


def to_rgb(pixels: "Tensor") -> np.ndarray:
    """Pixels (B,3,H,W) in [0, 1] rounded to 8 bits, as images (B,H,W,3) uint8."""
    return (pixels * 255).round().byte().permute(0, 2, 3, 1).cpu().contiguous().numpy()


def _decode(data: bytes, name: str, label: int | None, source: str, *, as_people_see: bool) -> LabelledImage:
    name = shown_name(name)
    if label is not None:
        label = whole(f"The label of {name}", label, 0, len(CLASSES) - 1)
    rgb, note = decoded(data, name, as_people_see=as_people_see)
    rgb.setflags(write=False)
    return LabelledImage(rgb, label, name, source, hashlib.sha256(data).hexdigest(), IMAGENET, note)
