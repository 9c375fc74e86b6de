import pytest

from robust_core.plots import charts
from robust_core.ui.components.live_chart import without_made_up_numbers

NAMES = ["zebra", "an animal with a name of more than thirty-one letters", "horse", "tiger", "okapi"]
SHARES = [0.9, 0.06, 0.03, 0.0099, 0.0001]


def words(figure):
    return [note["text"] for note in figure["layout"]["annotations"]]


def test_bars_hold_the_probabilities_as_they_are():
    bar = charts.top_predictions(NAMES, SHARES, None, "#123456")["data"][0]
    assert bar["x"] == SHARES
    assert bar["customdata"] == NAMES
    assert bar["marker"]["color"] == "#123456"


def test_the_axis_is_the_same_for_every_model():
    assert charts.top_predictions(NAMES, SHARES, None, "red")["layout"]["xaxis"]["range"] == [0, 1.0]


def test_every_bar_has_its_name_and_its_percentage_and_only_the_true_one_a_tick():
    texts = words(charts.top_predictions(NAMES, SHARES, "horse", "red"))
    assert texts[0::2] == ["zebra", "an animal with a name of more …", "✓ horse", "tiger", "okapi"]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts[1::2]] == [
        "90.0%",
        "6.0%",
        "3.0%",
        "1.0%",
        "< 0.1%",
    ]


def test_a_percentage_lies_behind_its_bar_and_below_its_name():
    notes = charts.top_predictions(NAMES, SHARES, None, "red")["layout"]["annotations"]
    assert [note["x"] for note in notes[1::2]] == SHARES
    assert all(name["y"] < share["y"] < name["y"] + 1 for name, share in zip(notes[0::2], notes[1::2], strict=True))


LINE = charts.Line("One", "#123456", [0, 1, 2], [1.0, 0.5, 0.25], [(0.9, 1.0), (0.4, 0.6), (0.2, 0.3)])
OLD = charts.Line("Old (PUBLISHED)", "#654321", [10, 20], [0.3, 0.1], [])


def test_a_curve_has_its_heights_and_a_band_around_it_in_its_colour():
    band, line = charts.accuracy_by_eps([LINE], 2, "", 1 / 16, [])["data"]
    assert line["y"] == [1.0, 0.5, 0.25]
    assert line["line"]["color"] == line["marker"]["color"] == "#123456"
    assert list(zip(band["x"], band["y"], strict=True)) == [(0, 1.0), (1, 0.6), (2, 0.3), (2, 0.2), (1, 0.4), (0, 0.9)]
    assert band["fillcolor"].startswith("#123456")


def test_published_curves_lie_behind_thin_and_dashed():
    old, *_, new = charts.accuracy_by_eps([LINE], 20, "", 1 / 16, [OLD])["data"]
    assert old["name"] == "Old (PUBLISHED)"
    assert old["line"]["dash"] == "dash"
    assert old["line"]["width"] < new["line"]["width"]


def test_the_axis_reaches_as_far_as_the_longer_of_run_and_published():
    ends = [charts.loss_by_step([LINE], last, [OLD])["layout"]["xaxis"]["range"][1] for last in (5, 100)]
    assert [round(end) for end in ends] == [20, 101]


def test_the_marker_of_the_loss_follows_the_frames():
    layout = charts.loss_by_step([LINE], 2)["layout"]
    (marker,) = layout["shapes"]
    assert layout["meta"] == charts.FOLLOWS_FRAMES
    assert not marker["visible"]
    assert marker["yref"] == "paper"


def end_labels(figure):
    return [one for one in figure["layout"]["annotations"] if one.get("name") == charts.END_LABEL]


def test_lines_are_named_at_their_ends_and_no_name_lies_on_another():
    other = charts.Line("<b>Other</b>", "#654321", [0, 1, 2], [1.0, 0.5, 0.26], [], [])
    labels = end_labels(charts.accuracy_by_eps([other, LINE], 2, "", 0.1, []))
    assert [one["text"].split("> ")[1] for one in labels] == ["One", "&lt;b&gt;Other&lt;/b&gt;"]
    assert labels[0]["y"] == 0.25
    assert labels[1]["y"] - labels[0]["y"] == pytest.approx(charts.LABEL_PART)


def test_a_line_that_ends_in_no_number_has_no_name_there():
    broken = charts.Line("Broken", "#654321", [0, 1], [1.0, float("nan")], [])
    assert len(end_labels(charts.loss_by_step([broken, LINE], 2))) == 1


def test_against_eps_nothing_follows_the_sequence_and_published_curves_widen_the_axis():
    figure = charts.accuracy_by_eps([LINE], 8, "L∞, in 255ths", 0.0625, [OLD])
    assert [trace["x"] for trace in figure["data"]] == [[10, 20], [0, 1, 2, 2, 1, 0], [0, 1, 2]]
    assert figure["layout"]["xaxis"]["title"]["text"] == "ε, L∞, in 255ths (0 is the clean image)"
    assert round(figure["layout"]["xaxis"]["range"][1]) == 20
    assert "meta" not in figure["layout"]
    (chance,) = figure["layout"]["shapes"]
    assert chance["y0"] == chance["y1"] == 0.0625


def test_before_the_run_there_are_axes_and_nothing_else():
    for figure in (charts.accuracy_by_eps([], 50, "", 0.001, []), charts.loss_by_step([], 50)):
        assert figure["data"] == []
        low, high = figure["layout"]["xaxis"]["range"]
        assert low < 0 < 50 < high


def test_a_chart_without_a_point_has_no_numbers_that_plotly_would_make_up():
    empty = charts.loss_by_step([], 50)
    layout = without_made_up_numbers(empty)
    assert layout["yaxis"]["showticklabels"] is False
    assert "showticklabels" not in layout["xaxis"], "its range is stated"
    nothing = without_made_up_numbers({"data": [{"x": ["a"], "y": [], "z": []}], "layout": {}})
    assert [nothing[axis]["showticklabels"] for axis in ("xaxis", "yaxis")] == [False, False]
    full = charts.loss_by_step([LINE], 50)
    assert without_made_up_numbers(full) == full["layout"]


def test_the_loss_has_no_band():
    (line,) = charts.loss_by_step([charts.Line("One", "#123456", [0, 1], [0.1, 2.0], [])], 1)["data"]
    assert line["y"] == [0.1, 2.0]


def test_only_nothing_is_called_nothing_and_only_certainty_certain():
    assert [charts.percent(fraction) for fraction in (0.0, 0.001, 0.9994, 1.0)] == ["0.0%", "0.1%", "99.9%", "100.0%"]
    assert [charts.percent(fraction) for fraction in (1e-9, 0.9995, 1 - 1e-9)] == [
        "<\xa00.1%",
        ">\xa099.9%",
        ">\xa099.9%",
    ]


def test_what_is_no_number_is_a_dash():
    assert [charts.percent(value) for value in (float("nan"), float("inf"), -float("inf"))] == ["–"] * 3
    assert [charts.number(value, ".2f") for value in (0.125, float("nan"), float("inf"))] == ["0.12", "–", "–"]


def test_a_long_title_is_whole_at_the_end_of_its_line_and_keeps_others_further_off():
    long = "Mini ResNeXt, adversarially trained"
    lines = [charts.Line(name, "#654321", [0, 1], [1.0, 0.2], []) for name in ("Mini", long, "Other")]
    labels = end_labels(charts.accuracy_by_eps(lines, 1, "", 0.1, []))
    shown = [one["text"].split("</span> ")[1].replace("<br>\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}", "") for one in labels]
    assert shown == ["Mini", long, "Other"]
    gaps = [upper["y"] - lower["y"] for lower, upper in zip(labels, labels[1:], strict=False)]
    assert gaps == pytest.approx([1.5 * charts.LABEL_PART] * 2)
    top = [charts.Line(name, "#654321", [0, 1], [1.0, 1.0], []) for name in ("Mini", long, "Other")]
    assert [one["y"] for one in end_labels(charts.accuracy_by_eps(top, 1, "", 0.1, []))][-1] == 1
