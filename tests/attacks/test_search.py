"""What every attack of the table must hold, whatever it finds: a contract, row by row."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
from torch import nn

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.distances import DISTANCES
from robust_core.attacks.search import Attacked, Standing, attack
from robust_core.attacks.table import ATTACKS, get_attack
from robust_core.errors import BadInput, UnknownName
from robust_core.events import Progress
from robust_core.studies.attack_outcome import title_of
from tests.tiny import as_model, convolutional, images

EPS = {"linf": 24 / 255, "l2": 1.0}
STEPS = {"steps": 10, "queries": 120}
ROWS = [(key, norm) for key, row in ATTACKS.items() for norm in row.norms]
N = 6


def config(key, norm, **changes):
    made = AttackConfig.of(key, norm, EPS.get(norm), STEPS[ATTACKS[key].unit])
    return replace(made, **changes)


def run(model, pixels, labels, its, **options):
    """Every event of an attack, and what it came to."""
    events, work = [], attack(model, pixels, labels, its, **options)
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return events, end.value


def batch_normed(seed=0):
    """A network whose batch norm is far from the identity."""
    torch.manual_seed(seed)
    norm = nn.BatchNorm2d(6)
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.1, 3)
    body = nn.Sequential(nn.Conv2d(3, 6, 3), norm, nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 5))
    return as_model(body)


def right_labels(model, pixels):
    return model.logits(pixels).argmax(1).tolist()


@pytest.mark.parametrize("key", ["fgsm", "pgd", "apgd_ce", "square", "fmn"])
def test_in_float32_the_network_itself_is_attacked_bit_for_bit(key):
    model, pixels, usual = batch_normed(), images(N), config(key, "linf")
    passes = Counter()
    for name, network in (("folded", model.serving), ("itself", model.network)):
        network.register_forward_pre_hook(lambda _, __, name=name: passes.update([name]))
    labels = right_labels(model.unfolded(), pixels)
    passes.clear()
    _, found = run(model, pixels, labels, replace(usual, precision="float32"))
    assert set(passes) == {"itself"}
    passes.clear()
    _, expected = run(model.unfolded(), pixels, labels, usual)
    assert set(passes) == {"itself"}
    assert torch.equal(found.pixels, expected.pixels)
    assert torch.equal(found.distance, expected.distance)
    passes.clear()
    run(model, pixels, labels, usual)
    assert set(passes) == {"folded"}


@pytest.mark.parametrize("steps", [None, 1, 5, 50])
def test_an_attack_of_a_single_step_is_never_called_more(steps):
    assert title_of(AttackConfig.of("fgsm", "linf", 0.1, steps)) == "FGSM"
    assert ", 1 steps," in str(AttackConfig.of("fgsm", "linf", 0.1, steps))


def test_more_steps_of_a_single_one_are_refused():
    with pytest.raises(BadInput, match="FGSM takes a single step; got 50"):
        AttackConfig("fgsm", "linf", 0.1, 50)
    with pytest.raises(BadInput, match="steps must be a whole number"):
        AttackConfig.of("fgsm", "linf", 0.1, 0)


def test_the_precision_is_told_where_it_is_not_the_usual_one():
    usual = config("pgd", "linf")
    chosen = replace(usual, precision="float32")
    assert "precision" not in usual.identity
    assert chosen.identity == usual.identity | {"precision": "float32"}
    assert str(chosen) == f"{usual}; batch norm not folded"
    assert (title_of(usual), title_of(chosen)) == ("PGD-10", "PGD-10 (not folded)")


@pytest.mark.parametrize(("key", "norm"), ROWS)
def test_what_is_found_holds(key, norm):
    model, pixels = convolutional(), images(N)
    labels = right_labels(model, pixels)
    labels[0] = (labels[0] + 1) % 5  # wrong when clean
    its = config(key, norm)
    events, found = run(model, pixels, labels, its, keep=[1, 3])
    assert isinstance(found, Attacked)
    assert found.clean_correct.tolist() == [False] + [True] * (N - 1)
    assert found.broken[0]
    assert found.distance[0] == 0
    assert found.broken[1:].any(), "an attack that finds nothing on this network shows nothing"
    assert found.pixels.min() >= 0
    assert found.pixels.max() <= 1
    assert torch.equal(found.label, model.logits(found.pixels).argmax(1))
    assert torch.equal(found.broken, found.label != torch.tensor(labels))
    measured = DISTANCES[norm](found.pixels - pixels)
    assert torch.allclose(measured[found.broken], found.distance[found.broken], rtol=1e-5)
    assert torch.equal(found.pixels[~found.broken], pixels[~found.broken])
    if its.eps is not None:
        assert (measured <= its.eps * (1 + 1e-5) + 1e-7).all()
    rounded = model.logits((found.pixels * 255).round() / 255).argmax(1) != torch.tensor(labels)
    assert torch.equal(found.broken_in_8_bits, found.broken & rounded)
    standings = [event for event in events if isinstance(event, Standing)]
    assert len(standings) + sum(isinstance(event, Progress) for event in events) == len(events)
    assert standings[0].broken.tolist() == [True] + [False] * (N - 1)
    assert all(len(standing.pixels) == 2 for standing in standings)
    for before, after in zip(standings, standings[1:], strict=False):
        assert (after.distance <= before.distance).all()
        assert after.forward_passes >= before.forward_passes
    assert torch.equal(standings[-1].broken, found.broken)
    classes = 5
    most_forward, most_backward = ATTACKS[key].passes(its.steps, classes)
    assert found.forward_passes <= N * (most_forward + 1)
    assert found.backward_passes <= N * most_backward


@pytest.mark.parametrize(("key", "norm"), ROWS)
def test_the_same_seed_finds_the_same_and_nothing_is_left_behind(key, norm):
    model, pixels = convolutional(), images(N)
    labels, its = right_labels(model, pixels), config(key, norm, seed=3)
    state, before = torch.random.get_rng_state(), pixels.clone()
    parameters = [parameter.clone() for parameter in model.network.parameters()]
    _, first = run(model, pixels, labels, its)
    assert torch.equal(torch.random.get_rng_state(), state)
    _, again = run(model, pixels, labels, its)
    assert torch.equal(first.pixels, again.pixels)
    assert torch.equal(pixels, before)
    assert all(torch.equal(a, b) for a, b in zip(parameters, model.network.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in model.network.parameters())
    assert not model.network.training
    assert not any(module._forward_hooks or module._backward_hooks for module in model.network.modules())


@pytest.mark.parametrize(("key", "norm"), ROWS)
def test_an_attack_that_is_stopped_leaves_nothing_behind(key, norm):
    model, pixels = convolutional(), images(N)
    state = torch.random.get_rng_state()
    work = attack(model, pixels, right_labels(model, pixels), config(key, norm))
    for _, event in zip(range(3), work, strict=False):
        assert isinstance(event, Standing | Progress)
    work.close()
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.network.parameters())


@pytest.mark.parametrize("key", ATTACKS)
def test_every_row_says_what_it_is(key):
    row = get_attack(key)
    assert row.key == key
    assert row.source
    assert row.norms
    assert row.steps > 0
    forward, backward = row.passes(row.steps, 16)
    assert forward > 0
    assert (backward > 0) == (row.knowledge == "gradients")
    assert str(AttackConfig.of(key, row.norms[0], 8 / 255)).startswith(row.title)


@pytest.mark.parametrize("key", ATTACKS)
def test_wrong_arguments_are_refused(key):
    row = ATTACKS[key]
    with pytest.raises(UnknownName):
        AttackConfig.of(key, "l3", 8 / 255)
    if foreign := {"linf", "l2", "l1", "l0"} - set(row.norms):
        with pytest.raises(BadInput, match="searches in"):
            AttackConfig.of(key, min(foreign), 8 / 255)
    for steps in (0, 1.5, True):
        with pytest.raises(BadInput):
            AttackConfig.of(key, row.norms[0], 8 / 255, steps)
    for eps in [8 / 255] if row.minimal else [None, 0, -1, float("nan"), "4/255", 4.0 if "linf" in row.norms else -2]:
        with pytest.raises(BadInput):
            AttackConfig(key, row.norms[0], eps, 10)


@pytest.mark.parametrize(("key", "norm"), ROWS)
def test_an_attack_that_persists_breaks_the_same_images_and_stays_in_the_ball(key, norm):
    model, pixels = convolutional(), images(N)
    labels, its = right_labels(model, pixels), config(key, norm)
    if its.eps is None:
        with pytest.raises(BadInput, match="cannot go on"):
            attack(model, pixels, labels, its, persist=True)
        return
    _, found = run(model, pixels, labels, its, persist=True)
    assert (DISTANCES[norm](found.pixels - pixels) <= its.eps * (1 + 1e-5) + 1e-7).all()
    assert torch.equal(found.label, model.logits(found.pixels).argmax(1))
    assert torch.equal(found.broken, found.label != torch.tensor(labels))
    assert found.broken.any()
    assert torch.equal(found.distance.isfinite(), found.broken)


def test_pgd_that_persists_ends_where_pgd_ends():
    model, pixels = convolutional(), images(N)
    labels, its = right_labels(model, pixels), config("pgd", "linf", eps=8 / 255)
    _, first = run(model, pixels, labels, its)
    _, last = run(model, pixels, labels, its, persist=True)
    assert torch.equal(first.broken, last.broken)
    assert (last.distance[last.broken] >= first.distance[first.broken]).all()
    assert last.distance[last.broken].max() == pytest.approx(its.eps)
    assert first.distance[first.broken].max() < its.eps


def test_unknown_attacks_are_named():
    with pytest.raises(UnknownName, match="attack"):
        get_attack("autoatack")


def test_labels_and_images_that_do_not_fit_are_refused():
    model, its = convolutional(), config("pgd", "linf")
    for labels in ([0], [0, 1, -1], [0, 1, 2, 3]):
        with pytest.raises(BadInput):
            attack(model, images(3), labels, its)
    with pytest.raises(BadInput, match="classes 0 to 4"):
        next(attack(model, images(2), [0, 5], its))
    with pytest.raises(BadInput):
        attack(model, images(2) * 2, [0, 1], its)
    with pytest.raises(BadInput):
        attack(model, images(2), [0, 1], its, keep=[2])


def test_without_labels_the_clean_predictions_count():
    model, pixels = convolutional(), images(3)
    _, found = run(model, pixels, [None, right_labels(model, pixels)[1], None], config("pgd", "linf"))
    assert found.labels.tolist() == right_labels(model, pixels)
    assert found.known.tolist() == [False, True, False]
