"""Smooth random fields for textures and backgrounds, looked up in a few tiles that are made once."""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from robust_core.mini.batch_rng import BatchRng

TILE_PX = 256
PX_PER_UNIT = 32
CYCLES = (4, 8, 16, 32)  # the cut-off per tile of each band, coarse to fine
COPIES = 3


@cache
def tiles() -> Tensor:
    """Periodic Gaussian fields of mean 0 and deviation 1, flat: copy, band, row and column."""
    rng = np.random.default_rng(3)
    frequency = np.fft.fftfreq(TILE_PX) * TILE_PX
    radius = np.hypot(*np.meshgrid(frequency, frequency))
    fields = []
    for cycles in CYCLES * COPIES:
        low_pass = np.exp(-((radius / cycles) ** 2))
        low_pass[0, 0] = 0  # no constant part: the mean is zero
        field = np.fft.ifft2(np.fft.fft2(rng.normal(size=(TILE_PX, TILE_PX))) * low_pass).real
        fields.append(field / field.std())
    return torch.from_numpy(np.stack(fields).astype(np.float32)).flatten()


def noise(u: Tensor, v: Tensor, band: int, draws: BatchRng, along_u: float | Tensor, along_v: float | Tensor) -> Tensor:
    """A field at the coordinates `u`, `v` (n, H, W), at a random place of a random tile.

    `band` is 0 (coarse) to 3 (fine); `along_u` and `along_v` shrink its features in that direction.
    """
    wrap = TILE_PX - 1  # a power of two less one: "and" is a faster remainder
    column = (u * (along_u * PX_PER_UNIT) + draws.between(0, TILE_PX)).int() & wrap
    row = (v * (along_v * PX_PER_UNIT) + draws.between(0, TILE_PX)).int() & wrap
    tile = draws.rng.integers(COPIES, size=(draws.count, 1, 1), dtype=np.int32) * len(CYCLES) + band
    place = row * TILE_PX + column + torch.from_numpy(tile * TILE_PX**2)
    return tiles().index_select(0, place.flatten()).view_as(place)  # plain indexing takes four times as long
