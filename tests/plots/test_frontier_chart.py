"""The frontier: dots where the numbers are, with both intervals, and names where there is room."""

from robust_core.intervals import wilson
from robust_core.plots.charts import as_json
from robust_core.plots.frontier_chart import Dot, frontier

FIRST = Dot(wilson(90, 100), wilson(10, 100), "first alone", "First", "#112233")
MIX = Dot(wilson(88, 100), wilson(40, 100), "a mix <b>")
SECOND = Dot(wilson(70, 100), wilson(50, 100), "second alone", "Second", "#445566")


def drawn(dots=(FIRST, MIX, SECOND), chosen=1, joined=True):
    return frontier(dots, chosen, "α = 0.50", "accuracy under attack", joined=joined)


def by_name(figure, name):
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def test_a_dot_is_where_its_numbers_are_with_both_intervals():
    trace = by_name(drawn(), "mixes")
    assert (trace["x"], trace["y"]) == ([0.88], [0.4])
    for axis, interval in (("error_x", MIX.across), ("error_y", MIX.up)):
        assert trace[axis]["array"] == [interval.high - interval.estimate]
        assert trace[axis]["arrayminus"] == [interval.estimate - interval.low]
    assert trace["text"] == ["a mix &lt;b&gt;"]


def test_the_chosen_mix_is_ringed_and_labelled_and_a_model_alone_has_its_name():
    ring = by_name(drawn(), "chosen")
    assert (ring["x"], ring["y"]) == ([0.88], [0.4])
    said = [note["text"] for note in drawn()["layout"]["annotations"]]
    assert any("First" in one for one in said)
    assert any("Second" in one for one in said)
    assert "α = 0.50" in said
    assert not any("α" in note["text"] for note in drawn(chosen=0)["layout"]["annotations"])


def test_names_stand_on_the_side_where_there_is_room():
    notes = {note["text"]: note for note in drawn(chosen=None)["layout"]["annotations"]}
    assert [note["xanchor"] for note in notes.values()] == ["right", "left"]


def test_a_line_joins_the_mixes_of_two_models_and_a_dotted_one_the_models():
    lines = [trace for trace in drawn()["data"] if trace["mode"] == "lines"]
    assert [trace["x"] for trace in lines] == [[0.9, 0.7], [0.9, 0.88, 0.7]]
    assert not [trace for trace in drawn(joined=False)["data"] if trace["mode"] == "lines"]


def test_all_intervals_lie_within_the_axes():
    layout = drawn()["layout"]
    for axis, intervals in (("xaxis", (FIRST.across, SECOND.across)), ("yaxis", (FIRST.up, SECOND.up))):
        low, high = layout[axis]["range"]
        assert all(low < one.low and one.high < high for one in intervals)


def test_without_a_dot_there_are_axes_alone():
    figure = drawn((), None)
    assert figure["data"] == []
    assert as_json(figure["layout"])["xaxis"]["range"][0] < 0


def test_a_long_title_of_the_vertical_axis_takes_two_lines():
    for words, lines in (("accuracy under attack", 1), ("accuracy under Single frequency greyscale, severity 3", 2)):
        title = frontier([FIRST, MIX, SECOND], 1, "", words, joined=True)["layout"]["yaxis"]["title"]["text"]
        assert len(title.split("<br>")) == lines
        assert title.replace("<br>", " ") == f"{words} ↑ higher is better"
