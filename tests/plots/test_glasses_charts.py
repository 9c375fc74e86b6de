import pytest

from robust_core.intervals import wilson
from robust_core.plots.charts import END_LABEL, Line
from robust_core.plots.glasses_charts import Level, by_strength

TICKS = ["0", "1", "2"]


def line(heights, title="A"):
    at = list(range(len(heights)))
    return Line(title, "#0B73B0", at, heights, [(one - 0.05, one + 0.05) for one in heights], [str(one) for one in at])


def drawn(lines, chance=0.125, people=None, chosen=1):
    return by_strength(lines, TICKS, ("Blur", "coverage"), Level(chance, "guessing"), chosen, people)


def test_strengths_are_equal_steps_with_their_own_names():
    axis = drawn([line([0.9, 0.5, 0.2])])["layout"]["xaxis"]
    assert dict(zip(axis["tickvals"], axis["ticktext"], strict=True)) == {0: "0", 1: "1", 2: "2"}
    assert axis["range"][0] < 0
    assert axis["range"][1] > 2


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.5, ["0%", "25%", "guessing 50.0%", "75%", "100%"]),
        (0.125, ["0%", "guessing 12.5%", "25%", "50%", "75%", "100%"]),
        (0.001, ["guessing 0.1%", "25%", "50%", "75%", "100%"]),
    ],
)
def test_what_guessing_gives_is_a_tick_and_a_dotted_line(chance, expected):
    layout = drawn([line([0.9, 0.5])], chance)["layout"]
    assert layout["yaxis"]["ticktext"] == expected
    assert any(shape["y0"] == shape["y1"] == chance for shape in layout["shapes"])


def test_the_chosen_strength_is_marked():
    (marker,) = [shape for shape in drawn([line([0.9])], chosen=2)["layout"]["shapes"] if shape.get("x0") == 2]
    assert marker["x1"] == 2


def test_people_are_a_band_behind_the_curves_and_nobody_is_drawn_without_them():
    people = Level(0.96, "10 people", wilson(96, 100))
    layout = drawn([line([0.9])], people=people)["layout"]
    (band,) = [shape for shape in layout["shapes"] if shape["type"] == "rect"]
    assert (band["y0"], band["y1"]) == (people.interval.low, people.interval.high)
    assert band["layer"] == "below"
    assert [one["text"] for one in layout["annotations"] if one.get("name") != END_LABEL] == ["10 people"]
    assert not [shape for shape in drawn([line([0.9])])["layout"]["shapes"] if shape["type"] == "rect"]


def test_names_at_the_ends_of_lines_stay_within_the_chart_and_apart():
    labels = [
        one["y"]
        for one in drawn([line([0.5, height], str(height)) for height in (0.99, 1.0, 0.98)])["layout"]["annotations"]
    ]
    assert max(labels) <= 1
    assert all(one - other >= 0.12 for one, other in zip(sorted(labels)[1:], sorted(labels), strict=False))
