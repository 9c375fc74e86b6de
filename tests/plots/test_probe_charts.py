"""Accuracy against ε: zero comes one doubling before the smallest ε, other models after the largest."""

import pytest

from robust_core.intervals import wilson
from robust_core.plots.probe_charts import EpsLine, OtherModel, over_eps

LINE = EpsLine(
    "Shapes", "#D35D00", [0.0, 0.5, 1.0, 4.0], [wilson(right, 40) for right in (10, 12, 20, 30)], list("abcd")
)
OTHER = OtherModel("A model <b>", "#D35D00", wilson(35, 40), "35 of 40")


def test_a_doubling_is_a_step_and_zero_is_one_before_the_smallest():
    figure = over_eps([LINE], 0.1)
    chance, line = figure["data"]
    assert list(line["x"]) == [0, 1, 2, 4]
    assert list(line["y"]) == [0.25, 0.3, 0.5, 0.75]
    assert figure["layout"]["xaxis"]["ticktext"] == ["0", "0.5/255", "1/255", "4/255"]
    assert chance["y"] == [0.1, 0.1]
    assert chance["name"] == "chance (10%)"
    below, above = line["error_y"]["arrayminus"][0], line["error_y"]["array"][0]
    assert (0.25 - below, 0.25 + above) == pytest.approx((LINE.accuracies[0].low, LINE.accuracies[0].high))


def test_other_models_stand_right_of_the_series_under_their_names():
    figure = over_eps([LINE], 0.1, "", [OTHER])
    assert figure["data"][-1]["x"] == [5]
    assert figure["layout"]["xaxis"]["ticktext"][-1] == "A model &lt;b&gt;"
    assert figure["layout"]["xaxis"]["range"][1] > 5
    assert figure["layout"]["xaxis"]["title"]["text"].endswith("other models")


def test_nothing_measured_yet_is_an_empty_chart():
    assert over_eps([], 0.1)["layout"]["xaxis"]["tickvals"] == []
