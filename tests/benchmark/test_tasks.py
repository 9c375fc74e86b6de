"""Every task against what it stands for, called directly, on networks whose predictions are known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from robust_core.benchmark.tasks import Classify, Decide, PredictionStability
from robust_core.corruptions import sequences
from robust_core.cue_conflict.decisions import NAMES, RULES, decide
from robust_core.errors import BadInput
from robust_core.events import result_of
from robust_core.labels import CATEGORIES
from robust_core.models import batches
from tests.benchmark.questions import levels_of, question
from tests.outcomes import events_and_result
from tests.tiny import SIDE_PX, VALUES, convolutional, images, linear

CLASSES = 5


@pytest.fixture
def model():
    return convolutional(CLASSES)


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
