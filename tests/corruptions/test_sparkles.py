import math

import pytest
import torch

from robust_core.corruptions.sparkles import MOST_RAYS, STARS, inverse_sparkles, sparkles

BLACK = torch.zeros(1, 3, 64, 64)
COUNT = 60


def stars(count, row, column):
    """`count` stars in one place with equal rays."""
    centres = torch.tensor([[[row / 64, column / 64]] * count], dtype=torch.float64)
    return centres, torch.full((1, count), COUNT), torch.zeros(1, count, MOST_RAYS, dtype=torch.float64)


def glow(row, column, length_px, exponent):
    """The brightness of a star in (32, 32) with equal rays, at a pixel."""
    down, across = row - 32, column - 32
    beside = ((math.atan2(across, down) + math.pi) / (2 * math.pi) * COUNT) % 1
    fall = (length_px**2 / (down**2 + across**2 + 1e-4)) ** exponent
    return min(1, (1 - (beside - 0.5) ** 2) * fall)


PLACES = ((32, 33), (40, 32), (20, 50), (0, 0), (63, 10))


def test_stars_add_up_to_white_as_a_product_of_what_is_dark():
    found = sparkles(BLACK, 3.0, *stars(STARS, 32, 32))[0]
    for row, column in PLACES:
        expected = 1 - (1 - glow(row, column, 0.03 * 64, 1)) ** STARS
        assert found[:, row, column].tolist() == pytest.approx([expected] * 3, abs=1e-4)


def test_no_ray_is_shorter_than_a_pixel():
    draws = stars(STARS, 32, 32)
    assert torch.equal(sparkles(BLACK, 1.0, *draws), sparkles(BLACK, 1.2, *draws))


def test_white_stays_white():
    assert torch.allclose(sparkles(BLACK + 1, 6.0, *stars(STARS, 10, 20)), BLACK + 1)
    assert torch.allclose(inverse_sparkles(BLACK + 1, 6.0, *stars(1, 10, 20)), BLACK + 1)


def test_an_inverse_sparkle_leaves_the_image_within_it_and_fades_outside():
    found = inverse_sparkles(BLACK, 4.0, *stars(1, 32, 32))[0]
    for row, column in PLACES:
        expected = 1 - glow(row, column, 16, 0.13 * 4)
        assert found[:, row, column].tolist() == pytest.approx([expected] * 3, abs=1e-4)
    assert found[0, 33, 33] == 0


def test_a_longer_ray_reaches_farther():
    centres, counts, normal = stars(1, 32, 32)
    normal[..., COUNT // 4] = 2  # the ray that leaves for the left
    even, uneven = (inverse_sparkles(BLACK, 9.0, centres, counts, one)[0, 0] for one in (normal * 0, normal))
    assert (uneven < even - 0.05)[32, :10].all()
    assert torch.equal(uneven[:, 40:], even[:, 40:])
