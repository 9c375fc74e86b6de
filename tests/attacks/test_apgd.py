"""APGD beside pyautoattack, step for step from the same start, and where its end is known in closed form."""

import logging

import pytest
import torch

from robust_core.attacks.apgd import checkpoints, start
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.goals import Goal, next_classes
from robust_core.attacks.losses import LOSSES
from robust_core.attacks.search import Search, attack
from robust_core.errors import BadInput
from robust_core.events import result_of
from tests.attacks.networks import grey, saturated, shifted
from tests.attacks.recording import recorded
from tests.tiny import VALUES, convolutional, images, linear

EPS, STEPS, N = {"linf": 8 / 255, "l2": 0.5}, 100, 2
SURE = 60  # steps; of later ones the last bits of a gradient decide
LOSS = {"apgd_ce": "cross-entropy", "apgd_dlr": "dlr", "apgd_t": "dlr"}
MARGIN = 8 / 255


def _search(model, pixels, labels, config, indices):
    search = Search(model, pixels, labels, config, indices)
    search.labels, search.clean_logits = labels, model.logits(pixels)
    return search


def _theirs(model, clean, label, target, its_start, config):
    """What the network of pyautoattack sees: the start, and every step."""
    base = pytest.importorskip("pyautoattack.autopgd_base")
    twin, seen = recorded(model)
    loss = LOSSES[LOSS[config.attack]].of(model.logits(its_start), Goal(label, label >= 0, target))
    first_loss = loss if target is None else -loss

    class FromOurStart(base.APGDAttack_targeted if target is not None else base.APGDAttack):
        def check_oscillation(self, losses, step, width, *rest, **options):
            if step == width - 1:  # it compares the first loss with the last row, which is still zero
                losses[-1] = first_loss
            return super().check_oscillation(losses, step, width, *rest, **options)

    fields = {"n_iter": STEPS, "norm": {"linf": "Linf", "l2": "L2"}[config.norm], "eps": config.eps}
    theirs = FromOurStart(twin.network, **fields, logger=logging.getLogger(), device="cpu")
    if target is None:
        theirs.loss = {"cross-entropy": "ce", "dlr": "dlr"}[LOSS[config.attack]]
    theirs.y_target = target
    theirs.init_hyperparam(clean)
    theirs.attack_single_run(clean, label, x_init=its_start)
    return seen


@pytest.mark.parametrize("norm", EPS)
@pytest.mark.parametrize("key", LOSS)
def test_every_step_equals_pyautoattacks(key, norm):
    """Each image alone, as ours leaves the batch once it is broken; the targeted one towards its first target."""
    model, config, compared = convolutional(), AttackConfig(key, norm, EPS[norm], STEPS), 0
    for place, clean in enumerate(images(N).split(1)):
        label = model.logits(clean).argmax(1)
        target = next_classes(model.logits(clean), label)[:, 0] if key == "apgd_t" else None
        search = _search(model, clean, label, config, [place])
        theirs = _theirs(model, clean, label, target, start(search, torch.tensor([0]), 0), config)
        twin, seen = recorded(model)
        result_of(attack(twin, clean, label.tolist(), config, indices=[place]))
        fooled = [bool(model.logits(one).argmax(1) != label) for one in theirs]
        until = min(SURE, fooled.index(True) + 1 if any(fooled) else SURE)
        ours = seen[1 : 1 + until]  # after the clean look
        for step, (mine, other) in enumerate(zip(ours, theirs[:until], strict=True)):
            torch.testing.assert_close(mine, other, atol=2e-5, rtol=0, msg=f"image {place}, step {step}")
        compared += until
    assert compared > SURE, "an attack that breaks all images at once shows little"


def test_checkpoints_are_the_papers():
    """p = 0.22, then each gap shorter by 0.03 but at least 0.06 (section 3.2)."""
    assert list(checkpoints(100)) == [22, 41, 57, 70, 80, 87, 93, 99]
    assert list(checkpoints(100).values()) == [22, 19, 16, 13, 10, 7, 6, 6]
    for steps in (1, 2, 7, 50, 1000):
        found = checkpoints(steps)
        assert max(found) <= steps
        assert min(found.values()) > 0
        assert sum(found.values()) == max(found)


@pytest.mark.parametrize("key", ["apgd_ce", "apgd_dlr"])
def test_the_largest_ball_without_an_example_is_known(key):
    for eps, breaks in ((0.98 * MARGIN, False), (1.02 * MARGIN, True)):
        found = result_of(attack(shifted(MARGIN), grey(), [0] * 3, AttackConfig(key, "linf", eps, 50)))
        assert found.broken.tolist() == [breaks] * 3


def test_a_vanishing_gradient_stops_the_cross_entropy_and_not_the_dlr():
    ends = {}
    for key in ("apgd_ce", "apgd_dlr"):
        found = result_of(attack(saturated(MARGIN), grey(), [0] * 3, AttackConfig(key, "linf", 1.1 * MARGIN, 50)))
        ends[key] = found.broken.tolist()
    assert ends == {"apgd_ce": [False] * 3, "apgd_dlr": [True] * 3}


@pytest.mark.parametrize("norm", EPS)
def test_a_start_lies_on_the_edge_and_is_the_images_own(norm):
    clean = torch.full((3, 3, 8, 8), 0.5)
    search = _search(
        convolutional(), clean, torch.zeros(3, dtype=torch.int64), AttackConfig("apgd_ce", norm, 0.1, 5), [4, 5, 6]
    )
    every = torch.arange(3)
    first = start(search, every, 0)
    torch.testing.assert_close(search.ball.distance(first - clean), torch.full((3,), 0.1))
    assert torch.equal(start(search, every[1:2], 0), first[1:2])
    assert not torch.equal(start(search, every, 1), first)
    assert not torch.equal(first[0], first[1])


def test_what_is_broken_takes_no_more_passes():
    """The largest step breaks every image of a linear network at once."""
    weights = torch.zeros(4, VALUES)
    weights[1] = 1.0
    model = linear(weights, torch.tensor([VALUES * 0.55, 0.0, 0.0, 0.0]))
    found = result_of(attack(model, grey(), [0] * 3, AttackConfig("apgd_ce", "linf", 0.2, 100)))
    assert found.broken.all()
    assert found.forward_passes <= 3 * 3  # clean, start, first step
    assert found.backward_passes <= 3 * 2


@pytest.mark.parametrize(("key", "classes"), [("apgd_dlr", 2), ("apgd_t", 2), ("apgd_t", 3)])
def test_too_few_classes_are_refused_with_a_sentence(key, classes):
    work = attack(linear(torch.randn(classes, VALUES)), images(2), [None] * 2, AttackConfig(key, "linf", 0.1, 5))
    with pytest.raises(BadInput, match=f"DLR loss needs at least 3 classes, .*; this model has {classes}"):
        result_of(work)


def test_targets_are_the_next_classes_at_most_nine():
    logits = torch.randn(5, 20, generator=torch.Generator().manual_seed(0))
    labels = logits.argmax(1)
    assert torch.equal(next_classes(logits, labels), logits.argsort(1, descending=True)[:, 1:10])
    assert next_classes(logits[:, :4], logits[:, :4].argmax(1)).shape == (5, 3)
    wrong = logits.argmin(1)
    assert not (next_classes(logits, wrong) == wrong[:, None]).any()


def test_each_target_is_tried_from_its_own_start():
    """4 classes have 3 targets, 3 × (5 + 1) passes forward for an image that holds out."""
    model = linear(torch.zeros(4, VALUES), torch.tensor([1.0, 0.3, 0.2, 0.1]))
    twin, seen = recorded(model)
    found = result_of(attack(twin, grey(1), [0], AttackConfig("apgd_t", "linf", 0.1, 5)))
    assert (found.forward_passes, found.backward_passes) == (1 + 3 * 6, 3 * 5)
    starts = [seen[1 + 6 * number] for number in range(3)]
    assert not any(torch.equal(one, other) for one, other in zip(starts, starts[1:], strict=False))
