"""AutoAttack out of its parts: their order, what each breaks, what a model with few classes gets."""

import logging

import pytest
import torch

from robust_core.attacks.autoattack import PARTS
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.search import Standing, attack
from robust_core.events import result_of
from tests.attacks.networks import grey, saturated, shifted
from tests.tiny import VALUES, convolutional, images, linear

MARGIN = 8 / 255


def _events(model, pixels, labels, config):
    standings, work = [], attack(model, pixels, labels, config)
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            return standings, end.value
        if isinstance(event, Standing):
            standings.append(event)


def test_each_part_attacks_what_those_before_it_leave():
    model, clean = convolutional(), images(6)
    config = AttackConfig("autoattack", "linf", 16 / 255, 3)
    standings, found = _events(model, clean, model.logits(clean).argmax(1).tolist(), config)
    titles = [part.title for part in PARTS]
    at_work = [standing.part for standing in standings if standing.part]
    assert list(dict.fromkeys(at_work)) == titles[: len(set(at_work))]
    assert [standing.done for standing in standings] == sorted(standing.done for standing in standings)
    assert set(found.broken_by) <= {"", *titles}
    assert [by != "" for by in found.broken_by] == found.broken.tolist()
    for title in set(at_work):
        last = [standing for standing in standings if standing.part == title][-1]
        until = titles[: titles.index(title) + 1]
        assert int(last.broken.sum()) == sum(by in until for by in found.broken_by)
    assert found.notes == ()


def test_the_part_that_breaks_is_the_one_that_can():
    """The cross-entropy's gradient vanishes; with three classes the next part is FAB."""
    config = AttackConfig("autoattack", "linf", 1.1 * MARGIN, 20)
    found = result_of(attack(saturated(MARGIN), grey(2), [0, 1], config))
    assert found.broken_by == ("FAB-T", "")
    assert found.broken.tolist() == [True, True], "the second is wrong when clean"
    found = result_of(attack(shifted(MARGIN), grey(1), [0], config))
    assert found.broken_by == ("APGD-CE",)


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_few_classes_get_what_fits_and_a_sentence(classes):
    model = linear(torch.zeros(classes, VALUES), torch.linspace(1, 0, classes))
    standings, found = _events(model, grey(1), [0], AttackConfig("autoattack", "linf", 0.1, 2))
    assert not found.broken.any()
    parts = {standing.part for standing in standings if standing.part}
    if classes < 4:
        assert parts == {"APGD-CE", "FAB-T", "Square"}
        assert found.notes == (f"APGD-T is left out: it needs at least 4 classes, and this model has {classes}.",)
    else:
        assert (parts, found.notes) == ({part.title for part in PARTS}, ())
    targets = classes - 1
    forward = 3 + targets * 2 * 2 + 100 + (targets * 3 if classes >= 4 else 0)
    assert found.forward_passes == 1 + forward


def test_pyautoattack_leaves_as_many():
    library = pytest.importorskip("pyautoattack")
    logging.getLogger("auto-attack").setLevel(logging.ERROR)
    model, clean, eps, steps = convolutional(classes=4, seed=2), images(8), 6 / 255, 6
    labels = model.logits(clean).argmax(1)
    theirs = library.AutoAttack(model.network, norm="Linf", eps=eps, seed=0, version="standard", device="cpu")
    for part in (theirs.apgd, theirs.apgd_targeted, theirs.fab):
        part.n_iter, part.n_target_classes = steps, 3
    theirs.square.n_queries = 50 * steps
    adversarial, _ = theirs.run_standard_evaluation(clean, labels)
    left = int((model.logits(adversarial).argmax(1) == labels).sum())
    found = result_of(attack(model, clean, labels.tolist(), AttackConfig("autoattack", "linf", eps, steps)))
    assert 0 < left < 8
    assert abs(int((~found.broken).sum()) - left) <= 1
