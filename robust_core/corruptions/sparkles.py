"""The stars of ImageNet-C-bar: five small bright ones, or the image seen within one and white around it."""

import math

import numpy as np
import torch
from torch import Tensor

from robust_core.corruptions.filters import pixel_grid

STARS = 5
FEWEST_RAYS, MOST_RAYS = 50, 199
LENGTH_SPREAD = 0.25  # standard deviation of the rays' lengths, as a share of their mean

Stars = tuple[np.ndarray, np.ndarray, np.ndarray]


def draw_stars(height: int, width: int, rng: np.random.Generator) -> Stars:
    """Of five stars: centres (5, 2) as shares of height and width, how many rays, and standard normal numbers for
    their lengths.
    """
    return _draw(rng, STARS, 0, 1)


def draw_one_star(height: int, width: int, rng: np.random.Generator) -> Stars:
    """The same of one star, whose centre lies in the middle half of each side."""
    return _draw(rng, 1, 0.25, 0.75)


def _draw(rng: np.random.Generator, stars: int, low: float, high: float) -> Stars:
    counts = rng.integers(FEWEST_RAYS, MOST_RAYS + 1, stars)
    return rng.uniform(low, high, (stars, 2)), counts, rng.standard_normal((stars, MOST_RAYS))


def sparkles(pixels: Tensor, level: float, centres: Tensor, counts: Tensor, normal: Tensor) -> Tensor:
    """Blend five stars of radius 0.01 * `level` shorter sides into white, one after the other."""
    radius_px = 0.01 * level * min(pixels.shape[-2:])
    lengths = (radius_px * (1 + LENGTH_SPREAD * normal)).clamp_min(1)
    darkness = 1 - pixels
    for star in range(STARS):
        darkness = darkness * (1 - _glow(pixels, centres[:, star], counts[:, star], lengths[:, star], 1))
    return 1 - darkness


def inverse_sparkles(pixels: Tensor, level: float, centres: Tensor, counts: Tensor, normal: Tensor) -> Tensor:
    """Fade to white away from one star of a quarter of the shorter side; the faster, the higher `level`."""
    lengths = 0.25 * min(pixels.shape[-2:]) * (1 + LENGTH_SPREAD * normal)
    return 1 - (1 - pixels) * _glow(pixels, centres[:, 0], counts[:, 0], lengths[:, 0], 0.13 * level)


def _glow(pixels: Tensor, centre: Tensor, count: Tensor, lengths_px: Tensor, exponent: float) -> Tensor:
    """A star's brightness (B, 1, H, W) in [0, 1]: (ray length / distance) ** (2 * `exponent`), a little more along the
    middle of a ray than beside it.
    """
    rows, columns = pixel_grid(pixels)
    middle = (centre * centre.new_tensor(pixels.shape[-2:])).to(pixels)[..., None, None]
    down, across = rows - middle[:, 0], columns - middle[:, 1]
    count, lengths_px = count[:, None], lengths_px.to(pixels)
    turns = ((torch.atan2(across, down) + math.pi) / (2 * math.pi)).flatten(1) * count
    ray = turns.floor()
    beside = turns - ray
    first, second = (lengths_px.gather(1, place.long() % count) for place in (ray, ray + 1))
    length = torch.lerp(first, second, beside).view_as(down)
    glow = (length**2 / (down**2 + across**2 + 1e-4)) ** exponent
    return ((1 - (beside - 0.5) ** 2).view_as(down) * glow).clamp(0, 1)[:, None]
