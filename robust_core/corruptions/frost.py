"""Frost: an image of ice laid over the image, from photos where there are any, else from our own procedure."""

from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from robust_core.corruptions.frost_photos import PHOTOS, FrostSource, frost_source
from robust_core.corruptions.procedural_frost import procedural_frost

LOOKS = (0, 1, 1, 2, 3)  # of the procedural frost, one per photo


def draw_frost(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """Three uniform numbers in [0, 1): which overlay, and the row and column of the window cut from it."""
    return (rng.random(3),)


def frost(pixels: Tensor, settings: tuple[float, float], uniform: Tensor) -> Tensor:
    """The weighted sum of the image and a window of a frost overlay."""
    image_weight, frost_weight = settings
    height, width = pixels.shape[-2:]
    source = frost_source()
    windows = torch.stack([_window(source, height, width, *place) for place in uniform.tolist()])
    return image_weight * pixels + frost_weight * (windows.to(pixels) / 255)


def _window(source: FrostSource, height: int, width: int, choice: float, down: float, across: float) -> Tensor:
    """A window (3, height, width), uint8, of one of the five overlays."""
    overlay = _overlay(source, int(choice * len(PHOTOS)), height, width)
    top, left = (
        int(place * (outer - inner))
        for place, outer, inner in zip((down, across), overlay.shape[1:], (height, width), strict=True)
    )
    return overlay[:, top : top + height, left : left + width]


@lru_cache(maxsize=16)
def _overlay(source: FrostSource, number: int, height: int, width: int) -> Tensor:
    """Overlay `number` as (3, h, w), uint8; enlarged where it would not cover an image of (height, width)."""
    photo = (
        Image.open(source.folder / PHOTOS[number]).convert("RGB")
        if source.folder
        else Image.fromarray(procedural_frost(LOOKS[number]))
    )
    scale = max(height / photo.height, width / photo.width)
    if scale > 1:
        photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(photo)).permute(2, 0, 1).contiguous()
