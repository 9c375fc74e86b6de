"""Charts of concepts hold what they are given."""

import pytest

from robust_core.plots.concept_charts import deletions, importances


def test_bars_have_the_intervals_that_are_known():
    (bars,) = importances([(0.7, 0.6, 0.9), (0.1, None, None)], "#123456")["data"]
    assert bars["x"] == ["1", "2"]
    assert bars["y"] == [0.7, 0.1]
    assert bars["error_y"]["array"] == pytest.approx([0.2, 0])
    assert bars["text"] == ["Concept 1: 0.70 [0.60, 0.90]", "Concept 2: 0.10"]


def test_a_line_for_each_order_the_first_in_the_colour_of_the_model():
    curves = [(title, [(100.0, 90.0, 100.0), (0.0, 0.0, 10.0)]) for title in ("first", "random", "last")]
    figure = deletions(curves, "#123456")
    assert [line["name"] for line in figure["data"]] == ["first", "random", "last"]
    assert figure["data"][0]["line"]["color"] == "#123456"
    assert len({line["line"]["color"] for line in figure["data"]}) == 3
    assert figure["data"][1]["text"][1] == "random, 1 gone: 0.0% [0.0%, 10.0%]"
