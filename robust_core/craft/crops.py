"""Parts of images, enlarged to the network's input size: what concepts are found in (Fel et al. 2023, section 3.1)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # pages read where a recorded crop was, and need no torch for it
    from torch import Tensor

A_SIDE = 3  # crops along each side of an image, spread evenly from edge to edge


@dataclass(frozen=True)
class Box:
    """A part of an image, in pixels of the model's input."""

    top_px: int
    left_px: int
    height_px: int
    width_px: int


def boxes(height_px: int, width_px: int, fraction: float) -> tuple[Box, ...]:
    """Nine boxes, row by row, whose sides are that fraction of the image's; they overlap where it is above 1/3."""
    tall, wide = max(1, round(fraction * height_px)), max(1, round(fraction * width_px))
    tops, lefts = (_spread(whole - part) for whole, part in ((height_px, tall), (width_px, wide)))
    return tuple(Box(top, left, tall, wide) for top in tops for left in lefts)


def cut(pixels: "Tensor", box: Box) -> "Tensor":
    """That part of every image (B,3,H,W), enlarged to (B,3,H,W) bilinearly."""
    from torch.nn.functional import interpolate

    part = pixels[..., box.top_px : box.top_px + box.height_px, box.left_px : box.left_px + box.width_px]
    return interpolate(part, pixels.shape[2:], mode="bilinear", align_corners=False)


def _spread(free_px: int) -> list[int]:
    return np.linspace(0, free_px, A_SIDE).round().astype(int).tolist()
