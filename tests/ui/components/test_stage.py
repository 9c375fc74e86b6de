import json
import shutil
import subprocess

import numpy as np
import pytest

from robust_core.plots.charts import Line
from robust_core.ui.components import stage as component
from robust_core.ui.components.stage import StageSequence
from robust_core.ui.server.frame_store import frame_sequence_of

FRAMES = np.zeros((3, 4, 4, 3), np.uint8)
NODE = shutil.which("node")


def sequence(**fields):
    sequence = frame_sequence_of(FRAMES)
    given = {"steps": (0, 1, 5), "verdicts": ["cat 99.0%"] * 3, "correct": [True, True, False], "flip": 3} | fields
    return StageSequence("A model", "#123456", sequence, sequence, 31, **given)


@pytest.fixture
def sent(monkeypatch):
    """What the component is given."""
    found = {}
    monkeypatch.setattr(component, "_component", lambda: lambda **arguments: found.update(arguments))
    return found


def show(lines=(), sequences=(), **options):
    component.stage(lines, sequences, key="stage", last=5, steps=1, chance=0.1, alt="curves", **options)


def test_curves_and_frames_are_plain_json(sent):
    line = Line(
        "A model", "#123456", [0, 1], [1.0, float("nan")], [(0.9, 1.0), (0.2, 0.4)], ["3 of 3 [a, b]", "0.5 [c]"]
    )
    show([line], [sequence()])
    plain = json.loads(json.dumps(sent["data"], allow_nan=False))
    (curve,) = plain["lines"]
    assert (curve["low"], curve["high"], curve["numbers"]) == ([0.9, 0.2], [1.0, 0.4], ["3 of 3", "0.5"])
    assert curve["heights"] == [1.0, None], "what is not finite is a gap"
    assert curve["whole"]
    assert plain["sequences"][0]["attacked"]["path"].startswith("/assets/frames/")
    assert plain["sequences"][0]["steps"] == [0, 1, 5]
    assert plain["played"] is None


def test_it_plays_once_for_each_value(sent):
    show(played=("pgd", 1))
    first = sent["data"]["played"]
    show(played=("pgd", 2))
    assert first != sent["data"]["played"]


def clicked(sent, monkeypatch, point) -> list:
    """What the page is told of `point`, which the browser says was clicked."""
    picked = []
    line = Line("A model", "#123456", [0, 1, 5], [1.0, 0.5, 0.5], [(0.9, 1.0)] * 3, ["", "", ""])
    show([line], on_pick=picked.append)
    state = {"stage": type("State", (), {"picked": point})()}
    monkeypatch.setattr(component.st, "session_state", state)
    sent["on_picked_change"]()
    return picked


def test_a_click_is_told_before_the_page_runs_again(sent, monkeypatch):
    point = {"x": 3, "y": 0.5, "title": "A model"}
    assert clicked(sent, monkeypatch, point) == [point]


@pytest.mark.parametrize(
    "point",
    [
        *(None, 3, "A model", [], {}, {"x": 3}, {"x": 3, "y": 0.5, "title": "A model", "more": 1}),
        *({"x": x, "y": 0.5, "title": "A model"} for x in (-1, 6, 3.5, float("inf"), "3", None, [3], True)),
        *({"x": 3, "y": 0.5, "title": title} for title in ("Another", 7, None, ["A model"])),
    ],
)
def test_a_click_that_no_browser_sends_is_not_told(sent, monkeypatch, point):
    assert clicked(sent, monkeypatch, point) == []


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_labels_keep_their_distance_and_curves_are_read_between_steps():
    script = (
        component.FILES.with_name("stage_chart.js").read_text()
        + """
    const moved = apart([100, 101, 102, 400], 380);
    const line = {at: [0, 1, 2], heights: [1, 0.5, 0.5]};
    console.log(JSON.stringify([moved, [0, 0.5, 1.5, 9].map((step) => heightAt(line, step))]));
    const axis = axisOf(50, true, 0, 100);
    console.log(JSON.stringify([axis.x(0), axis.x(50), Math.round(axis.step(axis.x(7)))]));"""
    )
    out = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True).stdout.splitlines()
    moved, read = json.loads(out[0])
    gaps = np.diff(sorted(moved))
    assert (gaps >= 17).all()
    assert max(moved) <= 380
    assert read == [1, 0.75, 0.5, 0.5]
    assert json.loads(out[1]) == [0, 100, 7]
