"""Bisected PGD on networks whose smallest change has a closed form."""

import pytest
import torch

from robust_core.attacks.balls import BALLS, ascend
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.search import attack
from robust_core.events import result_of
from tests.attacks.networks import constant, grey, saturated, shifted
from tests.tiny import VALUES, images, linear

DUAL = {"linf": 1, "l2": 2}


def searched(model, pixels, norm, labels=None, steps=100):
    labels = model.logits(pixels).argmax(1).tolist() if labels is None else labels
    return result_of(attack(model, pixels, labels, AttackConfig.of("pgd_bisected", norm, None, steps)))


def boundary_distance(weights, pixels, norm):
    """From `pixels` to the nearest other class of a linear network, where [0, 1] is no limit."""
    logits = pixels.flatten(1) @ weights.T
    own = logits.argmax(1)
    gap = logits.gather(1, own[:, None]) - logits
    slope = torch.stack([(weights - weights[one]).norm(p=DUAL[norm], dim=1) for one in own])
    return (gap / slope).masked_fill(slope == 0, torch.inf).amin(1)


@pytest.mark.parametrize("norm", DUAL)
@pytest.mark.parametrize("classes", [2, 6])
def test_the_distance_to_a_linear_boundary_is_found(norm, classes):
    weights = torch.randn(classes, VALUES, generator=torch.Generator().manual_seed(1))
    inner = 0.25 + images(8) / 2  # far enough from black and white
    found = searched(linear(weights), inner, norm)
    known = boundary_distance(weights, inner, norm)
    assert found.broken.all()
    assert (found.distance >= known * (1 - 1e-4)).all(), "nothing is nearer than the boundary"
    assert (found.distance <= known * 1.02).all()


@pytest.mark.parametrize("margin", [0.003, 0.02, 0.2])
def test_every_image_has_a_ball_of_its_own(margin):
    pixels = grey(4) + torch.linspace(0, margin / 2, 4)[:, None, None, None]
    found = searched(shifted(margin), pixels, "linf")
    left = torch.tensor([margin - float((image - 0.5).mean()) for image in pixels])
    assert torch.allclose(found.distance, left, rtol=0.02)
    alone = searched(shifted(margin), pixels[2:3], "linf")
    assert torch.allclose(alone.distance, found.distance[2:3], rtol=1e-5)


def test_a_network_that_is_very_sure_hides_nothing():
    assert torch.allclose(searched(saturated(0.02), grey(), "linf").distance, torch.tensor(0.02), rtol=0.02)


def test_where_nothing_leads_anywhere_nothing_is_found():
    found = searched(constant(), grey(), "l2", steps=10)
    assert not found.broken.any()
    assert found.distance.isinf().all()


def test_more_steps_find_no_longer_changes():
    weights = torch.randn(5, VALUES, generator=torch.Generator().manual_seed(2))
    few, many = (searched(linear(weights), images(6), "l2", steps=steps).distance for steps in (20, 80))
    assert (many <= few).all()


@pytest.mark.parametrize("norm", DUAL)
def test_one_radius_for_each_image_is_each_on_its_own(norm):
    clean, gradient, radii = images(3), torch.randn(3, 3, 8, 8), torch.tensor([0.0, 0.01, 0.3])
    together = ascend(clean, gradient, clean, BALLS[norm], radii.view(-1, 1, 1, 1), radii.view(-1, 1, 1, 1))
    for place, radius in enumerate(radii.tolist()):
        rows = slice(place, place + 1)
        alone = ascend(clean[rows], gradient[rows], clean[rows], BALLS[norm], radius, radius)
        assert torch.allclose(together[rows], alone, atol=1e-7)
