"""DLR beside AutoAttack's formula, written out by hand."""

import numpy as np
import pytest
import torch

from robust_core.attacks.goals import Goal
from robust_core.attacks.losses import LOSSES
from robust_core.errors import BadInput
from tests.attacks.threats import attack, threat
from tests.tiny import VALUES, convolutional, images, linear

LOGITS = np.random.default_rng(0).normal(0, 5, (64, 7)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 7, 64)
TARGETS = (LABELS + np.random.default_rng(2).integers(1, 7, 64)) % 7


def by_hand(logits, label, target=None):
    """-(z_y - max of the others) / (z_1st - z_3rd), or -(z_y - z_t) / (z_1st - (z_3rd + z_4th) / 2), larger being
    better for the attack.
    """
    first, _, third, fourth, *_ = sorted(logits, reverse=True)
    if target is None:
        return -(logits[label] - max(np.delete(logits, label))) / (first - third + 1e-12)
    return -(logits[label] - logits[target]) / (first - (third + fourth) / 2 + 1e-12)


def _goal(targets=None):
    labels = torch.from_numpy(LABELS)
    return Goal(labels, torch.ones(64, dtype=torch.bool), None if targets is None else torch.from_numpy(targets))


def test_untargeted_dlr_is_autoattacks():
    ours = LOSSES["dlr"].of(torch.from_numpy(LOGITS), _goal())
    assert {label == logits.argmax() for logits, label in zip(LOGITS, LABELS, strict=True)} == {True, False}
    np.testing.assert_allclose(ours, [by_hand(*one) for one in zip(LOGITS, LABELS, strict=True)], rtol=1e-5)


def test_targeted_dlr_is_autoattacks_turned_round_as_it_is_lowered():
    ours = LOSSES["dlr"].of(torch.from_numpy(LOGITS), _goal(TARGETS))
    np.testing.assert_allclose(-ours, [by_hand(*one) for one in zip(LOGITS, LABELS, TARGETS, strict=True)], rtol=1e-5)


@pytest.mark.parametrize("targets", [None, TARGETS])
def test_neither_scale_nor_offset_of_the_logits_changes_dlr(targets):
    plain, other = (
        LOSSES["dlr"].of(logits, _goal(targets)) for logits in map(torch.from_numpy, (LOGITS, 100 * LOGITS + 3))
    )
    torch.testing.assert_close(plain, other, rtol=1e-4, atol=1e-5)


def test_cross_entropy_is_of_the_label_or_of_the_target():
    logits = torch.from_numpy(LOGITS)
    for goal, classes in ((_goal(), LABELS), (_goal(TARGETS), TARGETS)):
        expected = -logits.log_softmax(1)[torch.arange(64), torch.from_numpy(classes)]
        torch.testing.assert_close(LOSSES["cross-entropy"].of(logits, goal), expected)


@pytest.mark.parametrize("targeted", [False, True])
def test_an_attack_follows_the_loss_that_its_threat_names(targeted):
    """One step from the clean image goes by the sign of the gradient, which is taken here once more."""
    model, clean, labels = convolutional(), images(4), [0, 1, 2, 3]
    targets = [1, 2, 3, 4] if targeted else None
    fields = {"steps": 1, "step_size": 8 / 255, "aim": "chosen" if targeted else "untargeted"}
    (_, last) = attack(model, clean, labels, threat(loss="dlr", **fields), targets, keep=range(4))
    leaf = clean.clone().requires_grad_()
    goal = Goal(torch.tensor(labels), torch.ones(4, dtype=torch.bool), torch.tensor(targets) if targeted else None)
    loss = LOSSES["dlr"].of(model.network(leaf), goal)
    (gradient,) = torch.autograd.grad(loss.sum(), leaf)
    way = -1 if targeted else 1
    expected = (clean + way * 8 / 255 * gradient.sign()).clamp(0, 1)
    torch.testing.assert_close(last.pixels, expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(
        last.loss, LOSSES["dlr"].of(model.network(last.pixels), goal).detach(), atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize("start", ["clean", "random"])
@pytest.mark.parametrize(("classes", "aim", "enough"), [(2, "untargeted", 3), (3, "random", 4)])
def test_too_few_classes_are_refused_with_a_sentence(classes, aim, enough, start):
    model = linear(torch.randn(classes, VALUES))
    with pytest.raises(
        BadInput, match=rf"DLR loss needs at least 3 classes, 4 when .* targeted; this model has {classes}"
    ):
        next(iter(attack(model, images(2), [0, 1], threat(loss="dlr", aim=aim, start=start))))
    model = linear(torch.randn(enough, VALUES))
    assert attack(model, images(2), [0, 1], threat(loss="dlr", aim=aim, start=start, steps=1))


def test_equal_logits_have_a_loss_of_zero():
    goal = Goal(torch.tensor([1]), torch.tensor([True]), None)
    assert LOSSES["dlr"].of(torch.zeros(1, 5), goal).tolist() == [0]
