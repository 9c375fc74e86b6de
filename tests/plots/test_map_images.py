import numpy as np
import pytest

from robust_core.plots.map_images import (
    AGAINST,
    IN_FAVOUR,
    NOTHING,
    curves_svg,
    heat,
    legend_html,
    overlay,
    scale_limit,
)

GREY = np.full((2, 2, 3), 100, dtype=np.uint8)


def test_the_scale_is_signed_centred_on_white_and_clipped_at_its_ends():
    colours = heat(np.array([[-9.0, -2.0], [0.0, 2.0]]), limit=2)
    np.testing.assert_array_equal(colours, [[AGAINST, AGAINST], [NOTHING, IN_FAVOUR]])
    halves = heat(np.array([[-1.0, 1.0]]), limit=2).astype(int)
    np.testing.assert_allclose(halves[0], (np.array([AGAINST, IN_FAVOUR]) + NOTHING) / 2, atol=1)


def test_the_two_ends_differ_in_lightness_from_the_middle_alike_and_in_blue_and_red():
    """So that a reader who confuses red and green still tells them apart."""
    (against_red, _, against_blue), (favour_red, _, favour_blue) = AGAINST, IN_FAVOUR
    assert favour_red - against_red > 100
    assert against_blue - favour_blue > 100


def test_opacity_goes_from_the_grey_image_to_the_bare_map():
    values = np.ones((2, 2))
    np.testing.assert_array_equal(overlay(GREY, values, 1, 0.0), GREY)
    np.testing.assert_array_equal(overlay(GREY, values, 1, 1.0)[0, 0], IN_FAVOUR)
    assert np.ptp(overlay(GREY, values, 1, 1.0, faded=True)[0, 0]) < np.ptp(IN_FAVOUR) / 3


def test_the_limit_is_the_percentile_of_sizes_over_all_maps():
    maps = [np.array([[-4.0, 0.0]]), np.array([[1.0, 2.0]])]
    assert scale_limit(maps, 100) == 4
    assert scale_limit(maps[1:], 50) == 1.5


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.eye(20) * 1e-6])
def test_a_map_of_little_or_nothing_still_has_a_scale(values):
    assert scale_limit([values], 50) > 0


def test_the_legend_says_what_is_clipped_and_for_whom():
    words = legend_html(0.5, 99, "One scale for all models")
    assert "−0.5 against" in words
    assert "99th percentile" in words
    assert "One scale for all models" in words


def test_the_curves_stay_in_their_frame():
    svg = curves_svg(np.array([0, 1.0]), np.array([1.0, 0]), [(np.array([0.5, 0.5]), np.array([0.2, 0.2]))])
    assert svg.count("<polyline") == 4
    assert "points='2.0,68.0 158.0,2.0'" in svg
