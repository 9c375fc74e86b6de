"""Images that are given as arrays, PIL images, file names, ids, or pairs with their labels."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from robust_core.checks import whole
from robust_core.data import is_sample, read, read_file
from robust_core.errors import BadInput
from robust_core.images import LabelledImage
from robust_core.labels import POSITIONS

SOURCE = "given as an array"


def images_in(source: Iterable[Any]) -> list[LabelledImage]:
    """The images in an array or a list; raises BadInput for what is none of the kinds that `load_images` names."""
    return [_image(one, place) for place, one in enumerate(source)]


def _image(one: Any, place: int) -> LabelledImage:
    if isinstance(one, LabelledImage):
        return one
    if isinstance(one, tuple) and len(one) == 2:
        return _with_label(_image(one[0], place), one[1], place)
    if isinstance(one, str) and is_sample(one):
        return read(one)
    if isinstance(one, str | Path):
        return _of_file(Path(one).expanduser())
    if isinstance(one, Image.Image):
        one = np.asarray(one.convert("RGB"))
    return _of_array(one, f"image {place}")


def _of_file(path: Path) -> LabelledImage:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    return read_file(path, None, "a file of yours")


def _with_label(image: LabelledImage, label: Any, place: int) -> LabelledImage:
    return replace(image, label=whole(f"The label of image {place}", label, 0), label_space=POSITIONS)


def _of_array(one: Any, name: str) -> LabelledImage:
    values = one.detach().cpu().numpy() if hasattr(one, "detach") else np.asarray(one)
    if values.ndim != 3 or 3 not in (values.shape[0], values.shape[-1]) or values.size == 0:
        raise BadInput(f"{name} is an array of shape {values.shape}; expected RGB, (H, W, 3) or (3, H, W).")
    first = values.shape[-1] != 3 or (values.shape[0] == 3 and hasattr(one, "detach"))
    rgb, note = _levels(np.moveaxis(values, 0, -1) if first else values, name)
    return LabelledImage.of_pixels(np.ascontiguousarray(rgb), name, SOURCE, decoding_note=note)


def _levels(values: np.ndarray, name: str) -> tuple[np.ndarray, str | None]:
    if values.dtype == np.uint8:
        return values.copy(), None
    if values.dtype.kind != "f":
        raise BadInput(f"{name} holds {values.dtype}; expected uint8, or floats in [0, 1].")
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 1):  # said this way round, NaN fails too
        raise BadInput(
            f"{name} holds floats from {low:.3g} to {high:.3g}; expected pixels in [0, 1], before any normalisation."
        )
    levels = np.rint(values.astype(np.float64) * 255)
    note = None if np.allclose(levels / 255, values, atol=1e-6) else "Its values were rounded to 8 bits."
    return levels.astype(np.uint8), note
