"""The charts of edits hold what they are given."""

import pytest

from robust_core.plots.charts import Line
from robust_core.plots.edit_charts import accuracy_by_name, accuracy_by_value

LINES = [
    Line("one", "#112233", [-180, 0, 180], [0.2, 0.9, 0.3], [(0.1, 0.3), (0.8, 1.0), (0.2, 0.5)], ["a", "b", "c"]),
    Line("two", "#445566", [-180, 0, 180], [0.5, 0.6, 0.7], [(0.4, 0.6), (0.5, 0.7), (0.6, 0.8)], ["d", "e", "f"]),
]


def test_values_below_zero_have_their_place_and_the_unedited_one_a_line():
    figure = accuracy_by_value(LINES, "degrees", 0.06, 0)
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < -180 < 180 < high
    assert [trace["y"] for trace in figure["data"] if trace["mode"] == "lines+markers"] == [
        [0.2, 0.9, 0.3],
        [0.5, 0.6, 0.7],
    ]
    assert {"x0": 0, "x1": 0}.items() <= figure["layout"]["shapes"][-1].items()
    assert figure["layout"]["xaxis"]["title"]["text"] == "degrees"


def test_names_stand_beside_each_other_with_their_intervals():
    figure = accuracy_by_name(LINES, ["own", "flat", "clutter"], 0.06)
    first, second = figure["data"]
    assert figure["layout"]["xaxis"]["ticktext"] == ["own", "flat", "clutter"]
    assert all(left < place < right for left, place, right in zip(first["x"], range(3), second["x"], strict=True))
    assert first["error_y"]["array"] == pytest.approx([0.1, 0.1, 0.2])
    assert first["error_y"]["arrayminus"] == pytest.approx([0.1, 0.1, 0.1])
    assert second["customdata"] == ["d", "e", "f"]
