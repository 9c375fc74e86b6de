import colorsys

import numpy as np
import pytest
import torch

from robust_core.mini.batch_rng import BatchRng, mix, rgb


@pytest.mark.parametrize("hue", [0.0, 0.1, 0.25, 0.5, 0.66, 0.9, 1.05, -0.1])
@pytest.mark.parametrize(("saturation", "value"), [(0.0, 0.5), (0.4, 0.9), (1.0, 1.0)])
def test_rgb_equals_colorsys(hue, saturation, value):
    colour = rgb(*(torch.full((1, 1, 1), number) for number in (hue, saturation, value)))
    assert colour.flatten().tolist() == pytest.approx(colorsys.hsv_to_rgb(hue % 1, saturation, value), abs=1e-6)


def test_widening_stretches_a_range_about_its_middle():
    draws = BatchRng(np.random.default_rng(0), 4000, widening=0.5).between(1, 3)
    assert draws.shape == (4000, 1, 1)
    assert draws.min() == pytest.approx(0.5, abs=0.01)
    assert draws.max() == pytest.approx(3.5, abs=0.01)


def test_chance_and_choice_have_their_frequencies():
    draws = BatchRng(np.random.default_rng(0), 10_000)
    assert draws.chance(0.3).float().mean() == pytest.approx(0.3, abs=0.02)
    assert draws.choice((-1.0, 1.0)).unique().tolist() == [-1, 1]


def test_some_are_those_whose_chance_came_up():
    chosen = BatchRng(np.random.default_rng(4), 500).some(0.3)
    chance = BatchRng(np.random.default_rng(4), 500).chance(0.3)
    assert chosen.tolist() == chance.flatten().nonzero().flatten().tolist()
    assert BatchRng(np.random.default_rng(4), 500).some(0.0).shape == (0,)


def test_mix_goes_from_the_first_to_the_second():
    black, white = torch.zeros(1, 3, 1, 1), torch.ones(1, 3, 1, 1)
    share = torch.tensor([[[0.0, 0.25, 1.0]]])
    assert mix(black, white, share)[0, 0].tolist() == [[0.0, 0.25, 1.0]]
