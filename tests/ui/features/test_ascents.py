import numpy as np
import pytest

from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.studies.feature_experiments import Ascent
from robust_core.studies.feature_visualization import AscentFrames
from robust_core.studies.predictions import Prediction
from robust_core.ui.features.ascents import sequence_model, verdict

SPEC = get_spec("mini_resnext")


def frames(experiment, maximized, labels=(3, 3, 1)):
    steps = (0, 4, 9)
    rgb = np.zeros((64, 64, 3), np.uint8)
    predictions = tuple(Prediction(np.eye(16, dtype=np.float32)[label], MINI) for label in labels)
    return AscentFrames(
        SPEC.key,
        "cpu",
        Ascent(experiment, 1, 20),
        (0.6931472,) * 10,
        steps,
        np.stack([rgb] * 3),
        predictions,
        maximized,
    )


def test_the_row_follows_the_sequences_steps_and_is_bold_where_the_class_is_reached():
    row = sequence_model(SPEC, frames("class", (0.1, 0.4, 0.9)), [0, 3, 4, 9, 20])
    assert [cells[0] for cells in row.cells] == ["0", "0", "4", "9", "9"]
    assert [cells[2] for cells in row.cells] == ["10.0%"] * 2 + ["40.0%"] + ["90.0%"] * 2
    assert row.bold == [False, False, False, True, True]


def test_a_unit_is_no_class_that_could_be_predicted():
    row = sequence_model(SPEC, frames("unit", (0.0, 1.5, 2.25)), [0, 9])
    assert row.bold == [False, False]
    assert [cells[2] for cells in row.cells] == ["0", "2.25"]
    assert sequence_model(SPEC, frames("unit_alone", (0.0, 1.5, 1170.4)), [9]).cells[0][2] == "1,170"


@pytest.mark.parametrize(
    ("experiment", "maximized", "words"),
    [
        (
            "unit",
            (0.1, 1.0, 2.5),
            "activation of it from 0.1 at the start to **2.5** after 9 steps; its share of the softmax: 50.0%.",
        ),
        ("unit_alone", (0.1, 1.0, 2.5), "activation of it from 0.1 at the start to **2.5** after 9 steps."),
        ("class", (0.1, 0.4, 0.9), "probability of it from 10.0% at the start to **90.0%** after 9 steps."),
        ("fool", (0.1, 0.4, 0.9902), "**fooled**: 99.0% for it after 9 steps, more than 99%."),
        ("fool", (0.1, 0.4, 0.99), "not fooled yet: 99.0% for it after 9 steps, not more than 99%; more steps may do."),
    ],
)
def test_what_was_reached_in_words(experiment, maximized, words):
    assert verdict(frames(experiment, maximized), "it").replace("\N{NO-BREAK SPACE}", " ") == words


def test_a_unit_that_no_gradient_reaches_is_explained():
    assert "No gradient reaches" in verdict(frames("unit", (0.0, 0.0, 0.0)), "unit 1")
    assert "No gradient reaches" not in verdict(frames("unit", (0.0, 0.0, 0.1)), "unit 1")


def test_how_far_the_last_image_is_from_the_first():
    some = frames("class", (0.1, 0.4, 0.9))
    some.frames[0, 5, 6, 1], some.frames[1] = 200, 90  # down again by more than uint8 can subtract
    assert some.largest_change == 200
