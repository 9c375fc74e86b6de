"""The reliability diagram and the histogram of scores hold exactly the numbers that they are given."""

import json

import numpy as np
import pytest

from robust_core.confidence.calibration import reliability_bins
from robust_core.plots import confidence_charts as charts

CONFIDENCE, CORRECT = np.array([0.95, 0.95, 0.95, 0.95, 0.3]), np.array([True, True, True, False, False])


def test_a_point_is_the_accuracy_of_a_bin_with_its_interval():
    bins = reliability_bins(CONFIDENCE, CORRECT)
    figure = charts.reliability({"all": bins, "half": bins[:7]}, "#123456")
    diagonal, every, half = figure["data"]
    assert diagonal["x"] == diagonal["y"] == [0, 1]
    assert every["x"] == pytest.approx([0.3, 0.95])
    assert every["y"] == [0, 0.75]
    low, high = bins[-1].accuracy.low, bins[-1].accuracy.high
    assert every["error_y"]["array"][1] == pytest.approx(high - 0.75)
    assert every["error_y"]["arrayminus"][1] == pytest.approx(0.75 - low)
    assert (every["marker"]["symbol"], half["marker"]["symbol"]) == ("circle", "circle-open")
    assert half["x"] == pytest.approx([0.3])
    json.dumps(figure, allow_nan=False)


def test_a_series_without_predictions_has_no_point():
    (_, nothing) = charts.reliability({"none": reliability_bins(CONFIDENCE[:0], CORRECT[:0])}, "#123456")["data"]
    assert nothing["x"] == nothing["y"] == []


def test_the_shares_of_each_set_add_up_to_one():
    known, unknown = np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5])
    figure = charts.score_histogram(known, unknown, "<b>Largest</b> logit", 1.0)
    assert [sum(trace["y"]) for trace in figure["data"]] == pytest.approx([1, 1])
    assert [trace["name"] for trace in figure["data"]] == ["known", "unknown"]
    (line,) = figure["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 1.0
    assert "<b>" not in figure["layout"]["xaxis"]["title"]["text"]
    json.dumps(figure, allow_nan=False)


def test_scores_that_are_all_the_same_still_have_a_width():
    (known, _) = charts.score_histogram(np.ones(3), np.ones(2), "score", 1.0)["data"]
    assert known["width"] > 0
    assert max(known["y"]) == 1
