"""The noise corruptions: Gaussian, shot, impulse and speckle.

As in every module of this package, a core takes pixels (B, 3, H, W), its severity's settings and its random draws, one
row of each per image; a sampler takes (height, width, generator) and makes the draws of one image.
"""

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

Draws = tuple[np.ndarray, ...]
CELLS = 1024  # of [0, 1) for each level; a power of two, so that a number's cell is exact
HALF_STEP = 2.0**-25  # of the uniform numbers, which are multiples of 2 ** -24


def draw_normal(height: int, width: int, rng: np.random.Generator) -> Draws:
    """One standard normal number for each value of an image."""
    return (rng.standard_normal((3, height, width), dtype=np.float32),)


def draw_uniform(height: int, width: int, rng: np.random.Generator) -> Draws:
    """One uniform number in [0, 1) for each value of an image."""
    return (rng.random((3, height, width), dtype=np.float32),)


def draw_hits_and_colours(height: int, width: int, rng: np.random.Generator) -> Draws:
    """Two uniform numbers in [0, 1) for each value: is it hit, and does it turn white or black?"""
    return (*draw_uniform(height, width, rng), *draw_uniform(height, width, rng))


def gaussian_noise(pixels: Tensor, sigma: float, normal: Tensor) -> Tensor:
    """Add normal noise of standard deviation `sigma`."""
    return pixels + sigma * normal


def speckle_noise(pixels: Tensor, sigma: float, normal: Tensor) -> Tensor:
    """Add normal noise of standard deviation `sigma` times the pixel."""
    return pixels + pixels * (sigma * normal)


def impulse_noise(pixels: Tensor, amount_fraction: float, hit: Tensor, colour: Tensor) -> Tensor:
    """Turn `amount_fraction` of the single channel values into 1 or 0, as often the one as the other."""
    return torch.where(hit <= amount_fraction, (colour <= 0.5).to(pixels), pixels)


def shot_noise(pixels: Tensor, photons: float, uniform: Tensor) -> Tensor:
    """Replace each value by a Poisson count, for `photons` expected in a white pixel.

    The counts are the quantiles of `uniform`, so that the severities share their draws.
    """
    return poisson_quantile((pixels * 255).round(), photons, uniform) / photons


def poisson_quantile(levels: Tensor, photons: float, uniform: Tensor) -> Tensor:
    """The smallest count k with P(Poisson(levels / 255 * photons) <= k) > `uniform`; `levels` are whole, 0 to 255.

    Exact. In nearly all cells of a coarse table of levels and uniform numbers there is only one answer, which is read
    off; the few values in the other cells are searched for.
    """
    ladder, coarse = (table.to(levels.device) for table in _poisson_tables(photons))
    levels = levels.long()
    counts = coarse.take(levels * CELLS + (uniform * CELLS).long())
    open_cell = counts < 0
    counts[open_cell] = _search(ladder, levels[open_cell], uniform[open_cell])
    return counts.to(uniform)


def _search(ladder: Tensor, levels: Tensor, uniform: Tensor) -> Tensor:
    """`poisson_quantile` by binary search; `ladder` is that of `_poisson_tables`."""
    rungs = torch.searchsorted(ladder, levels.double() + uniform, right=True)
    return (rungs - levels * (len(ladder) // 256)).int()


@lru_cache(maxsize=8)
def _poisson_tables(photons: float) -> tuple[Tensor, Tensor]:
    """The ladder: 256 distribution functions on top of each other, that of level g raised by g; and the coarse table.

    Only 256 rates exist. Raised, their functions are one ascending sequence, in which one binary search serves all
    pixels. The coarse table (256 * CELLS) holds the count that a whole cell of uniform numbers has in common, or -1.
    """
    most = int(photons + 12 * math.sqrt(photons) + 20)
    level = torch.arange(256, dtype=torch.float64)[:, None]
    below_or_equal = torch.special.gammaincc(torch.arange(1, most + 1, dtype=torch.float64), level / 255 * photons)
    below_or_equal[:, -1] = 1
    ladder = (level + below_or_equal).flatten()
    edges = torch.arange(CELLS, dtype=torch.float64) / CELLS
    grid = level.long().expand(-1, CELLS)
    first, last = (_search(ladder, grid, edge.expand(256, -1)) for edge in (edges, edges + 1 / CELLS - HALF_STEP))
    return ladder, torch.where(first == last, first, -1).flatten()
