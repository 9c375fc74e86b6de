"""The stage of an attack: curves, the attacked image of every model, and one transport bar that moves both."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

import streamlit as st

from robust_core.plots.charts import FOLLOWS_FRAMES, Line, as_json
from robust_core.ui import present
from robust_core.ui.server.frame_store import FrameSequence

FILES = Path(__file__)
SCRIPTS = ("frames.js", "stage_chart.js", "stage.js")
HTML = """
<div class="stage" tabindex="0" role="group" aria-label="Accuracy and images, step by step; space plays, arrows step">
  <p class="said" role="status"></p>
  <div class="legend" hidden></div>
  <div class="chart"></div>
  <div class="sequences"></div>
  <div class="transport">
    <button class="play" type="button">▶ Play</button>
    <input type="range" min="0" value="0" step="1" aria-label="attack step">
    <output aria-live="off"></output>
    <div class="choice speeds" role="group" aria-label="speed">
      <button type="button" aria-pressed="false">½×</button><button type="button" aria-pressed="true">1×</button>
      <button type="button" aria-pressed="false">2×</button>
    </div>
    <div class="choice axes" role="group" aria-label="scale of the steps">
      <button type="button" aria-pressed="true">Linear</button><button type="button" aria-pressed="false">Log</button>
    </div>
    <button class="save" type="button" title="Save the chart as SVG">SVG</button>
  </div>
</div>
"""


@dataclass(frozen=True)
class StageSequence:
    """One image under attack by one model: the frames at `steps`, what the model says of each, and whether it is right.

    change   the frames of the change times `factor`
    flip     the first step at which the prediction is wrong, None if it never is
    """

    title: str
    colour: str
    attacked: FrameSequence
    change: FrameSequence
    factor: int
    steps: Sequence[int]
    verdicts: Sequence[str]
    correct: Sequence[bool]
    flip: int | None


@dataclass(frozen=True)
class WaitingSequence:
    """What is in a sequence's place until there is one: in words how far its model is, and the share that is done."""

    title: str
    colour: str
    said: str
    share: float


class Picked(TypedDict):
    """A point of a curve that somebody clicked: its step, its height and the title of the curve."""

    x: int
    y: float
    title: str


@cache
def _component():
    return st.components.v2.component(
        "stage",
        html=HTML,
        css=FILES.with_suffix(".css").read_text(),
        js="".join(FILES.with_name(name).read_text() for name in SCRIPTS),
        isolate_styles=False,
    )


def stage(
    lines: Sequence[Line],
    sequences: Sequence[StageSequence],
    *,
    key: str,
    last: int,
    steps: int,
    chance: float,
    alt: str,
    behind: Sequence[Line] = (),
    waiting: Sequence[WaitingSequence] = (),
    played: Hashable | None = None,
    on_pick: Callable[[Picked], None] | None = None,
) -> None:
    """Show `lines` over steps 0 to `last` and `sequences` beside them, or what is `waiting` there; `behind` are dashed,
    `chance` is dotted. A line that has fewer than `steps` grows, with each event of `growing`.

    It plays by itself once for each value of `played`, unless that is None or the visitor wants no motion. `on_pick` is
    called, before the page runs again, with a point that was clicked.
    """
    data = growing(lines, waiting, steps) | {
        "behind": [_line_as_json(line) for line in behind],
        "sequences": [_stage_sequence_as_json(sequence) for sequence in sequences],
        "last": last,
        "chance": chance,
        "alt": alt,
        "marker": FOLLOWS_FRAMES,
        "axis_title": "attack steps (0 is the clean image)",
        "played": None if played is None else str(played),
        "present": present.is_on(),
    }

    def picked() -> None:
        point = getattr(st.session_state.get(key), "picked", None)
        if on_pick and _is_step(point, last, [one.title for one in (*lines, *waiting)]):
            on_pick(point)

    _component()(data=data, key=key, on_picked_change=picked)


def _is_step(point: object, last: int, titles: Sequence[str]) -> bool:
    """Whether it is a step of one of the curves, since a client that is no browser may say what it likes."""
    if not isinstance(point, Mapping) or point.keys() != Picked.__annotations__.keys():
        return False
    step = point["x"]
    return type(step) is int and 0 <= step <= last and point["title"] in titles


def growing(lines: Sequence[Line], waiting: Sequence[WaitingSequence], steps: int) -> dict:
    """What of the stage changes while a run goes on, in which a line of `steps` is whole; the event `job-live` brings
    it.
    """
    return {
        "lines": [_line_as_json(line) | {"whole": line.at[-1] >= steps} for line in lines],
        "waiting": [vars(one) for one in waiting],
    }


def _line_as_json(line: Line) -> dict:
    plain = as_json({"at": list(line.at), "heights": list(line.heights), "band": [list(ends) for ends in line.band]})
    band = plain.pop("band")
    return plain | {
        "title": line.title,
        "colour": line.colour,
        "numbers": [said.partition(" [")[0] for said in line.words],  # the band shows the interval
        "low": [low and round(low, 4) for low, _ in band],
        "high": [high and round(high, 4) for _, high in band],
    }


def _stage_sequence_as_json(sequence: StageSequence) -> dict:
    return vars(sequence) | {
        "attacked": sequence.attacked.address,
        "change": sequence.change.address,
        "steps": list(sequence.steps),
        "verdicts": list(sequence.verdicts),
        "correct": list(sequence.correct),
    }
