"""What a class has bet and what models answer, as figures: every number is where it says."""

import pytest

from robust_core.intervals import wilson
from robust_core.plots import vote_charts
from robust_core.plots.charts import END_LABEL, Line
from robust_core.plots.vote_charts import Share
from robust_core.results import IN_255THS


def test_answers_that_look_like_numbers_stay_words_in_their_order():
    figure = vote_charts.answers({"70%": 1, "40%": 3, "0%": 0}, right=["40%"])
    (bars,), layout = figure["data"], figure["layout"]
    assert layout["yaxis"]["type"] == "category"
    assert bars["y"] == ["70%", "40%", "0%"]
    assert bars["x"] == [0.25, 0.75, 0.0]
    assert bars["marker"]["color"] == [vote_charts.CLASS_COLOUR, vote_charts.RIGHT_COLOUR, vote_charts.CLASS_COLOUR]


def test_whiskers_end_where_wilsons_interval_does():
    (bars,) = vote_charts.answers({"Yes": 3, "No": 9})["data"]
    expected = wilson(3, 12)
    assert bars["x"][0] + bars["error_x"]["array"][0] == pytest.approx(expected.high)
    assert bars["x"][0] - bars["error_x"]["arrayminus"][0] == pytest.approx(expected.low)


def test_answers_of_nobody_are_bars_of_no_length():
    (bars,) = vote_charts.answers({"Yes": 0, "No": 0})["data"]
    assert bars["x"] == bars["error_x"]["array"] == [0, 0]


def test_markup_in_an_answer_is_shown_as_it_is():
    (bars,) = vote_charts.answers({"<b>x</b>": 1})["data"]
    assert bars["y"] == ["&lt;b&gt;x&lt;/b&gt;"]


def test_numbers_are_counted_and_ticks_of_votes_are_whole():
    figure = vote_charts.numbers([5.0, 5.0, 10.0], (0, 100, 5), "%", [34.4])
    (bars,), layout = figure["data"], figure["layout"]
    assert dict(zip(bars["x"], bars["y"], strict=True)) == {5.0: 2, 10.0: 1}
    assert bars["width"] < 5
    assert [line["x0"] for line in layout["shapes"]] == [34.4]
    assert layout["yaxis"]["dtick"] == 1
    assert vote_charts.numbers([5.0] * 23, (0, 100, 5), "%", [])["layout"]["yaxis"]["dtick"] == 5


@pytest.mark.parametrize(("unit", "title"), [("%", "bet, %"), ("", "bet"), (IN_255THS, "bet, k/255")])
def test_the_axis_of_numbers_names_their_unit(unit, title):
    assert vote_charts.numbers([1.0], (0, 9, 1), unit, [])["layout"]["xaxis"]["title"]["text"] == title


def test_shares_stand_in_their_order_with_words_above_and_published_ones_as_diamonds():
    rows = [
        Share("People: 95.9% [94.4, 97.1]", 95.9, 94.4, 97.1, published=True),
        Share("This class: 50%", 50, 40, 60, of_class=True),
    ]
    figure = vote_charts.shares(rows)
    (marks,) = figure["data"]
    assert marks["x"] == [95.9, 50]
    assert marks["marker"]["symbol"] == ["diamond", "circle"]
    assert marks["marker"]["color"][1] == vote_charts.CLASS_COLOUR
    assert [one["text"] for one in figure["layout"]["annotations"]] == [row.words for row in rows]
    assert [one["y"] for one in figure["layout"]["annotations"]] == [0, 1]


def test_long_words_give_every_row_more_room():
    short, long = Share("Short", 1, 1, 1), Share("long words " * 12, 1, 1, 1)
    assert vote_charts.shares_px([short, long]) > vote_charts.shares_px([short, short])


def test_curves_keep_their_points_and_a_line_stands_where_the_class_was_asked():
    line = Line("A", "#112233", [0, 10], [1.0, 0.25], [(0.9, 1.0), (0.2, 0.3)], ["a", "b"])
    layout = vote_charts.curves([line], "accuracy", "attack steps", 10)["layout"]
    assert [(one["x0"], one["x1"]) for one in layout["shapes"]] == [(10, 10)]
    assert [one["name"] for one in layout["annotations"]] == [END_LABEL]
    assert (layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]) == ("attack steps", "accuracy")
    assert vote_charts.curves([line], "accuracy", "attack steps", None)["layout"]["shapes"] == []


def test_places_are_dots_on_the_image():
    figure = vote_charts.places([(0.25, 0.75)], "data:image/png;base64,", 2.0, None)
    (dots,) = figure["data"]
    assert (dots["x"], dots["y"]) == ([0.25], [0.75])
    assert figure["layout"]["yaxis"]["range"] == [1, 0]
    assert figure["layout"]["shapes"] == []


def test_the_box_that_is_right_is_drawn_over_the_places():
    (box,) = vote_charts.places([], "data:image/png;base64,", 2.0, (0.1, 0.2, 0.3, 0.4))["layout"]["shapes"]
    assert (box["x0"], box["y0"], box["x1"], box["y1"]) == (0.1, 0.2, 0.3, 0.4)
