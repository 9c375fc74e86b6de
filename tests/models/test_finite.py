import copy
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from robust_core.attributions.shared_copies import shared_copy
from robust_core.errors import NotFinite
from robust_core.models.finite import FiniteCheck, Flags
from tests.tiny import as_model, convolutional, images

GOOD, BAD = torch.zeros(4, 5), torch.zeros(4, 5)
BAD[1, 2], BAD[3, 0] = math.nan, math.inf


class Slow(Flags):
    """Flags of a GPU that is busy until the test says `landed`; waiting for them is counted."""

    landed, waits = False, 0

    def arrived(self):
        return Slow.landed

    def values(self):
        Slow.waits += not Slow.landed
        return super().values()


@pytest.fixture(autouse=True)
def busy(monkeypatch):
    monkeypatch.setattr(Slow, "landed", False)
    monkeypatch.setattr(Slow, "waits", 0)


class Amplifier(torch.nn.Module):
    """Two logits: the mean times `factor`, and zero; infinite on bright images for a large enough factor."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, pixels):
        mean = pixels.mean((1, 2, 3))
        return torch.stack([mean * self.factor * self.factor, 0 * mean], 1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_bad_value_on_the_cpu_raises_at_once_and_names_the_model_and_how_many(value):
    logits = GOOD.clone()
    logits[2, 4] = value
    with pytest.raises(
        NotFinite, match=r"^Tiny computed NaN or infinite logits for 1 of 4 images, so none of its numbers count"
    ):
        FiniteCheck("Tiny").watch(logits)


def test_logits_too_far_apart_to_subtract_are_as_bad():
    with pytest.raises(NotFinite):
        FiniteCheck("Tiny").watch(torch.tensor([[3e38, -3e38]]))


def test_good_logits_come_back_as_they_are_and_leave_nothing():
    check = FiniteCheck("Tiny")
    assert check.watch(GOOD) is GOOD
    check.finish()


def test_on_a_busy_device_no_pass_waits_and_a_later_one_finds_what_has_arrived():
    check = FiniteCheck("Tiny", Slow)
    for logits in (GOOD, BAD, GOOD):
        check.watch(logits)
    assert Slow.waits == 0
    Slow.landed = True
    with pytest.raises(NotFinite, match="2 of 4 images"):
        check.watch(GOOD)


def test_finishing_waits_for_every_pass_and_finds_the_bad_one():
    check = FiniteCheck("Tiny", Slow)
    for logits in (GOOD, GOOD, BAD):
        check.watch(logits)
    with pytest.raises(NotFinite, match="2 of 4 images"):
        check.finish()
    assert Slow.waits == 3
    check.finish()  # it was said once


def test_what_is_forgotten_is_not_said():
    check = FiniteCheck("Tiny", Slow)
    check.watch(BAD)
    check.forget()
    check.finish()


def test_a_thread_answers_for_its_own_passes_alone():
    check = FiniteCheck("Tiny", Slow)
    check.watch(BAD)
    with ThreadPoolExecutor(1) as other:
        other.submit(check.watch, GOOD).result()
        other.submit(check.finish).result()
    with pytest.raises(NotFinite):
        check.finish()


def test_the_check_is_no_part_of_the_graph():
    model, leaf = convolutional().unfolded(), images(2).requires_grad_()
    logits = model.logits(leaf)
    bare = model.network.body((leaf - model.network.mean) / model.network.std)
    assert type(logits.grad_fn) is type(bare.grad_fn)
    one, other = (torch.autograd.grad(prediction[:, 1].sum(), leaf)[0] for prediction in (logits, bare))
    assert torch.equal(one, other)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_a_model_refuses_in_every_mode_of_gradients(mode):
    model = as_model(Amplifier(1e30))
    with mode(), pytest.raises(NotFinite, match="tiny computed NaN or infinite logits for 2 of 2 images"):
        model.logits(torch.full((2, 3, 8, 8), 0.5))


def test_copies_of_a_network_answer_to_the_same_check():
    model = as_model(Amplifier(1e30))
    model.network.finite = FiniteCheck("tiny", Slow)
    shared_copy(model).logits(torch.ones(1, 3, 8, 8))
    copy.deepcopy(model.network)(torch.zeros(1, 3, 8, 8))
    with pytest.raises(NotFinite):
        model.check_finite()
    model.check_finite()
