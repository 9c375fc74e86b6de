import math

from robust_core.plots.change_charts import RankRow, ranks, security_curves
from robust_core.plots.charts import Line

CURVE = Line("a", "#123456", [0.0, 1.0, 3.0], [1.0, 0.5, 0.0], [(0.8, 1.0), (0.2, 0.8), (0.0, 0.2)], ["x", "y", "z"])


def traces(figure, mode):
    return [trace for trace in figure["data"] if trace["mode"] == mode]


def test_every_reference_is_a_point_and_the_image_a_diamond():
    figure = ranks([RankRow("a", "#111111", [1.0, 2.0, math.inf], 1.5), RankRow("<b>", "#222222", [0.5], None)], "ε")
    points, unbroken, diamond, others = figure["data"]
    assert points["x"] == [1.0, 2.0]
    assert unbroken["marker"]["symbol"] == "circle-open"
    assert (diamond["x"], diamond["marker"]["symbol"]) == ([1.5], "diamond")
    assert others["x"] == [0.5]
    assert figure["layout"]["yaxis"]["categoryarray"] == ["&lt;b&gt;", "a"], "the first model is on top"
    assert figure["layout"]["annotations"][0]["text"] == "no search broke"


def test_an_image_that_no_search_broke_stands_beyond_all_that_broke():
    figure = ranks([RankRow("a", "#111111", [1.0, 2.0], math.inf)], "ε")
    (place,) = figure["data"][-1]["x"]
    assert place > 2
    low, high = (10**end for end in figure["layout"]["xaxis"]["range"])
    assert low < 1 < place < high
    assert all(low <= tick <= high for tick in figure["layout"]["xaxis"]["tickvals"])


def test_with_nothing_known_there_is_still_an_axis():
    assert ranks([RankRow("a", "#111111", [], None)], "ε")["layout"]["xaxis"]["tickvals"]


def test_a_security_curve_is_a_staircase_that_reaches_the_end_of_the_axis():
    (curve,) = traces(
        security_curves(
            [
                CURVE,
            ],
            "ε",
            0.1,
        ),
        "lines",
    )[1:]
    assert curve["x"] == [0.0, 1.0, 1.0, 3.0, 3.0, 3.0]
    assert curve["y"] == [1.0, 1.0, 0.5, 0.5, 0.0, 0.0]


def test_curves_of_nothing_are_empty_axes():
    assert security_curves([], "ε", 0.1)["data"] == []
