"""Every task about attacks against what it stands for, called directly, on networks whose predictions are known; each
quirk on and off.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.scoring import LAST_ITERATE, read
from robust_core.attacks.scoring import PAPER as READ_AS_PAPER
from robust_core.attacks.threat import PAPER
from robust_core.benchmark.attack_tasks import (
    CLEAN_STANDS_IN,
    UNCLIPPED_START,
    Certify,
    RobustAccuracy,
    SmallestChange,
    TransferAttack,
    UnderAttack,
    set_threat,
)
from robust_core.certificates.smoothing import Smoothing
from robust_core.data.image_set import ImageSet
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage
from robust_core.labels import MINI
from robust_core.models import pool as pool_module
from robust_core.studies import attack_comparison, certified_radius, smallest_change, transfer_matrix
from robust_core.studies.attack_comparison import AttackComparisonRequest
from robust_core.studies.certified_radius import CertifiedRadiusRequest
from robust_core.studies.smallest_change import SmallestChangeRequest, searches
from robust_core.studies.transfer_matrix import TransferMatrixRequest
from tests.attacks.networks import constant, shifted
from tests.attacks.threats import attack, threat
from tests.benchmark.questions import ALL_QUIRKS, levels_of, question
from tests.certificates.networks import away, grey, two_sided
from tests.outcomes import events_and_result
from tests.tiny import SIDE_PX, convolutional, images

UNTARGETED = threat(start="random", steps=4)
CLASSES = 5
EIGHT = 8 / 255
ATTACKS = tuple(AttackConfig.of(key, "linf", EIGHT, steps) for key, steps in (("fgsm", 1), ("pgd", 4), ("apgd_ce", 8)))
PGD = AttackConfig.of("pgd", "linf", EIGHT, 20)
SMOOTHINGS = tuple(Smoothing(sigma, n=200, n0=20) for sigma in (0.12, 0.4))


class Pool:
    """Hands out one model under every name."""

    def __init__(self, model):
        self.model = model

    def use(self, key):
        return self

    def __enter__(self):
        return self.model

    def __exit__(self, *error):
        return None


class PoolOf:
    """Hands out several models, each under its own name."""

    def __init__(self, *models):
        self.models = {model.spec.key: model for model in models}

    def use(self, key):
        return Pool(self.models[key])


@pytest.fixture
def substitute(monkeypatch):
    model = convolutional(CLASSES, seed=3)
    monkeypatch.setattr(pool_module, "shared_pool", lambda: Pool(model))
    return model


@pytest.fixture
def model():
    return convolutional(CLASSES)


@pytest.fixture
def missed(model):
    """Twelve images whose label the model gets right for the first six, and wrong for the others."""
    clean = images(12)
    predictions = model.logits(clean).argmax(1)
    return clean, np.concatenate([predictions[:6], (predictions[6:] + 1) % CLASSES])


# RobustAccuracy


@pytest.mark.parametrize(
    "quirks",
    [ALL_QUIRKS, {CLEAN_STANDS_IN}, {UNCLIPPED_START}, set()],
    ids=lambda quirks: "+".join(sorted(quirks)) or "none",
)
def test_the_papers_attack_with_each_quirk_on_and_off(model, missed, quirks):
    clean, labels = missed
    direct = replace(PAPER, eps=0.08, seed=5, start="random_unclipped" if UNCLIPPED_START in quirks else "random")
    places = range(100, 112)
    steps = attack(model, levels_of(clean).float() / 255, labels.tolist(), direct, indices=places)
    expected = torch.stack(list(read(steps, READ_AS_PAPER if CLEAN_STANDS_IN in quirks else LAST_ITERATE)), dim=1)
    predictions = result_of(
        RobustAccuracy(PAPER).ask(
            question(model, clean, labels, places=places, quirks=frozenset(quirks), seed=5, eps=0.08)
        )
    )
    assert predictions["correct"].shape == (12, 11)
    assert (predictions["correct"] == expected.numpy()).all()
    assert (predictions["correct"][:, 0] == (np.arange(12) < 6)).all()


def test_only_where_the_clean_image_stands_in_does_a_third_class_count_as_correct(model):
    clean = images(60)
    labels = model.logits(clean).argmax(1).numpy()
    steps = attack(model, levels_of(clean).float() / 255, labels.tolist(), replace(PAPER, eps=0.06), indices=range(60))
    third = ~steps[-1].correct & ~torch.stack([step.reached for step in steps]).any(0)
    assert third.any(), "some image should end in a third class"
    kept = result_of(RobustAccuracy(PAPER).ask(question(model, clean, labels, eps=0.06)))["correct"][:, -1]
    left_out = result_of(
        RobustAccuracy(PAPER).ask(question(model, clean, labels, quirks=ALL_QUIRKS - {CLEAN_STANDS_IN}, eps=0.06))
    )["correct"][:, -1]
    assert kept[third].all()
    assert not left_out[third].any()
    assert (kept >= left_out).all()


@pytest.mark.parametrize(("quirks", "start"), [(ALL_QUIRKS, "random_unclipped"), (frozenset(), "random")])
def test_the_start_is_clipped_only_without_the_quirk_and_the_condition_sets_eps(model, quirks, start):
    set_to = set_threat(PAPER, None, question(model, images(1), [0], quirks=quirks, seed=9, eps=0.1))
    assert set_to == replace(PAPER, start=start, eps=0.1, seed=9)


def test_a_start_that_never_was_unclipped_stays_and_the_step_is_a_share_of_eps(model):
    set_to = set_threat(UNTARGETED, 0.25, question(model, images(1), [0], quirks=frozenset(), eps=8 / 255))
    assert (set_to.start, set_to.step_size) == ("random", 2 / 255)


def test_without_quirks_the_last_iterate_of_an_untargeted_attack_counts(model, missed):
    clean, labels = missed
    steps = attack(model, levels_of(clean).float() / 255, labels.tolist(), UNTARGETED, indices=range(12))
    asked = question(model, clean, labels, quirks=frozenset(), eps=UNTARGETED.eps)
    news, predictions = events_and_result(RobustAccuracy(UNTARGETED).ask(asked))
    assert (predictions["correct"] == torch.stack([step.correct for step in steps], dim=1).numpy()).all()
    assert [(event.done, event.total) for event in news if event.unit == "steps"] == [(step, 4) for step in range(5)]


def test_a_part_of_the_images_is_attacked_as_in_the_whole(model, missed):
    clean, labels = missed
    whole = result_of(RobustAccuracy(PAPER).ask(question(model, clean, labels, eps=0.06)))["correct"]
    part = result_of(RobustAccuracy(PAPER).ask(question(model, clean[7:10], labels[7:10], places=[7, 8, 9], eps=0.06)))[
        "correct"
    ]
    assert (part == whole[7:10]).all()


# RobustAccuracyFrom


def test_an_attack_computed_on_the_model_itself_is_white_box(model, monkeypatch):
    monkeypatch.setattr(pool_module, "shared_pool", lambda: Pool(model))
    clean, places = images(60), range(100, 160)
    labels = model.logits(clean).argmax(1).numpy()
    labels[50:] = (labels[50:] + 1) % CLASSES
    for quirks in (ALL_QUIRKS, ALL_QUIRKS - {CLEAN_STANDS_IN}):
        asked = question(model, clean, labels, places=places, quirks=quirks, eps=0.03)
        white, black = (
            result_of(RobustAccuracy(PAPER).ask(asked))["correct"][:, -1],
            result_of(TransferAttack(PAPER, "itself").ask(asked))["correct"],
        )
        assert (black == white).all()
        assert 0 < white.sum() < 50


def test_what_the_substitutes_attack_did_not_reach_is_handed_over_clean_or_as_it_was_left(model, substitute, missed):
    clean, labels = missed
    pixels = levels_of(clean).float() / 255
    step = attack(substitute, pixels, labels.tolist(), replace(PAPER, eps=0.04), keep=range(12))[-1]
    assert step.reached.any()
    assert not step.reached.all()
    handed = torch.where(step.reached[:, None, None, None], step.pixels, pixels)
    for quirks, given in ((ALL_QUIRKS, handed), (ALL_QUIRKS - {CLEAN_STANDS_IN}, step.pixels)):
        predictions = result_of(
            TransferAttack(PAPER, "substitute").ask(question(model, clean, labels, quirks=quirks, eps=0.04))
        )
        assert (predictions["correct"] == (model.logits(given).argmax(1).numpy() == labels)).all()


def test_what_the_substitute_takes_for_its_target_from_the_first_is_handed_over_as_it_is(substitute):
    """Its start would leave [0, 1], which no model takes; Foolbox hands such an image back at once."""
    clean = images(60)
    labels = (substitute.logits(clean).argmax(1).numpy() + 1) % CLASSES
    steps = attack(
        substitute, levels_of(clean).float() / 255, labels.tolist(), replace(PAPER, eps=0.06), keep=range(60)
    )
    at_once = steps[0].reached
    assert at_once.any()
    torch.testing.assert_close(steps[-1].pixels[at_once], clean[at_once], rtol=0, atol=1e-6)
    assert (steps[-1].distance[at_once] == 0).all()
    own_prediction = result_of(TransferAttack(PAPER, "substitute").ask(question(substitute, clean, labels, eps=0.06)))[
        "correct"
    ]
    assert not own_prediction[at_once].any()


def test_news_come_while_the_substitute_is_attacked(model, substitute, missed):
    news = list(TransferAttack(PAPER, "substitute").ask(question(model, *missed, eps=0.06)))
    assert all(isinstance(event, Progress) for event in news)
    assert [event.done for event in news] == list(range(11))


# Attacks of the table


def set_of(clean, labels):
    """The images of a question, as a study takes them."""
    levels = levels_of(clean).permute(0, 2, 3, 1).numpy()
    return ImageSet.of(
        [
            LabelledImage(rgb, int(label), f"image {place}", "a test", f"{place} {rgb.sum()}", MINI)
            for place, (rgb, label) in enumerate(zip(levels, labels, strict=True))
        ]
    )


@pytest.fixture
def in_use(model, monkeypatch):
    """The model is what every study finds in the pool."""
    monkeypatch.setattr(pool_module, "shared_pool", lambda: Pool(model))
    return model


@pytest.mark.parametrize("config", ATTACKS, ids=lambda one: one.attack)
def test_what_is_left_is_what_the_study_of_attacks_says(in_use, missed, config):
    clean, labels = missed
    asked = question(in_use, clean, labels, attack=config.attack)
    predictions = result_of(UnderAttack(ATTACKS).ask(asked))
    request = AttackComparisonRequest((in_use.spec,), set_of(clean, labels), (config,))
    ((outcome,),) = result_of(attack_comparison.run(request)).outcomes.values()
    assert predictions["clean_correct"].tolist() == outcome.clean_correct.tolist() == [True] * 6 + [False] * 6
    assert predictions["correct"].tolist() == (~outcome.broken).tolist()
    assert predictions["correct"].sum() < 6


@pytest.mark.parametrize(
    ("task", "settings"),
    [
        (UnderAttack((AttackConfig.of("autoattack", "linf", EIGHT, 6),)), {"attack": "autoattack"}),
        (UnderAttack((AttackConfig.of("square", "linf", EIGHT, 50),)), {"attack": "square"}),
        (SmallestChange(searches("linf", 6)), {}),
        (TransferAttack(PGD), {"source": "another"}),
        (Certify(SMOOTHINGS), {"sigma": "0.12"}),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, dict) else "",
)
def test_images_alone_and_in_another_order_are_predicted_as_in_the_whole(model, substitute, missed, task, settings):
    """Each has its own random draws, whoever else is in its batch."""
    clean, labels = missed
    whole = result_of(task.ask(question(model, clean, labels, **settings)))
    for some in ([7], [3, 0, 8, 2]):
        part = result_of(task.ask(question(model, clean[some], labels[some], places=some, **settings)))
        assert part.keys() == whole.keys()
        for field, values in part.items():
            np.testing.assert_allclose(values, whole[field][some], rtol=1e-3)


def test_the_runs_seed_draws_the_noise():
    asked = [question(two_sided(0.3), grey()[None], [0], seed=seed, sigma="0.40") for seed in (0, 0, 1)]
    one, same, other = (result_of(Certify(SMOOTHINGS).ask(each))["radius"].tolist() for each in asked)
    assert one == same != other


def test_an_attack_handed_over_to_its_own_source_is_white_box(in_use, missed):
    clean, labels = missed
    asked = question(in_use, clean, labels, attack="pgd", source="itself")
    white = result_of(UnderAttack((PGD,)).ask(asked))["correct"]
    assert (result_of(TransferAttack(PGD).ask(asked))["correct"] == white).all()
    weak = replace(PGD, eps=0.5 / 255)
    held = result_of(UnderAttack((weak,)).ask(asked))["correct"]
    assert (result_of(TransferAttack(weak).ask(asked))["correct"] == held).all()
    assert white.sum() < held.sum() <= 6


def test_what_was_found_on_the_conditions_source_is_judged_as_in_the_transfer_matrix(model, monkeypatch):
    clean, source, strong = images(12), convolutional(CLASSES, seed=3), replace(PGD, eps=0.3)
    source.spec = replace(source.spec, key="source")
    labels = model.logits(clean).argmax(1).numpy()
    monkeypatch.setattr(pool_module, "shared_pool", lambda: PoolOf(source, model))
    predictions = result_of(TransferAttack(strong).ask(question(model, clean, labels, source="source")))
    request = TransferMatrixRequest((source.spec, model.spec), set_of(clean, labels), strong)
    cells = result_of(transfer_matrix.run(request)).cells
    (cell,) = [one for one in cells if (one.source.key, one.target.key) == ("source", model.spec.key)]
    assert predictions["correct"].tolist() == cell.attacked.tolist()
    assert 0 < predictions["correct"].sum() < 12


# Smallest changes


def test_the_smallest_eps_is_the_known_one_and_zero_where_the_clean_image_is_wrong():
    clean = torch.stack([torch.full((3, SIDE_PX, SIDE_PX), level / 255) for level in (128, 130, 134, 140)])
    asked = question(shifted(EIGHT), clean, [0, 0, 0, 0])  # class 1 where the mean is above 135.5
    found = result_of(SmallestChange(searches("linf", 60)).ask(asked))["smallest_eps"]
    assert (255 * found).tolist() == pytest.approx([7.5, 5.5, 1.5, 0], rel=0.03)
    assert found.dtype == np.float32


def test_what_no_search_breaks_is_infinitely_far():
    found = result_of(SmallestChange(searches("linf", 5)).ask(question(constant(), images(2), [0, 1])))
    assert found["smallest_eps"].tolist() == [np.inf, 0]


def test_the_smallest_eps_is_that_of_the_study_of_smallest_changes(in_use, missed):
    clean, labels = missed
    found = result_of(SmallestChange(searches("linf", 20)).ask(question(in_use, clean, labels)))["smallest_eps"]
    request = SmallestChangeRequest((in_use.spec,), set_of(clean, labels), steps=20)
    (study,) = result_of(smallest_change.run(request)).found
    assert found.tolist() == study.distance.tolist()


# Certificates


def test_certificates_are_those_of_the_study_and_say_what_is_not_certified(monkeypatch):
    model = two_sided(0.3, classes=16)
    monkeypatch.setattr(pool_module, "shared_pool", lambda: Pool(model))
    shifts = torch.tensor([-0.7, -0.3, 0.0, 0.6])  # beyond the boundary, on it, and on this side
    clean = grey() + shifts[:, None, None, None] * away().reshape(3, SIDE_PX, SIDE_PX)
    asked = question(model, clean, [0] * 4, sigma="0.40")
    events, found = events_and_result(Certify(SMOOTHINGS).ask(asked))
    request = CertifiedRadiusRequest((model.spec,), set_of(clean, [0] * 4), 0.4, n=200, n0=20, search=None)
    (study,) = result_of(certified_radius.run(request)).by_model
    assert found["correct"].tolist() == [one.certified for one in study.images] == [False, False, True, True]
    assert found["abstains"].tolist() == [one.abstains for one in study.images] == [False, True, False, False]
    assert found["radius"].tolist() == [one.radius for one in study.images]
    assert found["radius"][0] > 0, "another class is certified"
    assert found["radius"][1] == 0
    assert [str(event) for event in events if event.note] == [f"certifying {done} of 4 images" for done in range(4)]
