import numpy as np
import pytest
import torch

from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.noise import COPIES, CYCLES, TILE_PX, noise, tiles


def fields():
    return tiles().view(COPIES * len(CYCLES), TILE_PX, TILE_PX)


def test_every_field_has_mean_zero_and_deviation_one():
    assert fields().mean((1, 2)).abs().max() < 1e-5
    assert fields().std((1, 2)).tolist() == pytest.approx([1] * len(fields()), abs=1e-3)


def test_a_higher_band_is_finer():
    roughness = (fields()[: len(CYCLES)].diff(dim=2) ** 2).mean((1, 2))
    assert roughness.diff().min() > 0


def test_fields_wrap_around():
    inside = fields().diff(dim=2).abs().amax((1, 2))
    across = (fields()[:, :, 0] - fields()[:, :, -1]).abs().amax(1)
    assert (across <= inside).all()


def test_noise_repeats_after_one_tile():
    period = 8.0  # 256 px at 32 px per unit
    u = torch.rand(1, 5, 5)
    here, there = (noise(x, u, 1, BatchRng(np.random.default_rng(0), 1), 1.0, 1.0) for x in (u, u + period))
    assert torch.equal(here, there)
