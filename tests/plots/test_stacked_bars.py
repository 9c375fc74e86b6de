"""A bar for each title, cut into its shares, from the left in the order of the parts."""

from robust_core.plots.stacked_bars import Part, stacked

PARTS = [
    Part("right after all", "#00FF00", [40.0, 10.0], ["a", "b"]),
    Part("wrong <really>", "#FF0000", [60.0, 90.0], ["c", "d"]),
]


def test_parts_are_stacked_in_order_and_names_stand_above():
    figure = stacked(["one", "two & three"], ["5 errors", "6 errors"], PARTS, "share, %")
    assert figure["layout"]["barmode"] == "stack"
    assert [trace["x"] for trace in figure["data"]] == [[40.0, 10.0], [60.0, 90.0]]
    assert [trace["name"] for trace in figure["data"]] == ["right after all", "wrong &lt;really&gt;"]
    texts = [one["text"] for one in figure["layout"]["annotations"]]
    assert texts == ["one", "5 errors", "two &amp; three", "6 errors"]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low > 1.2 > -0.5 > high, "from the top, with room for the first name"


def test_the_axis_ends_where_the_longest_bar_does():
    assert stacked(["one", "two"], ["", ""], PARTS, "")["layout"]["xaxis"]["range"] == [0, 100]
    shares = [Part("a", "#000000", [3.0], [""]), Part("b", "#111111", [4.0], [""])]
    assert stacked(["one"], [""], shares, "")["layout"]["xaxis"]["range"] == [0, 7]
    assert stacked([], [], [], "")["layout"]["xaxis"]["range"] == [0, 100]
