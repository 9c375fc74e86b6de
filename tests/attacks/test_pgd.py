import gc
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from robust_core.attacks.balls import BALLS
from robust_core.attacks.pgd import pgd
from robust_core.attacks.threat import PAPER
from robust_core.errors import BadInput, NotFinite
from robust_core.events import Progress
from robust_core.models import batches
from robust_core.models.finite import Flags
from tests.attacks.threats import attack, threat
from tests.outcomes import events_and_result
from tests.tiny import VALUES, as_model, convolutional, images, linear

FIELDS = ("label", "probability", "true_probability", "loss", "distance", "zero_gradient", "pixels")


def _assert_same(one, other):
    for field in FIELDS:
        assert torch.equal(getattr(one, field), getattr(other, field)), field


class Counting(nn.Module):
    """Counts the images that pass forward and backward."""

    def __init__(self):
        super().__init__()
        self.body, self.forward_images, self.backward_images = convolutional().network, 0, 0

    def forward(self, pixels):
        self.forward_images += len(pixels)
        if pixels.requires_grad:
            pixels.register_hook(self._count)
        return self.body(pixels)

    def _count(self, gradient):
        self.backward_images += len(gradient)


# What is known in closed form: between two classes, a linear network's gradient never turns.


def _two_classes():
    weights = torch.randn(2, VALUES, generator=torch.Generator().manual_seed(0)) / 10
    uphill = (weights[1] - weights[0]).view(1, 3, 8, 8)
    return linear(weights, torch.tensor([0.5, 0.0])), uphill


@pytest.mark.parametrize("aimed", [{}, {"aim": "random"}, {"aim": "least_likely"}, {"aim": "chosen"}])
def test_linf_on_a_linear_network_moves_along_the_signs(aimed):
    model, uphill = _two_classes()
    clean = images(3)
    targets = [1, 1, 1] if aimed.get("aim") == "chosen" else None
    for step in attack(
        model, clean, [0, 0, 0], threat(eps=7 / 255, step_size=2 / 255, steps=5, **aimed), targets, keep=range(3)
    ):
        trajectory = min(step.step * 2 / 255, 7 / 255)
        assert torch.allclose(step.pixels, (clean + trajectory * uphill.sign()).clamp(0, 1), atol=1e-6)
        margin = model.logits(step.pixels) @ torch.tensor([1.0, -1.0])
        assert torch.allclose(step.loss, nn.functional.softplus(-margin if not aimed else margin), atol=1e-5)
        assert step.correct.tolist() == (margin > 0).tolist() == (~step.reached).tolist()


def test_l2_on_a_linear_network_moves_along_the_gradient():
    model, uphill = _two_classes()
    clean = torch.full((2, 3, 8, 8), 0.5)
    for step in attack(model, clean, [0, 0], threat(norm="l2", eps=0.5, step_size=0.2, steps=4), keep=[1, 0]):
        trajectory = min(step.step * 0.2, 0.5)
        assert torch.allclose(step.pixels, clean + trajectory * uphill / uphill.norm(), atol=1e-6)
        assert torch.allclose(step.distance, torch.full((2,), trajectory), atol=1e-6)


def test_probabilities_are_those_of_the_prediction_and_of_the_label():
    model, clean = convolutional(), images(4)
    step = attack(model, clean, [0, 1, 2, None], threat(steps=3), keep=range(4))[-1]
    probabilities = model.logits(step.pixels).softmax(1)
    assert torch.allclose(step.probability, probabilities.amax(1), atol=1e-6)
    assert torch.allclose(step.true_probability, probabilities[range(4), step.goal.labels], atol=1e-6)


# What must hold for every threat model.


@settings(max_examples=40, deadline=None)
@given(
    norm=st.sampled_from(["linf", "l2"]),
    eps=st.floats(0, 1),
    step_fraction=st.floats(0.01, 3),
    steps=st.integers(1, 4),
    aim=st.sampled_from(["untargeted", "random", "least_likely"]),
    start=st.sampled_from(["clean", "random", "random_unclipped"]),
    stop_at_success=st.booleans(),
    seed=st.integers(0, 9),
)
def test_every_step_is_in_the_ball_and_holds_pixels(eps, step_fraction, **fields):
    clean = images(3, seed=fields["seed"])
    # A step of exactly 0 belongs to eps 0 alone, and a denormal eps would make one.
    eps = 0.0 if eps < 1e-6 else eps
    threat_model = threat(eps=eps, step_size=eps * step_fraction, **fields)
    places = [2, 0, 1]
    steps = attack(convolutional(), clean, None, threat_model, keep=places)
    assert [step.step for step in steps] == list(range(threat_model.steps + 1))
    assert torch.equal(steps[0].pixels, clean[places])
    for step in steps:
        assert (step.distance <= eps + 2e-6).all()
        assert torch.allclose(BALLS[threat_model.norm].distance(step.pixels - clean[places]), step.distance[places])
        assert step.pixels.min() >= 0
        assert step.pixels.max() <= 1
        assert step.pixels.is_contiguous()


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("start", ["clean", "random"])
@pytest.mark.parametrize("step_size", [0.0, 0.1])
def test_eps_zero_changes_nothing_bit_for_bit(norm, start, step_size):
    clean = images(4)
    steps = attack(
        convolutional(),
        clean,
        [0, 1, 2, 3],
        threat(norm=norm, start=start, eps=0.0, step_size=step_size, steps=3),
        keep=range(4),
    )
    for step in steps:
        assert torch.equal(step.pixels, clean)
        assert torch.equal(step.label, steps[0].label)


@pytest.mark.parametrize("start", ["clean", "random"])
def test_ten_steps_are_the_first_ten_of_fifty(start):
    few, many = (
        attack(convolutional(), images(4), None, threat(steps=n, start=start), keep=range(4)) for n in (10, 50)
    )
    for one, other in zip(few, many[:11], strict=True):
        _assert_same(one, other)


def test_an_image_s_trajectory_does_not_depend_on_its_company(monkeypatch):
    clean, threat_model = images(6), threat(start="random", restarts=2, aim="random", seed=5)
    whole = attack(convolutional(), clean, None, threat_model, keep=range(6))
    monkeypatch.setitem(batches.PIXELS_AT_ONCE, "cpu", 4 * 8**2)
    batched = attack(convolutional(), clean, None, threat_model, keep=range(6))
    part = attack(convolutional(), clean[4:], None, threat_model, indices=[4, 5], keep=[0, 1])
    for one, other, rest in zip(whole, batched, part, strict=True):
        assert torch.allclose(one.pixels, other.pixels, atol=1e-6)
        assert torch.equal(one.label, other.label)
        assert torch.allclose(one.pixels[4:], rest.pixels, atol=1e-6)
        assert torch.equal(one.label[4:], rest.label)


def test_restarts_never_raise_what_is_correct_so_far():
    clean, standing = images(32), []
    for restarts in (1, 2, 5):
        steps = attack(
            convolutional(),
            clean,
            None,
            threat(eps=40 / 255, step_size=20 / 255, steps=1, start="random", restarts=restarts),
        )
        standing.append(torch.stack([step.correct for step in steps]).all(0))
    assert (standing[1] <= standing[0]).all()
    assert (standing[2] <= standing[1]).all()
    assert 0 < standing[2].sum() < standing[0].sum()  # and they do lower it here


@pytest.mark.parametrize("aim", ["untargeted", "random"])
def test_of_several_restarts_the_one_that_has_come_farthest_is_shown(aim):
    fields = dict(eps=30 / 255, step_size=10 / 255, steps=3, start="random", aim=aim)
    one, four = (attack(convolutional(), images(32), None, threat(restarts=restarts, **fields)) for restarts in (1, 4))
    for single, best in zip(one[1:], four[1:], strict=True):
        assert (single.reached <= best.reached).all()
        gained = single.loss - best.loss if aim == "random" else best.loss - single.loss
        assert (gained[~best.reached] >= 0).all()
    assert sum((single.reached < best.reached).sum() for single, best in zip(one, four, strict=True)) > 0


def test_what_the_caller_does_to_the_pixels_meanwhile_does_not_matter():
    clean = images(2)
    expected = attack(convolutional(), clean.clone(), None, threat(), keep=[0, 1])[-1]
    trajectory = pgd(convolutional(), clean, None, threat(), keep=[0, 1])
    next(trajectory)
    clean.zero_()
    _assert_same(list(trajectory)[-1], expected)


# What it costs, and what it leaves behind.


@pytest.mark.parametrize(
    ("changes", "forward", "backward"),
    [
        ({}, 51, 50),
        ({"aim": "least_likely"}, 51, 50),
        ({"start": "random"}, 52, 50),
        ({"start": "random", "restarts": 3}, 1 + 3 * 51, 3 * 50),
    ],
)
def test_one_pass_gives_both_the_prediction_and_the_next_gradient(changes, forward, backward):
    network = Counting()
    attack(as_model(network), images(2), None, threat(steps=50, **changes))
    assert (network.forward_images, network.backward_images) == (2 * forward, 2 * backward)


def test_what_has_reached_its_aim_is_left_alone_where_the_threat_model_says_so():
    network, clean = Counting(), images(8)
    steps = attack(
        as_model(network), clean, None, threat(eps=0.2, step_size=0.02, steps=20, stop_at_success=True), keep=range(8)
    )
    assert all((before.reached <= after.reached).all() for before, after in zip(steps, steps[1:], strict=False))
    assert steps[-1].reached.all()
    for before, after in zip(steps, steps[1:], strict=False):
        assert torch.equal(before.pixels[before.reached], after.pixels[before.reached])
    still_active = sum(int((~step.reached).sum()) for step in steps[:-1])
    assert network.forward_images == 8 + still_active


def test_the_paper_s_start_may_leave_the_cube_and_its_first_step_may_not():
    seen = []
    body = convolutional().network
    model = as_model(nn.Sequential(body))
    model.network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach().clone()))
    attack(model, images(5), range(5), PAPER)
    clean, start, first = seen[:3]
    assert start.min() < 0
    assert start.max() > 1
    assert (start - clean).abs().max() <= 0.06 + 1e-6
    assert first.min() >= 0
    assert first.max() <= 1


def test_progress_comes_between_batches_and_the_last_step_is_returned(monkeypatch):
    monkeypatch.setitem(batches.PIXELS_AT_ONCE, "cpu", 4 * 8**2)
    events, last = events_and_result(pgd(convolutional(), images(6), None, threat(steps=2)))
    assert events[0] == Progress(3, 6, "images")
    assert [type(event).__name__ for event in events] == ["Progress", "AttackStep"] * 3
    assert last is events[-1]


def test_nothing_is_left_behind():
    model, clean = convolutional(), images(4)
    before = {
        name: (tensor.clone(), tensor.requires_grad)
        for name, tensor in model.network.state_dict(keep_vars=True).items()
    }
    untouched = clean.clone()
    for _ in pgd(model, clean, None, threat(norm="l2", start="random")):
        assert torch.is_grad_enabled()
    with torch.no_grad():  # whatever the caller's mode, also when the attack is stopped half-way
        trajectory = pgd(model, clean, None, threat())
        next(trajectory), next(trajectory)
        assert not torch.is_grad_enabled()
        trajectory.close()
    for name, tensor in model.network.state_dict(keep_vars=True).items():
        assert torch.equal(tensor, before[name][0])
        assert tensor.requires_grad == before[name][1]
        assert tensor.grad is None
    assert not any(
        module.training or module._forward_hooks or module._backward_hooks for module in model.network.modules()
    )
    assert torch.equal(clean, untouched)
    assert clean.grad is None
    assert not clean.requires_grad


def test_fifty_runs_leave_no_more_than_one():
    model, clean = convolutional(), images(2)

    def tensors_alive_after(runs):
        for _ in range(runs):
            attack(model, clean, None, threat(steps=2), keep=[0])
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    assert tensors_alive_after(1) == tensors_alive_after(50)


def test_a_gradient_of_zero_is_told_and_moves_nothing():
    model = linear(torch.zeros(2, VALUES), torch.tensor([1.0, 0.0]))
    steps = attack(model, images(2), [0, 0], threat(norm="l2", steps=2))
    assert [step.zero_gradient.tolist() for step in steps] == [[False, False], [True, True], [True, True]]
    assert not steps[-1].distance.any()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"pixels": images(2) * 2}, "lie in"),
        ({"pixels": images(2).double()}, "float32"),
        ({"pixels": images(2)[0]}, "shape"),
        ({"pixels": images(2) * math.nan}, "lie in"),
        ({"pixels": images(0)}, "at least one image"),
        ({"labels": [0]}, "one label"),
        ({"targets": [1, 1]}, "aim 'chosen'"),
        ({"indices": [0]}, "one index"),
        ({"keep": [2]}, "to keep"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_event(changes, named):
    arguments = {"pixels": images(2), "labels": None, "threat": threat()} | changes
    with pytest.raises(BadInput, match=named):
        pgd(convolutional(), **arguments)


# Numbers at both ends of what floats hold.

DIAMETERS = {"l2": math.sqrt(VALUES), "linf": 1.0}
LARGER = {"l2": [15.0, 1e6, 2e19, 1e20, 1e300, 10**300], "linf": []}  # a longer ε than 1 is refused in this norm


@pytest.mark.parametrize(("norm", "eps"), [(norm, eps) for norm, larger in LARGER.items() for eps in larger])
@pytest.mark.parametrize(
    "fields", [{}, {"step_size": 1e20}, {"start": "random", "restarts": 2}, {"start": "random_unclipped"}]
)
def test_a_ball_larger_than_any_image_is_no_limit(norm, eps, fields):
    fields = {"norm": norm, "step_size": 3.0, "steps": 4} | fields
    expected, found = (
        attack(convolutional(), images(4), None, threat(eps=size, **fields), keep=range(4))
        for size in (DIAMETERS[norm], eps)
    )
    for one, other in zip(expected, found, strict=True):
        _assert_same(one, other)
    assert found[-1].distance.min() > 1


@pytest.mark.parametrize(("norm", "eps"), [("l2", 1.5), ("l2", 10.0), ("l2", 1e20), ("linf", 0.1), ("linf", 1.0)])
@pytest.mark.parametrize("step_size", [2e19, 1e20, 1e39, 1e300, 10**30])
def test_a_step_of_any_length_ends_where_a_very_long_one_does(norm, eps, step_size):
    expected, found = (
        attack(convolutional(), images(4), None, threat(norm=norm, eps=eps, step_size=size, steps=3), keep=range(4))
        for size in (1e9, step_size)
    )
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one.pixels, other.pixels, atol=1e-5)
        assert torch.equal(one.label, other.label)
    assert found[-1].distance.min() > 0.9 * min(eps, 1)


@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("scale", [1e-25, 1e-38])
def test_the_size_of_a_gradient_does_not_matter(norm, scale):
    """Between two classes the loss of an even image has the gradient (b - a) / 2, whatever its length."""
    ascent = torch.randn(VALUES, generator=torch.Generator().manual_seed(0))
    ascent -= ascent.mean()  # so that an even image has the logits 0 and 0
    grey, fields = torch.full((1, 3, 8, 8), 0.5), {"norm": norm, "eps": 0.1, "step_size": 0.1, "steps": 1}
    plain, scaled = (
        attack(linear(torch.stack([0 * ascent, size * ascent])), grey, [0], threat(**fields), keep=[0])[-1]
        for size in (1.0, scale)
    )
    assert torch.allclose(plain.pixels, scaled.pixels, atol=1e-6)
    assert plain.distance == pytest.approx(0.1, abs=1e-6)


class Rooted(nn.Module):
    """Two finite logits; the gradient of the first is infinite on a black image, and NaN where a zero multiplies
    it.
    """

    def forward(self, pixels):
        root = pixels.flatten(1).sum(1).sqrt()
        return torch.stack([root, 0 * root], 1)


@pytest.mark.parametrize("start", ["clean", "random"])
def test_a_model_without_finite_logits_gets_no_step_at_all(start):
    model = linear(torch.full((2, VALUES), 3e38))
    with pytest.raises(NotFinite, match="linear computed NaN or infinite logits for 3 of 3 images"):
        next(pgd(model, images(3), [0, 1, 0], threat(start=start)))


def test_a_gradient_that_is_not_finite_ends_the_attack_before_it_makes_pixels():
    black_and_grey = torch.cat([torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.5)])
    trajectory = pgd(as_model(Rooted()), black_and_grey, [0, 0], threat(), keep=[0, 1])
    assert next(trajectory).step == 0
    with pytest.raises(NotFinite, match="NaN or infinite gradients for 1 of 2 images"):
        next(trajectory)


def test_on_a_device_that_answers_late_no_step_comes_before_its_logits_are_known_to_be_finite(monkeypatch):
    monkeypatch.setattr(Flags, "arrived", lambda _: False)
    with pytest.raises(NotFinite):
        next(pgd(linear(torch.full((2, VALUES), 3e38)), images(3), [0, 1, 0], threat()))
