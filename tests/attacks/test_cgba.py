"""The steps of CGBA on a boundary that is known."""

import math

import pytest
import torch

from robust_core.attacks.cgba import FIRST_QUERIES, TOLERANCE, _Descent
from tests.attacks.networks import grey
from tests.tiny import VALUES

DISTANCE = 0.8


def normal(seed=0):
    draw = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return draw / draw.norm()


def descent(its_normal, asked=None):
    """The search from grey, where the model is fooled beyond the plane that lies DISTANCE away along the normal."""

    def ask(pixels):
        if isinstance(pixels, int):
            return None
        if asked is not None:
            asked.append(pixels)
        return ((pixels - 0.5) * its_normal).flatten(1).sum(1) >= DISTANCE

    return _Descent(ask, grey(1), torch.Generator().manual_seed(1))


def beside(its_normal, angle):
    """The point of the boundary that is seen from grey at `angle` from the normal, and the direction across."""
    other = normal(7)
    other = other - (other * its_normal).sum() * its_normal
    other = other / other.norm()
    return 0.5 + DISTANCE * (its_normal + math.tan(angle) * other), other


@pytest.mark.parametrize("angle", [0.2, 0.7, 1.0])
def test_with_the_true_normal_one_semicircle_leads_to_the_nearest_point(angle):
    its_normal, asked = normal(), []
    point, _ = beside(its_normal, angle)
    found = descent(its_normal, asked)._on_the_semicircle(point, its_normal)
    assert torch.allclose(found, 0.5 + DISTANCE * its_normal, atol=1e-3)
    assert float((found - 0.5).norm()) == pytest.approx(DISTANCE, abs=2 * TOLERANCE)
    radius = (point - 0.5).norm()
    assert all((one - 0.5).norm() <= radius for one in asked)


def test_all_that_is_asked_lies_on_the_semicircle():
    its_normal, asked = normal(), []
    point, _ = beside(its_normal, 0.7)
    descent(its_normal, asked)._on_the_semicircle(point, its_normal)
    for one in asked:  # Thales: a right angle over the diameter
        assert float(((one - 0.5) * (one - point)).sum()) == pytest.approx(0, abs=1e-4)


def test_a_wrong_normal_leads_no_farther_away():
    its_normal = normal()
    point, across = beside(its_normal, 0.7)
    for wrong in (-its_normal, across, normal(3)):
        found = descent(its_normal)._on_the_semicircle(point, wrong)
        assert (found - 0.5).norm() <= (point - 0.5).norm() * (1 + 1e-6)
        assert bool(descent(its_normal).ask(found))


def test_the_line_ends_at_the_boundary():
    its_normal = normal()
    found = descent(its_normal)._on_the_line(0.5 + 3 * DISTANCE * its_normal)
    along = float(((found - 0.5) * its_normal).sum())
    assert DISTANCE - 1e-6 <= along <= DISTANCE + TOLERANCE


@pytest.mark.parametrize("queries", [FIRST_QUERIES, 10 * VALUES])
def test_the_normal_is_estimated_as_well_as_so_many_signs_allow(queries):
    its_normal = normal()
    point, _ = beside(its_normal, 0.7)
    cosines = [
        float(
            (
                _Descent(descent(its_normal).ask, grey(1), torch.Generator().manual_seed(seed))._normal(point, queries)
                * its_normal
            ).sum()
        )
        for seed in range(8)
    ]
    # the mean sign of a normal variable is √(2/π) of its deviation: what lies along the normal against the rest
    expected = 1 / math.sqrt(1 + (VALUES - 1) * math.pi / 2 / queries)
    assert sum(cosines) / 8 == pytest.approx(expected, abs=0.12)
