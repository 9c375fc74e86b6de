import numpy as np
import pytest

from robust_core.corruptions.condition import CLEAN
from robust_core.labels import IMAGENET
from robust_core.models.registry import REGISTRY
from robust_core.studies.predictions import ModelPredictions, Prediction
from robust_core.ui import prediction_cards
from tests.made_images import make_image

SPEC = REGISTRY[0]


@pytest.mark.parametrize(
    ("names", "truth", "sentence"),
    [
        (["zebra"], None, "It predicts **zebra**."),
        (["zebra"] * 3, "zebra", "All 3 models predict **zebra**. True label: **zebra** (3 of 3 right)."),
        (
            ["zebra", "zebra", "horse"],
            "horse",
            "2 of 3 models predict **zebra**. True label: **horse** (1 of 3 right).",
        ),
        (["zebra", "horse"], None, "The 2 models predict differently."),
    ],
)
def test_who_agrees_with_whom(names, truth, sentence):
    assert prediction_cards.agreement(names, truth) == sentence


def row(label):
    return Prediction(np.eye(1000, dtype=np.float32)[label], IMAGENET)


def test_the_overview_marks_right_and_wrong_and_leaves_the_unknown_unmarked():
    images = [make_image(0, label=340), make_image(1, label=340), make_image(2)]
    given = ModelPredictions(SPEC, "cpu", CLEAN, (row(340), row(339), row(340)), 0.0, 0.1)
    table = prediction_cards.overview(images, [SPEC], {SPEC.key: given})
    assert list(table[SPEC.title]) == ["✓ zebra", "✗ sorrel", "zebra"]
    assert list(table["True label"]) == ["zebra", "zebra", "unknown"]


def test_accuracy_counts_only_labelled_images():
    images = [make_image(0, label=340), make_image(1, label=1), make_image(2)]
    given = ModelPredictions(SPEC, "cpu", CLEAN, (row(340), row(340), row(340)), 0.0, 0.1)
    assert (
        prediction_cards.accuracy_words(images, SPEC, given)
        == f"{SPEC.title}: top-1 1 of 2 [9.5%, 90.5%]; interval: 95%, Wilson"
    )
    assert (
        prediction_cards.accuracy_words(images[2:], SPEC, ModelPredictions(SPEC, "cpu", CLEAN, (row(1),), 0.0, 0.1))
        is None
    )


def test_both_rules_are_named_only_where_they_disagree():
    dog, airplane = 152, 404
    split = np.zeros(1000, dtype=np.float32)
    split[[dog, airplane]] = 0.5, 0.2
    assert prediction_cards.category_words(row(dog)) == "16 categories: **dog**"
    words = prediction_cards.category_words(Prediction(split, IMAGENET))
    assert (
        words == "16 categories: **dog** (best of the 207 mapped classes), **airplane** (mean probability per category)"
    )
