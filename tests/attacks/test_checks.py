import math

import pytest
import torch

from robust_core.attacks.balls import BALLS
from robust_core.attacks.checks import fgsm_of, moved, unbounded
from robust_core.attacks.threat import fgsm
from tests.attacks.threats import threat
from tests.tiny import images


def test_fgsm_keeps_all_but_start_and_steps():
    assert fgsm_of(threat(start="random", restarts=3)) == fgsm(8 / 255)
    assert fgsm_of(threat(aim="random", norm="l2", eps=0.0, seed=7)).aim == "random"


@pytest.mark.parametrize(("norm", "diameter"), [("linf", 1.0), ("l2", math.sqrt(3 * 8 * 8))])
def test_without_a_limit_every_image_is_within_reach(norm, diameter):
    longer, shorter = (unbounded(threat(norm=norm, step_size=size / 255), (3, 8, 8)) for size in (4, 0.1))
    assert longer.eps == shorter.eps == diameter
    assert longer.step_size == pytest.approx(diameter / 2), "as long beside the ball as it was"
    assert shorter.step_budget == pytest.approx(2.5 * diameter), "and long enough to cross it"
    assert unbounded(threat(eps=0.0), (3, 8, 8)).step_budget > 1
    assert unbounded(threat(start="random", restarts=2), (3, 8, 8)).restarts == 1


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("side_px", [8, 12, 5])
def test_a_change_of_another_size_stays_in_the_ball(norm, side_px):
    under, clean = threat(norm=norm, eps=0.1), images(4, side_px=side_px)
    tried = moved(torch.randn(4, 3, 8, 8), clean, under)
    assert tried.shape == clean.shape
    assert BALLS[norm].distance(tried - clean).max() <= 0.1 + 1e-6
    assert tried.min() >= 0
    assert tried.max() <= 1


def test_a_change_of_the_same_size_is_taken_as_it_is():
    clean, attacked = images(4), (images(4) + 4 / 255).clamp(0, 1)
    torch.testing.assert_close(moved(attacked - clean, clean, threat()), attacked)
