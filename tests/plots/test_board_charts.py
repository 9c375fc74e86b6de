from robust_core.plots import board_charts
from robust_core.plots.board_charts import MOST_NUMBERED, Group, Point
from robust_core.plots.charts import TEXT_COLOUR


def group(title, *heights, hollow=False):
    return Group(
        title,
        "#123456",
        [Point(place, height, height - 1, height + 2, f"{title} {place}") for place, height in enumerate(heights)],
        hollow,
    )


def test_a_heat_map_goes_down_from_the_top_and_leaves_gaps_empty():
    figure = board_charts.heat_map(["fog", "snow"], ["a", "b"], [[1.0, None], [3.0, 4.0]], "CE, %")
    (cells,) = figure["data"]
    assert (cells["x"], cells["y"], cells["z"]) == (["a", "b"], ["fog", "snow"], [[1.0, None], [3.0, 4.0]])
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    assert cells["texttemplate"]
    wide = board_charts.heat_map(
        ["fog"], [str(number) for number in range(MOST_NUMBERED + 1)], [[1.0] * (MOST_NUMBERED + 1)], ""
    )
    assert not wide["data"][0]["texttemplate"], "numbers would overlap"


def test_curves_carry_whiskers_and_differ_in_more_than_colour():
    figure = board_charts.curves([group("a", 10.0, 20.0), group("b", 30.0)], "severity", "error, %")
    first, second = figure["data"]
    assert (first["x"], first["y"]) == ([0, 1], [10.0, 20.0])
    assert (first["error_y"]["array"], first["error_y"]["arrayminus"]) == ([2.0, 2.0], [1.0, 1.0])
    assert first["marker"]["symbol"] != second["marker"]["symbol"]
    assert (figure["layout"]["xaxis"]["title"]["text"], figure["layout"]["yaxis"]["title"]["text"]) == (
        "severity",
        "error, %",
    )


def test_a_point_without_an_interval_has_no_whisker():
    bare = Group("a", "#123456", [Point(0, 10.0, None, None, "a")], False)
    assert board_charts.curves([bare], "", "")["data"][0]["error_y"]["array"] == [0]


def test_bars_of_many_models_differ_in_more_than_colour():
    figure = board_charts.bars([group("a", 10.0), group("b", 30.0)], "flip rate")
    assert [trace["y"] for trace in figure["data"]] == [[10.0], [30.0]]
    assert len({trace["marker"]["pattern"]["shape"] for trace in figure["data"]}) == 2
    assert all(trace["error_y"]["color"] == TEXT_COLOUR for trace in figure["data"]), "seen inside a bar too"


def test_more_models_than_symbols_are_all_drawn():
    many = [group(str(number), 1.0) for number in range(20)]
    assert len(board_charts.curves(many, "", "")["data"]) == len(board_charts.bars(many, "")["data"]) == 20


def test_a_scatter_lays_its_line_below_the_dots():
    figure = board_charts.scatter([group("a", 10.0), group("b", 30.0, hollow=True)], ([0, 1], [5.0, 6.0]), "x", "y")
    line, full, hollow = figure["data"]
    assert (line["mode"], line["y"], line["line"]["dash"]) == ("lines", [5.0, 6.0], "dash")
    assert (full["marker"]["symbol"], hollow["marker"]["symbol"]) == ("circle", "circle-open")
    assert full["text"] == ["a 0"]
    assert len(board_charts.scatter([group("a", 10.0)], None, "x", "y")["data"]) == 1
