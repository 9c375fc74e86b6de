"""Frost: an image of ice laid over the image, from photos where there are any, else from our own procedure.

The reference's photos have no stated author or licence, so they are not part of this project. They are read where they
lie: in the folder frost/ of the user's data, or in an installed imagecorruptions package.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from robust_core.corruptions.procedural_frost import procedural_frost
from robust_core.settings import data_dir

# The reference draws among these five and never reaches its sixth. The second and third photo are the same image.
PHOTOS = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")
LOOKS = (0, 1, 1, 2, 3)  # of the procedural frost, one per photo
PROCEDURAL_FROST = "procedural frost"


def draw_frost(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """Three uniform numbers in [0, 1): which overlay, and the row and column of the window cut from it."""
    return (rng.random(3),)


def frost(pixels: Tensor, settings: tuple[float, float], uniform: Tensor) -> Tensor:
    """The weighted sum of the image and a window of a frost overlay."""
    image_weight, frost_weight = settings
    height, width = pixels.shape[-2:]
    _, folder = _photo_folder()
    windows = torch.stack([_window(folder, height, width, *place) for place in uniform.tolist()])
    return image_weight * pixels + frost_weight * (windows.to(pixels) / 255)


def frost_source() -> str:
    """Which overlays `frost` uses now, to be shown beside the image; PROCEDURAL_FROST when there are no photos."""
    return _photo_folder()[0]


def _photo_folder() -> tuple[str, Path | None]:
    """Where the five photos are, and in words."""
    data, package = data_dir(), find_spec("imagecorruptions")
    candidates = [("frost photos of the data folder", data / "frost")] if data else []
    if package and package.submodule_search_locations:  # found but not imported: the import fails on some machines
        candidates.append(("frost photos of imagecorruptions", Path(package.submodule_search_locations[0]) / "frost"))
    complete = (place for place in candidates if all((place[1] / photo).is_file() for photo in PHOTOS))
    return next(complete, (PROCEDURAL_FROST, None))


def _window(folder: Path | None, height: int, width: int, choice: float, down: float, across: float) -> Tensor:
    """A window (3, height, width), uint8, of one of the five overlays."""
    overlay = _overlay(folder, int(choice * len(PHOTOS)), height, width)
    top, left = (
        int(place * (outer - inner))
        for place, outer, inner in zip((down, across), overlay.shape[1:], (height, width), strict=True)
    )
    return overlay[:, top : top + height, left : left + width]


@lru_cache(maxsize=16)
def _overlay(folder: Path | None, number: int, height: int, width: int) -> Tensor:
    """Overlay `number` as (3, h, w), uint8; enlarged where it would not cover an image of (height, width)."""
    photo = (
        Image.open(folder / PHOTOS[number]).convert("RGB")
        if folder
        else Image.fromarray(procedural_frost(LOOKS[number]))
    )
    scale = max(height / photo.height, width / photo.width)
    if scale > 1:
        photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(photo)).permute(2, 0, 1).contiguous()
