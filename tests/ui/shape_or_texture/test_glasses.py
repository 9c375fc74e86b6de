"""What the view through glasses says about the numbers that it is given."""

import numpy as np
import pytest

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.cue_conflict.decisions import NAMES, RULES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.input_filters.table import INPUT_FILTERS
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.recordings import store
from robust_core.recordings.shipped import glasses_request
from robust_core.results import published
from robust_core.studies.glasses_corruption import FilteredAccuracy
from robust_core.studies.glasses_responses import COVERAGE, SHAPE_BIAS, GlassesResponses
from robust_core.ui.shape_or_texture import glasses_corruption, glasses_curves, glasses_runs, glasses_view

RULE = RULES[0]
CAT, DOG, TRUCK = (NAMES.index(name) for name in ("cat", "dog", "truck"))


def responses(rows, strengths=(None, 1.0), key="blur"):
    decisions = {rule.key: np.array(rows, np.uint8) for rule in RULES}
    stimuli = tuple(Stimulus(str(one), "", "cat", "dog") for one in range(len(rows[0])))
    return GlassesResponses(get_spec("mini_resnext"), "cpu", key, strengths, stimuli, decisions, (64, 64), 1.0)


def accuracy(condition, bare, worn, n=100):
    """So many images right without a filter, and through it the same ones or more."""
    correct = np.array([[place < right for place in range(n)] for right in (bare, worn)])
    return FilteredAccuracy(
        get_spec("mini_resnext"), "cpu", condition, "blur", (None, 1.0), correct, np.ones(n, bool), (64, 64), 1.0
    )


def test_the_first_stimulus_is_one_that_turns():
    turning = responses([[CAT, CAT, DOG, TRUCK], [CAT, TRUCK, CAT, DOG]])
    assert glasses_view.first_that_turns([turning], RULE) == 2
    later = responses([[CAT, TRUCK, CAT, CAT], [CAT, TRUCK, CAT, DOG]])
    assert glasses_view.first_that_turns([later], RULE) == 3
    assert glasses_view.first_that_turns([later, turning], RULE) == 2
    assert glasses_view.first_that_turns([], RULE) == 0


def test_a_strength_at_which_nothing_is_decided_has_no_point():
    line = glasses_curves.line_of(responses([[CAT, DOG, CAT, CAT], [TRUCK] * 4]), RULE, SHAPE_BIAS, "#000000")
    assert (line.at, line.heights) == ([0], [0.75])
    assert line.words[0].startswith("Mini ResNeXt, no filter: 3 of 4 [")
    covered = glasses_curves.line_of(responses([[CAT] * 4, [TRUCK] * 4]), RULE, COVERAGE, "#000000")
    assert (covered.at, covered.heights) == ([0, 1], [1.0, 0.0])


def test_the_axis_begins_without_a_filter():
    assert glasses_curves.ticks(INPUT_FILTERS["blur"])[:3] == ["0", "0.5", "1"]
    assert glasses_curves.ticks(INPUT_FILTERS["high_pass"])[:2] == ["none", "8"]
    assert glasses_curves.ticks(INPUT_FILTERS["low_resolution"])[0] == "1"


def test_people_are_those_of_the_published_table():
    pooled = {
        one.metric: one.value
        for one in published("shape_bias")
        if one.model == "10 people" and one.benchmark == "cue conflict, people"
    }
    for metric in (SHAPE_BIAS, COVERAGE):
        people = glasses_curves.people(metric)
        assert people.share == pytest.approx(pooled[metric] / 100)
        assert people.interval.low < people.share < people.interval.high
        assert "PUBLISHED" in people.words


def test_mini_contradicts_the_literature_where_a_low_pass_lowers_shape_bias():
    falling = [[CAT] * 400 + [DOG] * 400, [CAT] * 100 + [DOG] * 700]
    rising = falling[::-1]
    assert glasses_curves.contradicts([responses(falling)], RULE)
    assert not glasses_curves.contradicts([responses(rising)], RULE)
    assert not glasses_curves.contradicts([responses(falling, key="grey")], RULE)


@pytest.mark.parametrize(("key", "raises"), [("blur", False), ("low_resolution", False), ("grey", True)])
def test_what_the_page_says_of_mini_is_what_was_measured(key, raises):
    """The text names colours as the reason: without them shape bias rises, and a low-pass filter raises none."""
    changes = [
        store.find(glasses_request(key).of(spec)).result.by_model[0].change(RULE)
        for spec in glasses_request(key).models
    ]
    known = [one for one in changes if one is not None]
    assert len(known) >= 2
    assert all((one > 0) == raises for one in known)


def test_only_a_clear_gain_is_a_headline():
    noise, fog = Condition("gaussian_noise", 3, 0), Condition("fog", 3, 0)
    curves = [accuracy(CLEAN, 95, 80), accuracy(noise, 10, 50), accuracy(fog, 10, 30)]
    best, place = glasses_corruption.largest_gain(curves)
    assert (best.condition, place) == (noise, 1)
    found = glasses_corruption.gain(best, place)
    assert found.estimate == pytest.approx(0.4)
    assert found.low > 0
    assert glasses_corruption.largest_gain([accuracy(noise, 10, 11), accuracy(fog, 20, 10)]) is None


def test_passes_are_explained():
    assert glasses_runs.passes_in_words(glasses_request("blur")) == (
        "9,216 passes through each model: 1,024 stimuli × 9 strengths (the first: no filter)"
    )


def test_guessing_is_one_of_the_classes():
    assert glasses_corruption.chance_of(MINI).share == pytest.approx(1 / 16)
