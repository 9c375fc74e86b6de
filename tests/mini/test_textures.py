import numpy as np
import pytest
import torch

from robust_core.mini.batch_rng import BatchRng
from robust_core.mini.shapes import CATEGORIES
from robust_core.mini.textures import TEXTURES, surface

AXIS = torch.linspace(-1, 1, 48)
V, U = (plane.expand(6, -1, -1) for plane in torch.meshgrid(AXIS, AXIS, indexing="ij"))


def painted(index, seed=0):
    return surface(index, U, V, BatchRng(np.random.default_rng(seed), 6))


def test_every_category_has_a_texture():
    assert len(TEXTURES) == len(set(TEXTURES)) == len(CATEGORIES)


@pytest.mark.parametrize("index", range(len(CATEGORIES)), ids=[texture.__name__ for texture in TEXTURES])
def test_a_texture_is_a_colour_pattern_in_range(index):
    colours = painted(index)
    assert colours.shape == (6, 3, 48, 48)
    assert colours.min() > -1e-5
    assert colours.max() < 1 + 1e-5
    assert colours.std((2, 3)).amax(1).min() > 0.02, "a texture is more than one colour"


@pytest.mark.parametrize("index", range(len(CATEGORIES)), ids=[texture.__name__ for texture in TEXTURES])
def test_a_texture_depends_on_its_draws_alone(index):
    assert torch.equal(painted(index), painted(index))
    assert not torch.equal(painted(index), painted(index, seed=1))
