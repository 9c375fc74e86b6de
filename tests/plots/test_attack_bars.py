"""Bars say what is left beside them, and lie where they belong; curves go through their points."""

import pytest

from robust_core.intervals import wilson
from robust_core.plots.attack_bars import Bars, attack_bars, curves, height_px

ATTACKS = ["No attack", "PGD-50", "Auto<b>Attack"]
MODELS = [
    Bars("one", "#111111", [wilson(9, 10), wilson(5, 10), None], [True, False, False]),
    Bars("<two>", "#222222", [wilson(8, 10), wilson(4, 10), wilson(3, 10)], [True, True, True]),
]


def test_every_known_number_has_a_bar_with_its_interval_and_stands_beside_it():
    drawn = attack_bars(ATTACKS, MODELS)
    assert [trace["x"] for trace in drawn["data"]] == [[0.9, 0.5], [0.8, 0.4, 0.3]]
    assert [trace["y"] for trace in drawn["data"]] == [[0, 1], [0, 1, 2]]
    assert drawn["data"][0]["marker"]["opacity"] == [1.0, 0.45], "the second is under way"
    for trace in drawn["data"]:
        ends = trace["error_x"]["array"], trace["error_x"]["arrayminus"]
        assert all(end > 0 for of_trace in ends for end in of_trace)
    numbers = {round(one["y"], 3): one["text"] for one in drawn["layout"]["annotations"]}
    assert sorted(numbers.values()) == ["30.0%", "40.0%", "50.0%", "80.0%", "90.0%"]
    for trace in drawn["data"]:
        for share, place in zip(trace["x"], trace["y"], strict=True):
            assert numbers[round(place + trace["offset"] + trace["width"] / 2, 3)] == f"{share:.1%}"


def test_bars_of_a_group_lie_beside_each_other_and_names_are_no_markup():
    first, second = attack_bars(ATTACKS, MODELS)["data"]
    assert first["offset"] + first["width"] == pytest.approx(second["offset"])
    assert first["offset"] > -0.5
    assert second["offset"] + second["width"] < 0.5
    assert attack_bars(ATTACKS, MODELS)["layout"]["yaxis"]["ticktext"][2] == "Auto&lt;b&gt;Attack"
    assert second["name"] == "&lt;two&gt;"
    assert height_px(3, 6) > height_px(2, 6) > height_px(2, 5)


def test_a_curve_goes_through_its_points():
    points = [(0.0, wilson(9, 10)), (8.0, wilson(4, 10))]
    (trace,) = curves({"PGD": points}, {"PGD": "#123456"}, {"title": {"text": "ε"}})["data"]
    assert (trace["x"], trace["y"]) == ([0.0, 8.0], [0.9, 0.4])
    assert trace["line"]["color"] == "#123456"


def test_what_ends_first_lies_on_top():
    """AutoAttack begins with APGD-CE, whose line would be hidden below it."""
    left = wilson(5, 10)
    lines = {"short": [(1, left), (5, left)], "long": [(1, left), (9, left)]}
    drawn = curves(lines, {"short": "#111111", "long": "#222222"}, {})["data"]
    assert [trace["name"] for trace in drawn] == ["short", "long"]
    assert drawn[0]["zorder"] > drawn[1]["zorder"]
