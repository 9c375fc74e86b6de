import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torchvision.transforms.v2 import functional as torchvision_functional

from robust_core.cue_conflict.distortions import distort
from robust_core.errors import BadInput, UnknownName
from robust_core.input_filters.filters import FILTERS, filtered
from robust_core.input_filters.table import INPUT_FILTERS, MOST_STRENGTHS, get_filter

ROWS = pytest.mark.parametrize("row", INPUT_FILTERS.values(), ids=INPUT_FILTERS)


def pixels_of(height_px: int = 40, width_px: int = 56, seed: int = 0) -> torch.Tensor:
    return torch.rand(2, 3, height_px, width_px, generator=torch.Generator().manual_seed(seed))


# The contract of the table.


@ROWS
def test_every_row_is_complete_and_its_own_strengths_are_in_order(row):
    assert row.title
    assert row.sentence.endswith(".")
    assert row.source
    assert row.checked(row.strengths) == row.strengths
    assert row.off not in row.strengths
    assert row.key in FILTERS


def test_every_filter_has_a_row():
    assert set(FILTERS) == set(INPUT_FILTERS)


@ROWS
def test_pixels_stay_pixels_and_neighbours_do_not_matter(row):
    pixels = pixels_of()
    before = pixels.clone()
    for strength in (row.lowest, *row.strengths, row.highest):
        seen = filtered(pixels, row.key, strength)
        assert seen.shape == pixels.shape
        assert seen.dtype == torch.float32
        assert 0 <= seen.min() <= seen.max() <= 1
        torch.testing.assert_close(seen[1:], filtered(pixels[1:], row.key, strength))
    assert torch.equal(pixels, before)


@ROWS
def test_switched_off_the_very_same_tensor_comes_back(row):
    pixels = pixels_of()
    assert filtered(pixels, row.key, None) is pixels
    if row.off is not None:
        assert filtered(pixels, row.key, row.off) is pixels


@pytest.mark.parametrize("row", [INPUT_FILTERS[key] for key in ("blur", "low_resolution")], ids=lambda row: row.key)
@pytest.mark.parametrize("size_px", [(64, 64), (33, 47)])
def test_a_constant_image_is_unchanged(row, size_px):
    colour = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1).expand(1, 3, *size_px)
    for strength in (*row.strengths, row.highest):
        torch.testing.assert_close(filtered(colour, row.key, strength), colour, atol=2e-6, rtol=0)


def test_of_a_constant_image_a_high_pass_leaves_the_mean_grey():
    seen = filtered(torch.full((1, 3, 40, 40), 0.8), "high_pass", 2.0)
    torch.testing.assert_close(seen, torch.full((1, 3, 40, 40), 0.4423), atol=1e-6, rtol=0)


def test_a_grey_image_stays_as_it_is_without_colours():
    grey = pixels_of()[:, :1].expand(-1, 3, -1, -1)
    torch.testing.assert_close(filtered(grey, "grey", 1.0), grey, atol=1e-6, rtol=0)


# Against other libraries, and against what the project had before.


@pytest.mark.parametrize("sigma_px", [0.25, 0.5, 1.0, 2.5, 4.0, 20.0])
def test_a_blur_is_scipy_s(sigma_px):
    pixels = pixels_of()
    expected = ndimage.gaussian_filter(pixels.numpy(), sigma_px, axes=(2, 3))
    np.testing.assert_allclose(filtered(pixels, "blur", sigma_px).numpy(), expected, atol=1e-6)


def test_inside_a_blur_is_torchvision_s_which_has_other_borders():
    pixels, sigma_px = pixels_of(64, 64), 1.5
    radius_px = int(4 * sigma_px + 0.5)
    expected = torchvision_functional.gaussian_blur(pixels, [2 * radius_px + 1] * 2, [sigma_px] * 2)
    inside = (..., slice(radius_px, -radius_px), slice(radius_px, -radius_px))
    torch.testing.assert_close(filtered(pixels, "blur", sigma_px)[inside], expected[inside], atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("key", "distortion", "strengths"),
    [("blur", "low_pass", (0.5, 3.0)), ("high_pass", "high_pass", (0.5, 3.0)), ("grey", "greyscale", (0.25, 1.0))],
)
def test_a_filter_does_what_removing_a_cue_does(key, distortion, strengths):
    pixels = pixels_of()
    for strength in strengths:
        expected = distort(pixels, distortion, strength)
        torch.testing.assert_close(filtered(pixels, key, strength), expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_low_resolution_is_pillow_s_resize_down_and_up(factor):
    pixels = pixels_of(48, 64)
    for channel, seen in zip(pixels[0].numpy(), filtered(pixels, "low_resolution", factor)[0].numpy(), strict=True):
        small = Image.fromarray(channel).resize((int(64 / factor), int(48 / factor)), Image.Resampling.BILINEAR)
        expected = np.asarray(small.resize((64, 48), Image.Resampling.BILINEAR))
        np.testing.assert_allclose(seen, expected, atol=2e-3)


# What theory says.


@pytest.mark.parametrize("half_waves", [3, 9, 20])
@pytest.mark.parametrize("sigma_px", [1.0, 2.0])
def test_a_blur_damps_a_wave_as_a_gaussian_does(half_waves, sigma_px):
    """Cosines that are mirrored at the borders come back smaller by exp(-σ²ω²/2)."""
    side_px = 64
    omega = math.pi * half_waves / side_px
    wave = torch.cos(omega * (torch.arange(side_px) + 0.5)).expand(1, 3, side_px, side_px)
    seen = filtered(0.5 + 0.4 * wave, "blur", sigma_px)
    gain = math.exp(-(sigma_px**2) * omega**2 / 2)
    torch.testing.assert_close(seen, 0.5 + 0.4 * gain * wave, atol=3e-4, rtol=0)


def test_two_blurs_are_one_of_the_summed_variance():
    pixels = pixels_of()
    twice = filtered(filtered(pixels, "blur", 1.5), "blur", 2.0)
    torch.testing.assert_close(twice, filtered(pixels, "blur", 2.5), atol=2e-3, rtol=0)


@ROWS
def test_gradients_go_through(row):
    pixels = (0.25 + 0.5 * pixels_of(24, 24)).double()
    strength = row.strengths[len(row.strengths) // 2]
    assert torch.autograd.gradcheck(
        lambda one: filtered(one, row.key, strength), pixels[:1, :, :8, :8].requires_grad_(), atol=1e-4
    )


# Misuse.


def test_what_is_no_strength_is_refused():
    blur = get_filter("blur")
    assert blur.checked([2, 1.0, 0, 1]) == (1.0, 2.0), "in order, each once, without the one that is off"
    for wrong in ([-1], [21], ["1"], [math.nan], [True]):
        with pytest.raises(BadInput, match="σ, px of blur must be a number from 0 to 20"):
            blur.checked(wrong)
    with pytest.raises(BadInput, match="from 1 to 50 strengths"):
        blur.checked([0])
    with pytest.raises(BadInput, match="got 51"):
        blur.checked([one / 10 for one in range(1, MOST_STRENGTHS + 2)])
    with pytest.raises(UnknownName, match="no filter called 'sunglasses'"):
        get_filter("sunglasses")


def test_a_high_pass_is_the_weaker_the_larger_its_sigma():
    assert get_filter("high_pass").checked([1, 8, 2]) == (8.0, 2.0, 1.0)
    pixels = pixels_of()
    changes = [(filtered(pixels, "high_pass", one) - pixels).abs().mean() for one in (8.0, 2.0, 0.5)]
    assert changes == sorted(changes)


def test_a_strength_in_words():
    assert [get_filter(key).at(2.0) for key in ("blur", "low_resolution")] == ["σ 2 px", "factor 2"]
    assert get_filter("grey").at(0.5) == "50% of colour removed"
    assert get_filter("blur").at(None) == "no filter"
