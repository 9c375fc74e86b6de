import math

import numpy as np
import pytest
import torch

from robust_core.corruptions.caustics import caustic_refraction, draw_water

SIDE, LEVEL = 64, 4.9
INNER = slice(8, -8)


@pytest.fixture(params=[0, 1, 2])
def water(request):
    return torch.from_numpy(draw_water(SIDE, SIDE, np.random.default_rng(request.param))[0])[None]


def moved(water):
    """How much light is added, and how far each pixel is read down and across, in px."""
    flat = torch.full((1, 3, SIDE, SIDE), 0.5)
    ramp = torch.arange(SIDE) / SIDE
    rows, columns = ramp.view(1, 1, -1, 1).expand_as(flat), ramp.view(1, 1, 1, -1).expand_as(flat)
    light = caustic_refraction(flat, LEVEL, water) - 0.5
    return [light[0, 0, INNER, INNER]] + [
        ((caustic_refraction(one, LEVEL, water) - light - one) * SIDE)[0, 0, INNER, INNER] for one in (rows, columns)
    ]


def test_pixels_move_as_snell_says_for_the_slope_that_lights_them(water):
    """The slope follows from the displacement, by Snell's law backwards; and from the slope, the light."""
    light, down_px, across_px = moved(water)
    tilts = np.linspace(0, math.pi / 2, 20001)
    refracted = np.sin(tilts - np.arcsin(np.sin(tilts) / 4)) * 0.05 * LEVEL * SIDE
    length_px = np.hypot(down_px.numpy(), across_px.numpy())
    slope = np.tan(np.interp(length_px, refracted, tilts))
    far = length_px > 1
    assert far.mean() > 0.02
    direction = (down_px - across_px).numpy()[far] / length_px[far]
    assert light.numpy()[far] == pytest.approx(0.2 * LEVEL * slope[far] * direction, abs=0.01)


def test_pixels_that_are_not_tilted_stay_where_they_are(water):
    _, down_px, across_px = moved(water)
    assert (torch.hypot(down_px, across_px) < 1e-3).float().mean() > 0.2


def test_no_ray_goes_farther_than_its_reach(water):
    _, down_px, across_px = moved(water)
    assert 1 < torch.hypot(down_px, across_px).max() <= 0.05 * LEVEL * SIDE
