"""Every task against what it stands for, called directly, on networks whose predictions are known; each quirk on and
off.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.attacks.scoring import LAST_ITERATE, read
from robust_core.attacks.scoring import PAPER as READ_AS_PAPER
from robust_core.attacks.threat import PAPER
from robust_core.benchmark.tasks import (
    CLEAN_STANDS_IN,
    UNCLIPPED_START,
    Classify,
    Decide,
    PredictionStability,
    Question,
    RobustAccuracy,
    TransferAttack,
    set_threat,
)
from robust_core.corruptions import sequences
from robust_core.cue_conflict.decisions import NAMES, RULES, decide
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.labels import CATEGORIES
from robust_core.models import batches
from robust_core.models import pool as pool_module
from tests.attacks.threats import attack, threat
from tests.outcomes import events_and_result
from tests.tiny import SIDE_PX, VALUES, convolutional, images, linear

ALL_QUIRKS = frozenset({CLEAN_STANDS_IN, UNCLIPPED_START})
UNTARGETED = threat(start="random", steps=4)
CLASSES = 5


def levels_of(pixels):
    return (pixels * 255).round().byte()


def question(model, pixels, labels, *, places=None, quirks=ALL_QUIRKS, seed=0, **settings):
    labels = np.asarray(labels)
    places = np.arange(len(labels)) if places is None else np.asarray(places)
    return Question(
        model,
        levels_of(pixels),
        labels,
        np.full(len(labels), -1),
        places,
        {name: str(word) for name, word in settings.items()},
        seed,
        quirks,
    )


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


# Classify


def by_first_pixels(classes):
    """A network whose logits are the first pixels, so that the image is the prediction."""
    return linear(torch.eye(classes, VALUES))


def with_first_pixels(rows):
    pixels = torch.zeros(len(rows), VALUES)
    pixels[:, : len(rows[0])] = torch.tensor(rows)
    return pixels.view(-1, 3, SIDE_PX, SIDE_PX)


def test_the_best_class_its_probability_and_whether_the_true_one_is_first_or_among_five():
    logits = [[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 0.8, 0.6, 0.4, 0.2, 0.0]]
    predictions = result_of(Classify().ask(question(by_first_pixels(6), with_first_pixels(logits), [0, 0])))
    assert predictions["correct"].tolist() == [False, True]
    assert predictions["in_top5"].tolist() == [False, True]
    assert predictions["label"].tolist() == [5, 0]
    np.testing.assert_allclose(predictions["confidence"], torch.tensor(logits).softmax(1).amax(1), rtol=1e-6)
    assert {name: values.dtype.name for name, values in predictions.items()} == {
        "correct": "bool",
        "in_top5": "bool",
        "confidence": "float32",
        "label": "int16",
    }


def test_a_subset_of_the_classes_is_what_brute_force_makes_of_it():
    classes = (1, 4, 5, 9, 11, 12, 17)
    weights = torch.randn(20, VALUES, generator=torch.Generator().manual_seed(0))
    network, clean = linear(weights), images(40)
    labels = [classes[place % 7] for place in range(40)]
    predictions = result_of(Classify(classes).ask(question(network, clean, labels)))
    for place, logits in enumerate(network.logits(clean).tolist()):
        ranked = sorted(classes, key=lambda one: -logits[one])
        among = np.exp([logits[one] for one in ranked])
        assert predictions["label"][place] == ranked[0]
        assert predictions["correct"][place] == (ranked[0] == labels[place])
        assert predictions["in_top5"][place] == (labels[place] in ranked[:5])
        assert predictions["confidence"][place] == pytest.approx(among[0] / among.sum(), rel=1e-4)


def test_a_class_that_is_not_in_the_running_is_named():
    with pytest.raises(BadInput, match="Class 2 is none of the 3"):
        result_of(Classify((0, 1, 4)).ask(question(convolutional(), images(3), [0, 2, 4])))


def test_batches_that_are_halved_give_the_same_predictions_and_news_between_them(model, monkeypatch):
    whole = result_of(Classify().ask(question(model, images(7), [0] * 7)))
    monkeypatch.setitem(batches.PIXELS_AT_ONCE, "cpu", 2 * SIDE_PX**2)
    news, parts = events_and_result(Classify().ask(question(model, images(7), [0] * 7)))
    assert [event.done for event in news] == [2, 4, 6]
    assert all((parts[name] == whole[name]).all() for name in ("correct", "in_top5", "label"))
    np.testing.assert_allclose(parts["confidence"], whole["confidence"], rtol=1e-5)


# Steadiness


@pytest.mark.parametrize("name", ["gaussian_noise", "translate"])
def test_stability_is_what_the_perturbations_module_says_of_each_sequence(name):
    row = sequences.PERTURBATIONS[name]
    network = convolutional(8, seed=1)
    shown = images(3 * row.frames).view(3, row.frames, 3, SIDE_PX, SIDE_PX)
    predictions = result_of(PredictionStability().ask(question(network, shown, [0, 0, 0], perturbation=name)))
    for number, sequence in enumerate(shown):
        logits = network.logits(sequence)[None]
        flips = sequences.flip_probability(logits.argmax(-1), row.reference)
        assert predictions["flip_probability"][number] == pytest.approx(float(flips), abs=1e-6)
        assert predictions["top5_distance"][number] == pytest.approx(
            float(sequences.top5_distance(logits, row.reference)), abs=1e-6
        )
    assert predictions["flip_probability"].min() > 0


def test_noise_is_held_against_the_first_frame_and_other_sequences_against_the_previous_one():
    """One flip at the second frame: after it noise differs from the first frame for ever, a movement only once."""
    sequence = with_first_pixels([[1.0] + [0.0] * 5] + [[0.0, 1.0] + [0.0] * 4] * 10)[None]
    network = by_first_pixels(6)
    assert (
        result_of(PredictionStability().ask(question(network, sequence, [0], perturbation="shot_noise")))[
            "flip_probability"
        ]
        == 1
    )
    assert result_of(PredictionStability().ask(question(network, sequence, [0], perturbation="tilt")))[
        "flip_probability"
    ] == pytest.approx(0.1)


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


# Vote


def test_each_rule_decides_and_both_cues_stand_beside_it():
    network, clean = linear(torch.randn(1000, VALUES, generator=torch.Generator().manual_seed(0))), images(20)
    asked = replace(question(network, clean, np.arange(20) % 16), textures=(np.arange(20) + 3) % 16)
    predictions = result_of(Decide().ask(asked))
    probabilities = network.logits(levels_of(clean).float() / 255).softmax(1).numpy()
    for rule in RULES:
        assert (predictions[rule.key] == decide(probabilities, rule)).all()
    assert (predictions["restricted_argmax"] != predictions["mean_probability"]).any(), (
        "the two rules should not always agree"
    )
    assert (predictions["shape"] == np.arange(20) % 16).all()
    assert (predictions["texture"] == (np.arange(20) + 3) % 16).all()


def test_a_sure_class_is_a_vote_for_its_category():
    dog = CATEGORIES["dog"][0]
    network = linear(torch.zeros(1000, VALUES), torch.eye(1000)[dog] * 50)
    predictions = result_of(Decide().ask(question(network, images(1), [0])))
    assert [NAMES[predictions[rule.key][0]] for rule in RULES] == ["dog", "dog"]
