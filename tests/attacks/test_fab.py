"""FAB-T beside pyautoattack: its projections, every step, and networks on which the nearest boundary is known."""

import pytest
import torch

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.distances import DISTANCES
from robust_core.attacks.fab import to_hyperplane
from robust_core.attacks.goals import next_classes
from robust_core.attacks.search import attack
from robust_core.events import result_of
from tests.attacks.networks import grey, saturated, shifted
from tests.attacks.recording import recorded
from tests.tiny import VALUES, convolutional, images, linear

NORMS = {"linf": "Linf", "l2": "L2"}
STEPS = 20
MARGIN = 8 / 255


def _smallest(model, clean, norm, steps=10):
    return result_of(attack(model, clean, [None] * len(clean), AttackConfig("fab_smallest", norm, None, steps)))


@pytest.mark.parametrize("norm", NORMS)
def test_projections_are_pyautoattacks(norm):
    """With planes near, far, behind, and out of reach inside [0, 1]."""
    projections = pytest.importorskip("pyautoattack.fab_projections")
    pixels, dice = images(64), torch.Generator().manual_seed(1)
    normal = torch.randn(pixels.shape, generator=dice)
    normal[::3] *= (torch.rand(normal[::3].shape, generator=dice) < 0.05).float()  # few values, soon at 0 or 1
    missing = torch.randn(64, generator=dice) * torch.logspace(-2, 2.5, 64)
    ours = to_hyperplane(pixels, normal, missing, norm)
    flat, plane = pixels.flatten(1), normal.flatten(1)
    theirs = getattr(projections, f"projection_{norm}")(flat, plane, (plane * flat).sum(1) + missing)
    reached = (ours.flatten(1) * plane).sum(1)
    out_of_reach = (reached - missing).abs() > 1e-3 * missing.abs()
    assert 3 < out_of_reach.sum() < 32
    torch.testing.assert_close(DISTANCES[norm](ours), DISTANCES[norm](theirs.view_as(ours)), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(ours.flatten(1), theirs, rtol=1e-3, atol=2e-4)
    assert (pixels + ours).min() > -1e-6
    assert (pixels + ours).max() < 1 + 1e-6


def test_a_flat_network_has_no_hyperplane():
    change = to_hyperplane(images(2), torch.zeros(2, 3, 8, 8), torch.tensor([1.0, -1.0]), "linf")
    assert not change.any()


@pytest.mark.parametrize("norm", NORMS)
def test_every_step_equals_pyautoattacks(norm):
    """Towards the first target; the smallest change is looked for, so that nothing leaves the batch."""
    fab = pytest.importorskip("pyautoattack.fab_pt")
    model, clean = convolutional(classes=2), images(3)
    labels = model.logits(clean).argmax(1)
    twin, theirs = recorded(model)
    other = fab.FABAttack_PT(twin.network, norm=NORMS[norm], n_iter=STEPS, targeted=True, device="cpu")
    other.target_class = 2
    found_there = other.attack_single_run(clean, labels, is_targeted=True)
    twin, ours = recorded(model)
    found_here = _smallest(twin, clean, norm, STEPS)
    assert len(next_classes(model.logits(clean), labels)[0]) == 1
    for step, (mine, its) in enumerate(zip(ours[1:-2], theirs[2:], strict=True)):  # two looks at the clean images
        torch.testing.assert_close(mine, its, atol=1e-4, rtol=0, msg=f"pass {step}")
    assert found_here.broken.all()
    its_distance = DISTANCES[norm](found_there - clean)
    assert (found_here.distance <= its_distance * (1 + 1e-4)).all(), "ours looks at the drawn-back images, too"


@pytest.mark.parametrize("norm", NORMS)
def test_on_a_linear_network_the_boundary_is_found(norm):
    """The distance to the nearest of four boundaries: the lead of the label over a norm of the difference."""
    dice = torch.Generator().manual_seed(0)
    weights, clean = torch.randn(5, VALUES, generator=dice) * 0.1, 0.3 + 0.4 * images(6)
    model = linear(weights)
    logits = model.logits(clean)
    label, every = logits.argmax(1), torch.arange(6)
    lead = logits[every, label][:, None] - logits
    away = (weights[label][:, None] - weights).norm(p=1 if norm == "linf" else 2, dim=2)
    nearest = torch.where(lead > 0, lead / away, torch.inf).amin(1)
    found = _smallest(model, clean, norm)
    assert found.broken.all()
    assert (found.distance >= nearest * (1 - 1e-4)).all()
    assert (found.distance <= nearest * 1.06).all(), "no farther beyond the boundary than the overshoot"


def test_in_a_ball_what_lies_beyond_it_is_no_success():
    for eps, breaks in ((0.98 * MARGIN, False), (1.1 * MARGIN, True)):
        found = result_of(attack(shifted(MARGIN), grey(), [0] * 3, AttackConfig("fab_t", "linf", eps, 20)))
        assert found.broken.tolist() == [breaks] * 3
        assert (found.distance[found.broken] <= eps * 1.0001).all()


def test_the_scale_of_the_logits_does_not_mask_the_gradient():
    found = result_of(attack(saturated(MARGIN), grey(), [0] * 3, AttackConfig("fab_t", "linf", 1.1 * MARGIN, 20)))
    assert found.broken.all()
