from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.errors import BadInput
from robust_core.mini.scene_config import CLEAN, HARD, WIDE, WORLDS
from robust_core.mini.world import SIDE_PX, compose, join, single_image

CAT, CLOCK, TRUCK = 7, 9, 15


@pytest.mark.parametrize("config", WORLDS.values(), ids=WORLDS)
def test_an_image_is_what_it_says(config):
    one = single_image(CAT, CLOCK, config, seed=3)
    assert one.pixels.shape == (1, 3, SIDE_PX, SIDE_PX)
    assert one.pixels.dtype == torch.float32
    assert one.pixels.min() >= 0
    assert one.pixels.max() <= 1
    assert (one.shape.tolist(), one.texture.tolist()) == ([CAT], [CLOCK])
    assert one.mask.max() > 0.9


def test_the_same_seed_gives_the_same_image_and_another_another():
    first, again, other = (single_image(CAT, CAT, WIDE, seed).pixels for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_another_texture_keeps_the_scene_and_the_pose():
    calm = replace(CLEAN, occluder_fraction=0.0)
    cat, clock = (single_image(CAT, texture, calm, seed=5) for texture in (CAT, CLOCK))
    assert torch.equal(cat.mask, clock.mask)
    outside = cat.mask[0] == 0
    change = (cat.pixels - clock.pixels)[0].abs().amax(0)
    assert change[outside].max() == 0
    assert change[~outside].mean() > 0.05


def test_drawing_leaves_the_global_random_numbers_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    single_image(TRUCK, TRUCK, HARD, seed=0)
    assert torch.equal(torch.rand(3), expected)


def test_objects_are_in_front_of_the_background():
    """On a flat ground without shadow, light or camera, the mask and the image agree on where the object is."""
    bare = replace(CLEAN, backgrounds=("flat",), occluder_fraction=0.0, texture_contrast=(1.0, 1.0))
    one = single_image(TRUCK, TRUCK, bare, seed=2)
    ground = one.pixels[0, :, 0, 0]
    distance = (one.pixels[0] - ground[:, None, None]).abs().amax(0)
    assert distance[one.mask[0] > 0.9].mean() > 4 * distance[one.mask[0] == 0].mean()


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_a_second_object_is_there_or_not(fraction):
    shape = np.zeros(32, np.int64)
    images = compose(shape, shape, replace(WIDE, second_object_fraction=fraction), np.random.default_rng(0))
    assert ((images.second >= 0) == bool(fraction)).all()


def test_joining_and_indexing_keep_the_parts_together():
    parts = [single_image(CAT, CLOCK, CLEAN, 0), single_image(TRUCK, CAT, CLEAN, 1)]
    both = join(parts)
    assert len(both) == 2
    assert torch.equal(both[1:].pixels, parts[1].pixels)
    assert both[1:].shape.tolist() == [TRUCK]


@pytest.mark.parametrize(("shape", "texture", "seed"), [(16, 0, 0), (-1, 0, 0), (0, 16, 0), (0, 0, -1)])
def test_what_cannot_be_drawn_is_refused(shape, texture, seed):
    with pytest.raises(BadInput):
        single_image(shape, texture, CLEAN, seed)
