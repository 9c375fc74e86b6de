"""What the view by queries says and draws, from steps that are made up."""

import json
import math

import pytest
import torch

from robust_core.attacks.config import AttackConfig
from robust_core.data.drawn_sets import synthetic_images
from robust_core.models.catalogue import get_spec
from robust_core.plots import query_charts
from robust_core.plots.charts import as_json
from robust_core.studies.query_curve import QueryStep, QueryTrajectory
from robust_core.ui.smallest_change import query_curves, query_runs

CONFIG = AttackConfig.of("cgba", "l2", None, 100)
INF = math.inf


def steps(*distances):
    return [QueryStep(CONFIG, queries, torch.tensor(its)) for queries, its in zip((1, 10, 100), distances, strict=True)]


FALLING = steps([0.0, INF, INF, INF], [0.0, 4.0, INF, 6.0], [0.0, 2.0, INF, 1.0])


def trajectory(its=FALLING, spec="mini_resnext"):
    return QueryTrajectory(get_spec(spec), "cpu", tuple(its), 1, passes=400, seconds=8.0)


def test_a_curve_begins_where_half_of_the_images_are_broken():
    line = query_curves.line_of(CONFIG, FALLING)
    assert list(line.at) == [10, 100]
    assert list(line.heights) == [6.0, 2.0]
    assert line.title == "CGBA"
    assert line.words == ["6 [0, ∞]", "2 [0, ∞]"]  # three images are too few for an interval


def test_a_chart_has_log_axes_and_no_number_that_json_has_not():
    many = [QueryStep(CONFIG, 10, torch.arange(1.0, 9.0)), QueryStep(CONFIG, 100, torch.arange(1.0, 9.0) / 2)]
    lines = [query_curves.line_of(CONFIG, FALLING), query_curves.line_of(CONFIG, many)]
    figure = query_charts.distances_by_queries(lines, "distance", "the marker")
    assert figure["layout"]["xaxis"]["type"] == figure["layout"]["yaxis"]["type"] == "log"
    assert figure["layout"]["meta"] == "the marker"
    json.dumps(as_json(figure), allow_nan=False)
    unbounded, bounded = figure["data"][0], figure["data"][2]
    assert unbounded["x"] == []
    assert bounded["x"] == [10, 100, 100, 10]
    assert bounded["y"][:2] == [1.0, 0.5]
    assert not query_charts.distances_by_queries([], "distance", "")["data"]


def test_a_sentence_says_n_and_what_is_left_in_8_bits():
    said = query_curves.sentence(trajectory())
    assert "**2** [0, ∞] after 100 queries, n = 3 right when clean" in said
    assert "2 of 3" in said
    assert "1 survive rounding to 8 bits" in said
    wrong = trajectory(steps([0.0], [0.0], [0.0]))
    assert "nothing to break" in query_curves.sentence(wrong)


def test_the_forecast_is_what_was_measured(monkeypatch):
    monkeypatch.setattr(query_runs, "_seconds", type(query_runs._seconds)(query_runs.Durations))
    run = query_runs.wanted((get_spec("mini_resnext"),), synthetic_images(10, 0), (CONFIG,))
    assert run.queries == 1_000
    assert query_runs.forecast(run) == ""
    one = trajectory()
    query_runs.note_seconds([one])
    query_runs.note_seconds([one])
    assert query_runs.forecast(run) == ", 20 s"  # 8 s for 400 queries


@pytest.mark.parametrize("key", ["hop_skip_jump", "boundary", "cgba"])
def test_every_attack_has_its_own_colour(key):
    others = {one for name, one in query_curves.COLOURS.items() if name != key}
    assert query_curves.COLOURS[key] not in others
