"""Searches that see decisions alone: none asks too often, and it is known what each has after how many queries."""

import threading

import pytest
import torch

from robust_core.attacks import query_search
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.distances import DISTANCES
from robust_core.attacks.draws import torch_generator
from robust_core.attacks.search import Search, Standing, attack
from robust_core.events import result_of
from tests.attacks.networks import constant, grey, shifted
from tests.tiny import VALUES, convolutional, images

foolbox = pytest.importorskip("foolbox")
KEYS = [("boundary", "l2"), ("hop_skip_jump", "l2"), ("hop_skip_jump", "linf"), ("cgba", "l2")]


def found_by(model, pixels, key, norm, queries, **options):
    labels = model.logits(pixels).argmax(1).tolist()
    return result_of(attack(model, pixels, labels, AttackConfig.of(key, norm, None, queries), **options))


def no_threads_left():
    return not [thread for thread in threading.enumerate() if thread.name == "handover"]


@pytest.mark.parametrize("queries", [1, 2, 10, 1_000, 123_456])
def test_marks_go_up_to_the_last_query(queries):
    marks = query_search.marks(queries)
    assert marks[0] == 1
    assert marks[-1] == queries
    assert list(marks) == sorted(set(marks))


def test_every_image_has_its_own_budget_and_its_own_pace():
    asked = {}

    def find(ask, clean, dice):
        # an image asks for one at a time, another for seven
        its = round(float(clean[0, 0, 0, 0]) * 255)
        while True:
            ask(its)
            ask(clean.repeat(its, 1, 1, 1))
            asked[its] = asked.get(its, 0) + its

    model, pixels = constant(), torch.stack([torch.full((3, 8, 8), its / 255) for its in (1, 7)])
    search = Search(model, pixels, torch.zeros(2, dtype=torch.long), AttackConfig.of("cgba", "l2", None, 20), [0, 1])
    for event in query_search.run(search, find):
        if isinstance(event, Standing):
            assert all(count <= event.done for count in asked.values())
    assert asked == {1: 20, 7: 14}
    assert search.count.forward == 34
    assert no_threads_left()


@pytest.mark.parametrize(("key", "norm"), KEYS)
def test_no_more_queries_than_allowed(key, norm):
    found = found_by(convolutional(), images(3), key, norm, 50)
    assert found.forward_passes <= 3 * (50 + 1)
    assert found.backward_passes == 0


@pytest.mark.parametrize(("key", "norm"), KEYS)
def test_what_no_noise_fools_stays_unbroken(key, norm):
    found = found_by(constant(), grey(2), key, norm, 30)
    assert not found.broken.any()
    assert found.forward_passes == 2 * 31
    assert no_threads_left()


@pytest.mark.parametrize(("key", "norm"), KEYS)
def test_other_images_make_no_difference(key, norm):
    model, pixels = convolutional(), images(4)
    whole = found_by(model, pixels, key, norm, 60)
    alone = found_by(model, pixels[2:3], key, norm, 60, indices=[2])
    assert torch.allclose(alone.distance, whole.distance[2:3], rtol=1e-4)


@pytest.mark.parametrize(("key", "norm"), KEYS)
def test_an_attack_that_is_closed_leaves_no_thread(key, norm):
    work = attack(convolutional(), images(3), None, AttackConfig.of(key, norm, None, 100))
    for _ in range(15):
        next(work)
    assert not no_threads_left()
    work.close()
    assert no_threads_left()


@pytest.mark.parametrize(("key", "norm"), KEYS)
def test_more_queries_are_never_worse(key, norm):
    work = attack(convolutional(), images(3), None, AttackConfig.of(key, norm, None, 100))
    standings = [event for event in work if isinstance(event, Standing)]
    assert [one.done for one in standings[1:-1]] == list(query_search.marks(100))
    for before, after in zip(standings, standings[1:], strict=False):
        assert (after.distance <= before.distance).all()


def _direct(key, norm, model, pixels, seed):
    """Foolbox's own image, after one iteration of HopSkipJump or thirty of Boundary, and how often it asked.

    In the second, the points around are so near to the boundary that the size of the batch decides about some.
    """
    asked = []

    class Counting(torch.nn.Module):
        def forward(self, pixels):
            asked.append(pixels)
            return model.network(pixels)

    there = foolbox.PyTorchModel(Counting().eval(), bounds=(0, 1), device="cpu")
    criterion = foolbox.Misclassification(model.logits(pixels).argmax(1))
    torch.manual_seed(seed)
    if key == "boundary":
        return foolbox.attacks.BoundaryAttack(steps=30).run(there, pixels, criterion), len(asked)
    method = foolbox.attacks.HopSkipJumpAttack(steps=1, constraint=norm)
    return method.run(there, pixels, criterion), len(asked)


@pytest.mark.parametrize(("key", "norm"), KEYS[:3])
def test_it_comes_by_foolbox_s_own_image(key, norm, monkeypatch):
    taken, take = [], Search.take

    def spied(search, places, pixels, predicted):
        taken.append(pixels.clone())
        return take(search, places, pixels, predicted)

    model, pixels = convolutional(), images(4)[3:]
    with torch.random.fork_rng():
        theirs, queries = _direct(key, norm, model, pixels, torch_generator(0, 0).initial_seed())
    monkeypatch.setattr(Search, "take", spied)
    ours = found_by(model, pixels, key, norm, queries)
    assert min(float((one - theirs).abs().max()) for one in taken) <= 1e-6
    assert ours.distance[0] <= DISTANCES[norm](theirs - pixels)[0] * (1 + 1e-5)


@pytest.mark.parametrize(("key", "norm", "close"), [("hop_skip_jump", "l2", 0.6), ("cgba", "l2", 0.5)])
def test_on_a_flat_boundary_queries_lead_to_the_distance_that_is_known(key, norm, close):
    known = 0.05 * VALUES**0.5
    few, many = (found_by(shifted(0.05), grey(2), key, norm, queries).distance for queries in (60, 600))
    assert (many >= known * (1 - 1e-4)).all()
    assert (many <= known * (1 + close)).all()
    assert (many < few).all()
