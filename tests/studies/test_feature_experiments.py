import numpy as np
import pytest

from robust_core.errors import BadInput, UnknownName
from robust_core.studies.feature_experiments import EXPERIMENTS, NO_LIMIT, PAPER_UNITS, STEP_SIZE, Ascent


@pytest.mark.parametrize(
    ("changes", "match"),
    [({"target": -1}, "target"), ({"target": 1.0}, "target"), ({"steps": 0}, "steps"), ({"steps": True}, "steps")],
)
def test_numbers_out_of_range_are_refused(changes, match):
    with pytest.raises(BadInput, match=match):
        Ascent(**{"experiment": "unit", "target": 0, "steps": 1} | changes)


def test_what_raises_nothing_is_no_ascent():
    for key in ("gradient", "levitate"):
        with pytest.raises(UnknownName):
            Ascent(key, 0, 1)


@pytest.mark.parametrize("row", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_every_experiment_says_what_it_shows_and_where_it_starts(row):
    assert EXPERIMENTS[row.key] is row
    assert row.shows.endswith(".")
    assert row.starts
    assert row.source
    assert row.stops_above is None or (row.objective == "cross_entropy" and 0 < row.stops_above < 1)
    assert (row.objective is None) == (row.maximizes == "nothing")


def test_the_papers_settings_as_an_attack():
    threat = Ascent("unit", 7, 500).threat
    assert (threat.norm, threat.steps, threat.step_size, threat.start) == ("linf", 500, 1 / 255, "clean")
    assert threat.eps == NO_LIMIT == 1
    assert threat.step_size == STEP_SIZE


def test_the_papers_units_are_drawn_from_its_seed():
    assert tuple(np.random.RandomState(1).choice(np.setdiff1d(np.arange(2048), 0), 6)) == PAPER_UNITS
