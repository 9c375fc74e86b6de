"""Edits of an object whose mask is known: it goes where it is sent, and nothing else changes."""

import pytest
import torch
from torch import Tensor

from robust_core.edits.object_edit import SCENE_BACKGROUNDS, UNEDITED, ObjectEdit
from robust_core.mini.object_edits import edited_image
from robust_core.mini.scene_config import CLEAN, WORLDS
from robust_core.mini.world import single_image

SEEDS = range(6)


def drawn(edit, seed, config=CLEAN, category=3):
    return edited_image(category, category, config, seed, edit)


def moments(mask: Tensor) -> tuple[float, float, float]:
    """Centre (x, y) in px and area in px² of one mask."""
    at = torch.arange(64.0) + 0.5
    area = mask.sum()
    return float((mask[0].sum(0) * at).sum() / area), float((mask[0].sum(1) * at).sum() / area), float(area)


@pytest.mark.parametrize("scene", WORLDS)
def test_no_edit_is_the_image_itself_bit_for_bit(scene):
    for seed in range(24):
        shape, texture = seed % 16, 5 * seed % 16
        known = single_image(shape, texture, WORLDS[scene], seed)
        found = edited_image(shape, texture, WORLDS[scene], seed, UNEDITED)
        for field in ("pixels", "shape", "texture", "second", "mask"):
            assert torch.equal(getattr(found, field), getattr(known, field)), (seed, field)


@pytest.mark.parametrize(("right_px", "down_px"), [(5, 0), (0, -4), (-3, 6)])
def test_a_whole_number_of_pixels_moves_the_mask_by_them(right_px, down_px):
    for seed in SEEDS:
        before = drawn(ObjectEdit(zoom=0.6), seed)
        after = drawn(ObjectEdit(zoom=0.6, right_percent=100 * right_px / 64, down_percent=100 * down_px / 64), seed)
        moved = torch.roll(before.mask, (down_px, right_px), (1, 2))
        torch.testing.assert_close(after.mask, moved, atol=2e-3, rtol=0)


def test_a_zoom_scales_the_area_by_its_square_about_the_object_s_own_centre():
    for seed in SEEDS:
        x, y, area = moments(drawn(ObjectEdit(zoom=0.8), seed).mask)
        small_x, small_y, small_area = moments(drawn(ObjectEdit(zoom=0.4), seed).mask)
        assert small_area == pytest.approx(area / 4, rel=0.04)
        assert abs(small_x - x) < 2
        assert abs(small_y - y) < 2


def test_a_rotation_keeps_the_area_and_two_halves_of_a_turn_are_none():
    for seed in SEEDS:
        plain, turned = (drawn(ObjectEdit(zoom=0.6, rotation_degrees=by), seed) for by in (0, 90))
        assert moments(turned.mask)[2] == pytest.approx(moments(plain.mask)[2], rel=0.03)
        whole = drawn(ObjectEdit(zoom=0.6, rotation_degrees=360), seed)
        torch.testing.assert_close(whole.mask, plain.mask, atol=2e-3, rtol=0)
        assert (turned.mask - plain.mask).abs().max() > 0.5


def test_a_rotation_is_clockwise():
    """What lay to the right of the object's centre lies below it after a quarter."""
    for seed in SEEDS:
        plain, turned = (drawn(ObjectEdit(zoom=0.5, rotation_degrees=by), seed).mask[0] for by in (0, 90))
        candidates = {quarters: torch.rot90(plain, quarters) for quarters in (-1, 1)}  # -1 is clockwise
        about_its_middle = {quarters: _overlap(turned, one) for quarters, one in candidates.items()}
        assert about_its_middle[-1] > about_its_middle[1], seed


def _overlap(first: Tensor, second: Tensor) -> float:
    """The most that two masks share when one is shifted over the other."""
    spectrum = torch.fft.fft2(first) * torch.fft.fft2(second).conj()
    return float(torch.fft.ifft2(spectrum).real.max())


@pytest.mark.parametrize("edit", [ObjectEdit(hue_degrees=120), ObjectEdit(zoom=0.5), ObjectEdit(right_percent=14)])
def test_what_lies_outside_the_object_and_its_shadow_stays_as_it_was(edit):
    for seed in SEEDS:
        before, after = drawn(UNEDITED, seed), drawn(edit, seed)
        near = torch.maximum(before.mask, after.mask)[:, None]
        near = torch.nn.functional.max_pool2d(near, 9, 1, 4)[:, 0] > 0
        assert torch.equal(before.pixels.masked_fill(near[:, None], 0), after.pixels.masked_fill(near[:, None], 0))
        assert (before.pixels - after.pixels).abs().max() > 0.05


def test_a_turn_of_the_hue_changes_no_mask_and_three_thirds_of_it_are_none():
    for seed in SEEDS:
        before, after, round_ = (drawn(ObjectEdit(hue_degrees=by), seed) for by in (0, 120, 360))
        assert torch.equal(before.mask, after.mask)
        assert (before.pixels - round_.pixels).abs().max() <= 1 / 255 + 1e-6


@pytest.mark.parametrize("kind", SCENE_BACKGROUNDS)
def test_another_background_leaves_what_the_object_covers(kind):
    for seed in SEEDS:
        before, after = drawn(UNEDITED, seed), drawn(ObjectEdit(background=kind), seed)
        assert torch.equal(before.mask, after.mask)
        covered = (before.mask == 1)[:, None].expand_as(before.pixels)
        assert torch.equal(before.pixels[covered], after.pixels[covered])
        assert (before.pixels - after.pixels)[~covered].abs().max() > 0.05


def test_the_random_numbers_of_everybody_else_stay_as_they_were():
    torch.manual_seed(7)
    state = torch.get_rng_state()
    drawn(ObjectEdit(zoom=0.5, background="clutter"), 1)
    assert torch.equal(torch.get_rng_state(), state)
