"""The 256 levels of an 8-bit image: rounding to them, cutting down to them, and the way through Pillow."""

from collections.abc import Iterable

import numpy as np
import torch
from PIL import Image
from torch import Tensor

# The reference cuts float64 values down to whole levels. A float32 value that should be exactly a whole level may lie
# a little below it; this allowance, in levels, keeps it from losing one.
FLOAT32_SLACK = 2e-4


def rounded(pixels: Tensor) -> Tensor:
    """`pixels` in [0, 1] at the nearest of the 256 levels, still float in [0, 1]."""
    return (pixels * 255).round_().div_(255)


def truncated(pixels: Tensor) -> Tensor:
    """`pixels`, clipped to [0, 1], at the level below, as NumPy's cast to uint8 does; still float in [0, 1]."""
    return pixels.clamp(0, 1).mul_(255).add_(FLOAT32_SLACK).floor_().div_(255)


def to_pillow(pixels: Tensor) -> list[Image.Image]:
    """One 8-bit RGB image for each of `pixels` (B, 3, H, W) in [0, 1], rounded to levels."""
    levels = (pixels * 255).round_().byte().cpu().numpy()
    return [Image.merge("RGB", [Image.fromarray(band) for band in image]) for image in levels]


def from_pillow(images: Iterable[Image.Image], like: Tensor) -> Tensor:
    """The inverse of `to_pillow`: (B, 3, H, W) in [0, 1] with the dtype and device of `like`."""
    levels = np.stack([[np.asarray(band) for band in image.split()] for image in images])
    return torch.from_numpy(levels).to(like).div_(255)
