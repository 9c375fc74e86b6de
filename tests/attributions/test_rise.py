import pytest
import torch

from robust_core.attributions.rise import random_mask
from tests.attributions.networks import blob, map_of, red_finder

SHAPE = (64, 48)


def test_a_mask_lies_between_hidden_and_visible_and_is_its_own_seeds():
    mask = random_mask(SHAPE, 7, 0.5, seed=1, place=3)
    assert mask.shape == (1, *SHAPE)
    assert 0 <= mask.min() <= mask.max() <= 1
    assert torch.equal(mask, random_mask(SHAPE, 7, 0.5, seed=1, place=3))
    assert not torch.equal(mask, random_mask(SHAPE, 7, 0.5, seed=1, place=4))


@pytest.mark.parametrize("visible_fraction", [0.2, 0.5, 0.8])
def test_masks_show_their_fraction_everywhere(visible_fraction):
    mean = torch.stack([random_mask((24, 24), 6, visible_fraction, 0, place) for place in range(600)]).mean(0)
    assert (mean - visible_fraction).abs().max() < 0.08


def test_the_map_is_near_zero_far_from_all_evidence():
    found = map_of(red_finder(), blob(0, 0), "rise", masks=2000, cells=4)
    assert found[:2, :2].mean() > 5 * found[5:, 5:].abs().mean()


def test_masks_are_cut_at_every_shift_and_never_short():
    assert all(random_mask((9, 9), 4, 0.5, 0, place).shape == (1, 9, 9) for place in range(50))
