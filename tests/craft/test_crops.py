"""Which parts of an image are cut out, and what they show."""

import pytest
import torch

from robust_core.craft.crops import Box, boxes, cut


def test_nine_boxes_reach_every_edge():
    found = boxes(64, 64, 0.5)
    assert len(found) == 9
    assert found[0] == Box(0, 0, 32, 32)
    assert found[4] == Box(16, 16, 32, 32)
    assert found[-1] == Box(32, 32, 32, 32)


def test_sides_follow_those_of_the_image():
    found = boxes(20, 60, 0.25)
    assert {(box.height_px, box.width_px) for box in found} == {(5, 15)}
    assert max(box.top_px + box.height_px for box in found) == 20
    assert max(box.left_px + box.width_px for box in found) == 60


def test_a_crop_is_that_part_at_the_size_of_the_image():
    pixels = torch.zeros(1, 3, 8, 8)
    pixels[:, 0, :4, 4:] = 1
    red, black = (cut(pixels, Box(top, 4, 4, 4)) for top in (0, 4))
    assert red.shape == pixels.shape
    assert (red[:, 0] == 1).all()
    assert not black.any()


@pytest.mark.parametrize("slope", [0.01, 0.1])
def test_a_crop_of_a_ramp_is_a_gentler_ramp(slope):
    """Twice as large, so half as steep."""
    pixels = (slope * torch.arange(8.0)).expand(1, 3, 8, 8)
    inner = cut(pixels, Box(2, 2, 4, 4))[0, 0, 4, 1:-1].diff()
    torch.testing.assert_close(inner, torch.full_like(inner, slope / 2))
