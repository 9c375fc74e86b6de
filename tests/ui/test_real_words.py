"""What is said beside a validation image, and beside any other."""

from dataclasses import replace

import numpy as np
import pytest

from robust_core.corruptions.condition import CLEAN
from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec
from robust_core.models.registry import REGISTRY
from robust_core.studies.predictions import ModelPredictions, Prediction
from robust_core.ui import prediction_cards, real_words
from tests.made_images import make_image

SPEC, OF_MINI = REGISTRY[0], get_spec("mini_resnext")


def validation_image(number, label=None):
    return replace(make_image(number, label=label), name=f"ILSVRC2012_val_{number:08}.JPEG")


def predicted(*labels):
    rows = tuple(Prediction(np.eye(1000, dtype=np.float32)[label], IMAGENET) for label in labels)
    return ModelPredictions(SPEC, "cpu", CLEAN, rows, 0.0, 0.1)


def test_only_validation_images_have_labels_and_only_for_models_of_imagenet():
    image = validation_image(3)
    assert real_words.labels_of_image(image, SPEC) == (230, 231)
    assert real_words.labels_of_image(make_image(3), SPEC) is None
    assert real_words.labels_of_image(image, OF_MINI) is None
    assert real_words.labels_of_image(replace(image, label_space=MINI), SPEC) is None


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (None, ""),
        ((), real_words.LEFT_OUT),
        ((230, 231), f"ReaL labels, by the file's name: **{IMAGENET.names[230]}**, **{IMAGENET.names[231]}**."),
    ],
)
def test_all_labels_are_named_or_that_there_are_none(labels, sentence):
    assert real_words.labels_sentence(labels) == sentence


def test_a_prediction_is_judged_by_all_labels():
    right, wrong = predicted(231, 5).predictions
    assert real_words.verdict((230, 231), right) == "✓ among the ReaL labels"
    assert real_words.verdict((230, 231), wrong) == "✗ not among the ReaL labels"
    assert real_words.verdict((), right) == real_words.verdict(None, right) == ""
    assert real_words.agreement((230, 231), [right, wrong]) == " By the ReaL labels 1 of 2 is right."
    assert real_words.agreement((), [right]) == ""


def test_the_table_and_the_accuracy_of_many_images():
    images = [validation_image(1, 65), validation_image(2, 970), validation_image(3, 230), make_image(4, label=5)]
    given = predicted(65, 795, 231, 5)
    table = prediction_cards.overview(images, [SPEC], {SPEC.key: given})
    assert table["ReaL labels"].iloc[0] == "none: left out"
    assert table["ReaL labels"].iloc[2] == f"{IMAGENET.names[230]}, {IMAGENET.names[231]}"
    assert table["ReaL labels"].isna().iloc[3]
    assert real_words.accuracy_words(images, SPEC, given).startswith("ReaL accuracy 2 of 2 [")
    assert real_words.accuracy_words(images[3:], SPEC, predicted(5)) == ""


def test_images_of_other_names_have_no_such_column():
    table = prediction_cards.overview([make_image(0, label=1)], [SPEC], {SPEC.key: predicted(1)})
    assert "ReaL labels" not in table
