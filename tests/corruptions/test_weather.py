import math

import numpy as np
import pytest
import torch

from robust_core.corruptions import CORRUPTIONS
from robust_core.corruptions.levels import truncated
from robust_core.corruptions.weather import diamond_square, draw_snow, fog, snow
from tests.corruptions.conftest import as_levels, as_pixels

ndimage = pytest.importorskip("scipy.ndimage")


def smear(levels: np.ndarray, radius_px: int, sigma_px: float, angle_deg: float) -> np.ndarray:
    """ImageMagick's motion blur, tap by tap."""
    taps = 2 * radius_px + 1
    end_down, end_across = taps * math.sin(math.radians(angle_deg)), taps * math.cos(math.radians(angle_deg))
    length = math.hypot(end_down, end_across)
    weights = [math.exp(-(i**2) / (2 * sigma_px**2)) for i in range(taps)]
    padded = np.pad(levels, taps, mode="edge")
    total = np.zeros(levels.shape)
    for i, weight in enumerate(weights):
        top, left = taps + math.ceil(i * end_down / length - 0.5), taps + math.ceil(i * end_across / length - 0.5)
        total += weight / sum(weights) * padded[top : top + len(levels), left : left + levels.shape[1]]
    return np.rint(total)


def snow_with_scipy(image: np.ndarray, settings, normal: np.ndarray, angle_deg: float) -> np.ndarray:
    mean, spread, zoom, threshold, radius_px, sigma_px, mix = settings
    inner = math.ceil(224 / zoom)
    start = (224 - inner) // 2
    layer = ndimage.zoom((mean + spread * normal)[start : start + inner, start : start + inner], zoom, order=1)
    trim = (len(layer) - 224) // 2
    layer = layer[trim : trim + 224, trim : trim + 224]
    layer = np.trunc(np.where(layer < threshold, 0, layer).clip(0, 1) * 255)
    layer = smear(layer, radius_px, sigma_px, angle_deg)[..., None] / 255
    pixels = (image / 255).astype(np.float32)
    grey = (pixels @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    whitened = mix * pixels + (1 - mix) * np.maximum(pixels, 1.5 * grey + 0.5)
    return np.trunc((whitened + layer + np.rot90(layer, 2)).clip(0, 1) * 255).astype(int)


def test_snow_is_the_one_made_with_scipy_for_200_seeds(photos):
    settings = CORRUPTIONS["snow"].settings
    for seed in range(200):
        photo, setting = photos[seed % 3], settings[seed % 5]
        normal, angle_deg = draw_snow(224, 224, np.random.default_rng(seed))
        ours = truncated(
            snow(as_pixels(photo), setting, torch.from_numpy(normal)[None], torch.from_numpy(angle_deg)[None])
        )
        difference = np.abs(as_levels(ours) - snow_with_scipy(photo, setting, normal[0], float(angle_deg)))
        assert difference.max() <= 1, f"seed {seed}"
        assert (difference > 0).mean() <= 0.005, f"seed {seed}"


def test_fog_leaves_black_black():
    black = torch.zeros(1, 3, 32, 32)
    assert torch.equal(fog(black, (3, 1.4), torch.rand(1, 32**2 - 1, dtype=torch.float64)), black)


def test_diamond_square_of_side_2_by_hand():
    """Four points on a torus: the origin 0, the middle of the square, and two diamonds between them."""
    draws = torch.tensor([[0.5, -0.25, 1.0]], dtype=torch.float64)
    middle = 10000 * 0.5
    left = (2 * middle + 0) / 4 + 10000 * -0.25
    top = (2 * middle + 0) / 4 + 10000 * 1.0
    heights = torch.tensor([[[0, left], [top, middle]]], dtype=torch.float64)
    expected = (heights - heights.min()) / (heights.max() - heights.min())
    assert torch.allclose(diamond_square(draws, 2, decay=2), expected)


def test_diamond_square_is_smoother_with_more_decay():
    draws = torch.rand(1, 64**2 - 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    rough, smooth = (diamond_square(draws, 64, decay).diff(dim=2).abs().mean() for decay in (1.4, 2))
    assert smooth < rough / 2
