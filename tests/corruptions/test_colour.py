import colorsys

import numpy as np
import pytest
import torch

from robust_core.corruptions.colour import brightness, contrast, saturate


@pytest.fixture
def colours() -> np.ndarray:
    """(1000, 3) in [0, 1]: random colours, with black, white, greys and primaries among them."""
    colours = np.random.default_rng(0).random((1000, 3))
    colours[:10] = np.linspace(0, 1, 10)[:, None]
    colours[10:16] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]]
    return colours


def through_hsv(colours, change):
    return np.array([colorsys.hsv_to_rgb(*change(*colorsys.rgb_to_hsv(*colour))) for colour in colours])


def as_image(colours):
    return torch.from_numpy(colours.T.reshape(1, 3, 25, 40))


def as_colours(pixels):
    return pixels.numpy().reshape(3, -1).T


@pytest.mark.parametrize("delta", [-0.3, 0.1, 0.5])
def test_brightness_is_value_in_hsv(delta, colours):
    expected = through_hsv(colours, lambda h, s, v: (h, s, min(max(v + delta, 0), 1)))
    assert np.allclose(as_colours(brightness(as_image(colours), delta)), expected, atol=1e-6)


@pytest.mark.parametrize("settings", [(0.3, 0), (2, 0), (5, 0.1), (20, 0.2)])
def test_saturate_is_saturation_in_hsv(settings, colours):
    factor, added = settings
    expected = through_hsv(colours, lambda h, s, v: (h, min(max(s * factor + added, 0), 1), v))
    assert np.allclose(as_colours(saturate(as_image(colours), settings)), expected, atol=1e-6)


def test_saturate_paints_grey_red_only_where_saturation_is_added():
    grey = torch.full((1, 3, 32, 32), 0.5)
    assert torch.equal(saturate(grey, (2, 0)), grey)
    assert saturate(grey, (20, 0.2))[0, :, 0, 0].tolist() == pytest.approx([0.5, 0.4, 0.4])


def test_contrast_keeps_the_mean_of_each_channel(colours):
    pixels = as_image(colours)
    assert torch.allclose(contrast(pixels, 0.3).mean((2, 3)), pixels.mean((2, 3)))
    assert torch.allclose(contrast(pixels, 0.3).std((2, 3)), 0.3 * pixels.std((2, 3)))
