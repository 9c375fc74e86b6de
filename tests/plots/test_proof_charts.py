"""What the figures of proof and attack hold."""

import math

from robust_core.plots import proof_charts
from robust_core.plots.charts import Line
from robust_core.plots.proof_charts import ALARM, Span

AT = [0.0, 0.5, 1.0]
LOW = Line("certified", "#000000", AT, [0.8, 0.4, 0.0], [(0.7, 0.9), (0.3, 0.5), (0.0, 0.1)])
HIGH = Line("not broken", "#111111", AT, [0.9, 0.7, 0.2], [(0.8, 1.0), (0.6, 0.8), (0.1, 0.3)])
PUBLISHED = Line("published", "#222222", [0.0, 2.0], [0.6, 0.1], [])


def named(figure):
    return {trace["name"]: trace for trace in figure["data"] if "name" in trace}


def test_the_room_between_the_curves_is_filled_and_the_ceiling_is_marked():
    figure = proof_charts.curves(LOW, HIGH, [PUBLISHED], 0.7, 1.0, 1 / 16)
    room = figure["data"][0]
    assert room["fill"] == "toself"
    assert sorted(zip(room["x"], room["y"], strict=True)) == sorted(
        [*zip(AT, LOW.heights, strict=True), *zip(AT, HIGH.heights, strict=True)]
    )
    assert {"certified", "not broken", "published"} <= set(named(figure))
    assert [shape["x0"] for shape in figure["layout"]["shapes"] if shape.get("yref") == "paper"] == [0.7]
    assert figure["layout"]["xaxis"]["range"][1] > 2
    assert "radius" in figure["layout"]["xaxis"]["title"]["text"]


def test_without_an_attack_nothing_is_between():
    figure = proof_charts.curves(LOW, None, [], 0.7, 1.0, 1 / 16)
    assert set(named(figure)) == {"certified"}


def test_every_image_has_a_row_with_its_two_ends():
    spans = [Span("1 dog", 0.2, 0.6), Span("2 cat", 0.5, math.inf), Span("3 <b>", 0.4, 0.3, is_alarm=True)]
    figure = proof_charts.dumbbells(spans, 0.7)
    traces, axis = named(figure), figure["layout"]["yaxis"]
    assert axis["ticktext"] == ["1 dog", "3 &lt;b&gt;", "2 cat"]
    assert traces["certified radius"]["x"] == [0.2, 0.4, 0.5]
    assert traces["smallest change found"]["x"] == [0.6, 0.3]
    assert traces["smallest change found"]["y"] == [0, 1]
    assert traces["no change found"]["y"] == [2]
    assert all(math.isfinite(x) for trace in traces.values() for x in trace["x"])
    bars = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert [trace["line"]["color"] == ALARM for trace in bars] == [False, True]
    assert bars[1]["x"] == [0.4, 0.3, None]


def test_images_that_were_not_attacked_have_one_end():
    figure = proof_charts.dumbbells([Span("1 dog", 0.2, None)], 0.7)
    assert set(named(figure)) == {"certified radius"}
    assert len(figure["data"]) == 1
