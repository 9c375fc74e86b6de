"""Caustic refraction of ImageNet-C-bar: the image on the ground of moving water."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from robust_core.corruptions.filters import gaussian_filter, pixel_grid

REFRACTION = 4.0
UPRIGHT = 1e-3  # cosines this close to 1 do not refract
SOFTENING_PX = 1.0


def draw_water(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """Time (0.5 to 2), and the length after which the water repeats (0.75 to 1.25 shorter sides)."""
    return (rng.uniform((0.5, 0.75), (2, 1.25)),)


def caustic_refraction(pixels: Tensor, level: float, water: Tensor) -> Tensor:
    """Read each pixel where its ray arrives, up to 0.05 * `level` shorter sides away and black outside the image, and
    light it by the slope of the water, 0.2 * `level` of it.
    """
    surface = F.pad(_water(pixels, water), (1, 1, 1, 1))  # 0 outside, as in the reference: the edges are steep
    down = surface[..., 2:, 1:-1] - surface[..., :-2, 1:-1]
    across = surface[..., 1:-1, 2:] - surface[..., 1:-1, :-2]
    steepness = torch.hypot(down, across)
    tilt = steepness.atan()
    bent = (tilt - (tilt.sin() / REFRACTION).asin()).sin()
    reach = torch.where(tilt.cos() >= 1 - UPRIGHT, 0, 0.05 * level * min(pixels.shape[-2:]) * bent)
    unit = reach / steepness.clamp_min(torch.finfo(steepness.dtype).tiny)
    moved = _read(pixels.double(), down * unit, across * unit)
    return (moved + 0.2 * level * (down - across)).to(pixels)


def _water(pixels: Tensor, water: Tensor) -> Tensor:
    """The brightness (B, 1, H, W) of caustics: where waves that turn about each other meet."""
    time, size = water[..., None, None].unbind(1)
    shorter = min(pixels.shape[-2:])
    start = [
        (places / (size * shorter)).remainder(1) * (2 * math.pi) - 250 for places in pixel_grid(pixels, torch.float64)
    ]
    down, across = start
    total = torch.ones_like(down + across)
    for number in range(5):
        now = time * (1 - 3.5 / (number + 1))
        down, across = (
            start[0] + (now - down).cos() + (now + across).sin(),
            start[1] + (now - across).sin() + (now + down).cos(),
        )
        total += 200 / torch.hypot(start[0] / (down + now).sin(), start[1] / (across + now).cos())
    brightness = ((1.17 - (total / 5) ** 1.4).abs() ** 8).clamp(0, 1)[:, None]
    return gaussian_filter(brightness, SOFTENING_PX, border="reflect")


def _read(pixels: Tensor, down_px: Tensor, across_px: Tensor) -> Tensor:
    """Bilinear values `down_px` and `across_px` (B, 1, H, W) away, in thousandths of a px as in the reference; 0
    outside.
    """
    height, width = pixels.shape[-2:]
    rows, columns = pixel_grid(pixels)
    places = [columns + across_px.mul(1000).round().div(1000), rows + down_px.mul(1000).round().div(1000)]
    grid = torch.stack(
        [place[:, 0] * 2 / (side - 1) - 1 for place, side in zip(places, (width, height), strict=True)], -1
    )
    return F.grid_sample(pixels, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
