"""Foolbox's attacks through the adapter: Foolbox's own images, and nothing of Foolbox's left."""

import math
import threading

import numpy as np
import pytest
import torch
from torch import nn

from robust_core.attacks import foolbox_search
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.distances import DISTANCES
from robust_core.attacks.search import Search, attack
from robust_core.errors import DeviceOutOfMemory, NotFinite
from robust_core.events import result_of
from robust_core.models.batches import in_batches_of
from tests.attacks.networks import constant, grey, saturated, uneven
from tests.tiny import VALUES, as_model, convolutional, images, linear

foolbox = pytest.importorskip("foolbox")
from robust_core.attacks.foolbox_methods import METHODS  # noqa: E402

EPS = {"linf": 8 / 255, "l2": 0.5}
N, STEPS = 5, 12


def config(key, norm, steps=STEPS, seed=0):
    return AttackConfig.of(key, norm, EPS.get(norm), steps, seed)


def found_by(model, pixels, its, labels=None):
    labels = model.logits(pixels).argmax(1).tolist() if labels is None else labels
    return result_of(attack(model, pixels, labels, its))


def no_threads_left():
    return not [thread for thread in threading.enumerate() if thread.name == "handover"]


def directly(model, pixels, its):
    """What Foolbox returns on its own."""
    there = foolbox.PyTorchModel(model.network, bounds=(0, 1), device="cpu")
    epsilon = {} if its.row.minimal else {"epsilon": its.eps}
    labels = model.logits(pixels).argmax(1)
    return METHODS[its.attack, its.norm](its.steps).run(there, pixels, foolbox.Misclassification(labels), **epsilon)


@pytest.mark.parametrize(("key", "norm"), METHODS)
def test_the_images_are_foolbox_s_own(key, norm, monkeypatch):
    taken, take = [], Search.take

    def spied(search, places, pixels, predicted):
        taken.append((places, pixels.clone()))
        return take(search, places, pixels, predicted)

    monkeypatch.setattr(Search, "take", spied)
    model, pixels, its = convolutional(), images(N), config(key, norm)
    ours, theirs = found_by(model, pixels, its), directly(model, pixels, its)
    found = theirs.flatten(1).any(1)  # C&W and EAD return black images where they find nothing
    assert found.any()
    places, last = taken[-1]
    assert len(last) == N
    assert torch.allclose(last[found], theirs[found], atol=1e-6)
    fools = model.logits(theirs).argmax(1) != model.logits(pixels).argmax(1)
    assert ours.broken[fools & found].all()
    if its.row.minimal:
        distance = DISTANCES[norm](theirs - pixels)
        assert (ours.distance <= distance * (1 + 1e-4))[fools & found].all()


def two_class(seed=0):
    """Weights (3,192) and the closed-form distance, by the dual norm, from grey images to the nearest other class."""
    weights = torch.randn(3, VALUES, generator=torch.Generator().manual_seed(seed))
    bias = torch.tensor([4.0, 0.0, -2.0]) - 0.5 * weights.sum(1)
    across = weights[:1] - weights[1:]
    margins = torch.tensor([4.0, 6.0])
    dual = {"l2": across.norm(dim=1), "linf": across.abs().sum(1), "l1": across.abs().amax(1)}
    return linear(weights, bias), {norm: float((margins / its).min()) for norm, its in dual.items()}


@pytest.mark.parametrize(
    ("key", "norm", "steps", "tolerance"),
    [
        ("deepfool", "l2", 20, 0.03),
        ("deepfool", "linf", 20, 0.06),
        ("ddn", "l2", 100, 0.02),
        ("fmn", "l2", 100, 0.02),
        ("fmn", "linf", 100, 0.03),
        ("cw", "l2", 40, 0.05),
    ],
)
def test_on_a_linear_network_they_reach_the_distance_that_is_known(key, norm, steps, tolerance):
    model, known = two_class()
    distance = found_by(model, grey(2), config(key, norm, steps)).distance
    assert (distance >= known[norm] * (1 - 1e-4)).all()
    assert (distance <= known[norm] * (1 + tolerance)).all()


def test_fmn_in_l2_is_nearer_than_foolbox_s_own_without_a_ball():
    model, pixels = convolutional(), images(N)
    labels = model.logits(pixels).argmax(1)
    there = foolbox.PyTorchModel(model.network, bounds=(0, 1), device="cpu")
    theirs = foolbox.attacks.L2FMNAttack(steps=50).run(there, pixels, foolbox.Misclassification(labels))
    ours = found_by(model, pixels, config("fmn", "l2", 50))
    assert ours.broken.sum() >= N - 2  # the box [0, 1] can hold FMN back
    assert (ours.distance < DISTANCES["l2"](theirs - pixels))[ours.broken].all()


def test_fmn_in_l0_goes_up_to_every_value():
    found = found_by(constant(), grey(2), config("fmn", "l0", 120))
    assert not found.broken.any()


@pytest.mark.parametrize(("key", "norm"), METHODS)
def test_a_vanishing_gradient_is_no_damage(key, norm):
    least = {"linf": 0.4, "l2": 0.4 * math.sqrt(VALUES), "l1": 0.4 * VALUES, "l0": 0.8 * VALUES}
    found = found_by(saturated(0.4), grey(1), config(key, norm, 3))
    assert (found.distance >= least[norm] * (1 - 1e-4)).all()


@pytest.mark.parametrize(("key", "norm"), [("ddn", "l2"), ("cw", "l2"), ("deepfool", "l2"), ("fmn", "l1")])
def test_neither_the_batch_nor_the_other_images_make_a_difference(key, norm):
    model, pixels, its = convolutional(), images(N), config(key, norm, 4)
    whole = found_by(model, pixels, its)
    labels = model.logits(pixels).argmax(1).tolist()
    parts = result_of(in_batches_of(2, attack(model, pixels, labels, its)))
    alone = result_of(attack(model, pixels[3:4], labels[3:4], its, indices=[3]))
    assert torch.allclose(parts.distance, whole.distance, rtol=1e-4)
    assert torch.allclose(alone.distance, whole.distance[3:4], rtol=1e-4)


def test_draws_are_those_of_the_seed_and_no_others():
    # its gradient at grey is zero, so that DDN draws its directions
    model, pixels = uneven(1e-4), grey(3)
    first = found_by(model, pixels, config("ddn", "l2", 40, seed=1))
    torch.manual_seed(5)
    np.random.seed(5)
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    again = found_by(model, pixels, config("ddn", "l2", 40, seed=1))
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    other = found_by(model, pixels, config("ddn", "l2", 40, seed=2))
    assert torch.equal(first.pixels, again.pixels)
    assert first.broken.all()
    assert not torch.equal(first.pixels, other.pixels)
    assert not torch.equal(first.pixels[0], first.pixels[1]), "each image has its own draws"


def test_an_attack_that_is_closed_leaves_no_thread():
    model, pixels = convolutional(), images(N)
    work = attack(model, pixels, None, config("cw", "l2", 100))
    for _ in range(20):
        next(work)
    assert not no_threads_left()
    work.close()
    assert no_threads_left()


class _Failing(nn.Module):
    """`body`, which from its pass `number` on does `what` with its logits."""

    def __init__(self, number, what):
        super().__init__()
        self.body, self.number, self.what, self.passes = convolutional().network.body, number, what, 0

    def forward(self, pixels):
        self.passes += 1
        logits = self.body(pixels)
        return self.what(logits) if self.passes >= self.number else logits


def _out_of_memory(logits):
    raise torch.OutOfMemoryError("full")


def _rare_memory(logits):
    return _out_of_memory(logits) if len(logits) > 2 else logits


@pytest.mark.parametrize("key", ["bim", "ddn", "deepfool"])
def test_a_fault_of_the_network_arrives_as_itself(key):
    for what, error in ((lambda logits: logits * math.nan, NotFinite), (_out_of_memory, DeviceOutOfMemory)):
        model = as_model(_Failing(4, what))
        with pytest.raises(error):
            result_of(attack(model, images(N), None, config(key, "l2")))
        model.network.finite.forget()
        assert no_threads_left()


def test_an_infinite_gradient_arrives_as_itself():
    class Steep(nn.Module):
        def forward(self, pixels):
            root = (pixels.flatten(1) - 0.5).abs().sum(1).sqrt()  # its slope at grey is infinite
            return torch.stack([root * 0 + 1, root], 1)

    with pytest.raises(NotFinite, match="gradients"):
        result_of(attack(as_model(Steep()), grey(2), None, config("ddn", "l2")))
    assert no_threads_left()


def test_less_memory_finds_the_same():
    model = as_model(_Failing(3, _rare_memory))
    whole = found_by(as_model(_Failing(99, _rare_memory).body), images(N), config("ddn", "l2"))
    parts = result_of(attack(model, images(N), whole.labels.tolist(), config("ddn", "l2")))
    assert torch.allclose(parts.distance, whole.distance, rtol=1e-4)
    assert no_threads_left()


def test_a_fault_of_foolbox_arrives_as_itself(monkeypatch):
    class Broken:
        def run(self, model, inputs, criterion):
            model(inputs)
            raise IndexError("of Foolbox")

    monkeypatch.setitem(foolbox_search.METHODS, ("ddn", "l2"), lambda steps: Broken())
    with pytest.raises(IndexError, match="of Foolbox"):
        found_by(convolutional(), images(2), config("ddn", "l2"))
    assert no_threads_left()
