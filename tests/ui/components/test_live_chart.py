"""The one door through which figures go to the browser: whatever numbers a figure is made of, what leaves is JSON."""

import ast
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.votes import CueVotes
from robust_core.intervals import Interval
from robust_core.plots import board_charts as benchmark_charts
from robust_core.plots import charts
from robust_core.plots import claim_bars as story_charts
from robust_core.plots import cue_axis as cue_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.plots.charts import Line, as_json
from robust_core.plots.cue_axis import Mark, Row
from robust_core.settings import ROOT
from robust_core.ui.components import frame_player, live_chart
from robust_core.ui.components.frame_player import SequenceMarker
from tests.anything import bounded

ONE_CELL = st.floats().map(lambda value: [[value]])
NUMBER = st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0]))
SIXTEEN = st.lists(NUMBER, min_size=16, max_size=16)
LINES = st.lists(
    st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), min_size=1, max_size=4).map(
        lambda rows: Line(
            "one",
            "#123456",
            [at for at, *_ in rows],
            [height for _, height, *_ in rows],
            [(low, high) for *_, low, high in rows],
        )
    ),
    max_size=3,
)
POINTS = st.lists(
    st.builds(Point, NUMBER, NUMBER, st.none() | NUMBER, st.none() | NUMBER, st.just("words")), min_size=1, max_size=3
)
GROUPS = st.lists(st.builds(Group, st.just("one"), st.just("#123456"), POINTS, st.booleans()), min_size=1, max_size=3)
INTERVALS = st.builds(Interval, NUMBER, NUMBER, NUMBER, st.just(3), st.just(0.95))
ROWS = st.lists(
    st.builds(
        Row,
        st.just("one"),
        st.just(""),
        st.lists(st.builds(Mark, NUMBER, st.none() | INTERVALS, st.just("red"), st.just("")), max_size=2),
        st.booleans(),
    ),
    max_size=3,
)

FIGURES = {  # every function of the interface that makes a figure, and what it takes
    charts.top_predictions: st.tuples(
        st.just(list(NAMES[:3])), st.lists(NUMBER, min_size=3, max_size=3), st.none(), st.just("red")
    ),
    charts.corruption_grid: st.tuples(
        st.just(["fog"]), st.lists(st.lists(NUMBER, min_size=5, max_size=5), min_size=1, max_size=1)
    ),
    charts.accuracy_by_eps: st.tuples(LINES, NUMBER, st.just("words"), NUMBER, LINES),
    charts.loss_by_step: st.tuples(LINES, NUMBER),
    benchmark_charts.heat_map: st.tuples(st.just(["fog"]), st.just(["a"]), ONE_CELL, st.just("")),
    benchmark_charts.curves: st.tuples(GROUPS, st.just(""), st.just("")),
    benchmark_charts.bars: st.tuples(GROUPS, st.just("")),
    benchmark_charts.scatter: st.tuples(GROUPS, st.none() | st.tuples(SIXTEEN, SIXTEEN), st.just(""), st.just("")),
    cue_charts.category_bars: st.tuples(SIXTEEN, st.just("cat"), st.just("dog")),
    cue_charts.cue_axis: st.tuples(ROWS),
    cue_charts.by_category: st.tuples(
        st.just({"one": ("#123456", [CueVotes(1, 2, 4)] * 16)}), st.fixed_dictionaries(dict.fromkeys(NAMES, INTERVALS))
    ),
    cue_charts.decision_matrix: st.tuples(st.just({("cat", "dog"): CueVotes(1, 2, 4)})),
    story_charts.bars: st.tuples(GROUPS, st.just([])),
}


class Browser:
    """What a component sends to the browser."""

    def __init__(self, monkeypatch, module):
        self.sent = None
        monkeypatch.setattr(module, "_component", lambda: self.receive)

    def receive(self, *, data, **_):
        self.sent = data


def strict(data):
    """`data` as a browser reads it, which knows no NaN."""
    return json.loads(json.dumps(data, allow_nan=False))


def test_the_table_holds_every_function_that_makes_a_figure():
    for module in {make.__module__ for make in FIGURES}:
        functions = [
            node
            for node in ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text()).body
            if isinstance(node, ast.FunctionDef)
        ]
        public = {
            node.name for node in functions if ast.unparse(node.returns) == "dict" and not node.name.startswith("_")
        }
        assert public == {make.__name__ for make in FIGURES if make.__module__ == module}


@pytest.mark.parametrize(
    "make", FIGURES, ids=lambda make: f"{make.__module__.removeprefix('robust_core.ui.')}.{make.__name__}"
)
def test_whatever_numbers_a_figure_is_made_of_it_is_json_and_says_no_nan(make):
    @bounded
    @given(arguments=FIGURES[make])
    def holds(arguments):
        with pytest.MonkeyPatch.context() as patched:
            browser = Browser(patched, live_chart)
            live_chart.live_chart(make(*arguments), key="chart", height_px=100, alt="")
        sent = strict(browser.sent)
        assert not [words for words in texts(sent) if "nan" in words.lower().split() or "inf" in words.lower().split()]

    holds()


def texts(part):
    """Every text in a figure that people read."""
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part.replace("\N{NO-BREAK SPACE}", " ")] if isinstance(part, str) else []


def test_a_gap_is_where_the_number_is_missing_and_the_rest_stays():
    assert as_json({"y": [1.0, math.nan, (math.inf, 2)], "x": range(2), "name": "nan", "flag": True}) == {
        "y": [1.0, None, [None, 2]],
        "x": [0, 1],
        "name": "nan",
        "flag": True,
    }


def test_the_marker_of_a_sequence_is_json_too(monkeypatch):
    browser = Browser(monkeypatch, frame_player)
    frame_player.frame_player(
        [], [], (), key="sequence", frame_names=["a", "b"], marker=SequenceMarker("meta", [0.0, math.nan])
    )
    assert strict(browser.sent)["marker"]["positions"] == [0.0, None]


def test_no_figure_goes_to_the_browser_by_another_door():
    sources = [path for folder in ("robust_core/ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    assert not [
        path
        for path in sources
        if any(
            f"st.{name}(" in path.read_text() for name in ("plotly_chart", "line_chart", "bar_chart", "altair_chart")
        )
    ]


FIGURE = {"data": [{"x": [0, 0.5], "y": [1.0, 0.25], "name": "A &amp; B"}], "layout": {}}


def clicked(monkeypatch, point) -> list:
    """What the page is told of `point`, which the browser says was clicked."""
    picked, sent = [], {}
    monkeypatch.setattr(live_chart, "_component", lambda: lambda **arguments: sent.update(arguments))
    monkeypatch.setattr(live_chart.st, "session_state", {"chart": type("State", (), {"picked": point})()})
    live_chart.live_chart(FIGURE, key="chart", height_px=100, alt="a chart", on_pick=picked.append)
    sent["on_picked_change"]()
    return picked


def test_a_click_on_a_point_is_told_with_its_title_as_people_read_it(monkeypatch):
    assert clicked(monkeypatch, {"x": 0.5, "y": 0.25, "title": "A &amp; B"}) == [
        {"x": 0.5, "y": 0.25, "title": "A & B"}
    ]


@pytest.mark.parametrize(
    "point",
    [
        *(None, 3, "A &amp; B", [], {}, {"x": 0.5}, {"x": 0.5, "y": 0.25, "title": "A &amp; B", "more": 1}),
        *({"x": x, "y": 0.25, "title": "A &amp; B"} for x in (math.inf, math.nan, 0.7, "0.5", None, [0.5], {})),
        *({"x": 0.5, "y": y, "title": "A &amp; B"} for y in (0.3, [])),
        *({"x": 0.5, "y": 0.25, "title": title} for title in ("A & B", 7, None, ["A &amp; B"])),
    ],
)
def test_a_click_that_no_browser_sends_is_not_told(monkeypatch, point):
    assert clicked(monkeypatch, point) == []


def boxed(monkeypatch, corners) -> list:
    """What the page is told of a box, which the browser says was drawn."""
    drawn, sent = [], {}
    monkeypatch.setattr(live_chart, "_component", lambda: lambda **arguments: sent.update(arguments))
    monkeypatch.setattr(live_chart.st, "session_state", {"chart": type("State", (), {"boxed": corners})()})
    live_chart.live_chart(FIGURE, key="chart", height_px=100, alt="a chart", on_box=drawn.append)
    assert sent["data"]["boxable"]
    sent["on_boxed_change"]()
    return drawn


def test_a_box_is_told_from_its_smallest_to_its_largest_corner_whichever_way_it_was_drawn(monkeypatch):
    assert boxed(monkeypatch, [60, 80.5, 20, 10]) == [(20, 10, 60, 80.5)]


@pytest.mark.parametrize(
    "corners", [None, 3, "1234", [], [1, 2, 3], [1, 2, 3, math.nan], [1, 2, 3, "4"], {"x": [1, 2]}], ids=str
)
def test_what_is_no_box_is_not_told(monkeypatch, corners):
    assert boxed(monkeypatch, corners) == []
