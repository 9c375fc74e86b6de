"""A frame sequence of lossless frames with play, pause and scrub in the browser, and each model's prediction for the frame that is
seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from robust_core.plots.charts import as_json
from robust_core.ui import present
from robust_core.ui.server.frame_store import FrameSequence

FILES = Path(__file__)
HTML = """
<div class="film-player">
  <div class="screen"><div class="strips"></div><div class="controls"><button>Play</button><input type="range" min="0" value="0"
  aria-label="frame"><output aria-live="off"></output></div></div>
  <table><thead><tr></tr></thead><tbody></tbody></table>
</div>
"""


@dataclass(frozen=True)
class SequenceStrip:
    """Images that follow each other in one place, with the caption below them; `places` says which image of the
    frame sequence each frame is.
    """

    caption: str
    sequence: FrameSequence
    places: Sequence[int]


@dataclass(frozen=True)
class SequenceModel:
    """One model beside the frame sequence: per frame the cells of its row, and whether they are printed bold."""

    title: str
    colour: str
    cells: list[tuple[str, ...]]
    bold: list[bool]


@dataclass(frozen=True)
class SequenceMarker:
    """The charts whose `layout.meta` is `meta` follow the frame sequence: their first shape stands at `positions[frame]`."""

    meta: str
    positions: list[float]


@cache
def _component():
    return st.components.v2.component(
        "frame_player",
        html=HTML,
        css=FILES.with_suffix(".css").read_text(),
        js=FILES.with_name("frames.js").read_text() + FILES.with_suffix(".js").read_text(),
        isolate_styles=False,
    )


def frame_player(
    rows: Sequence[Sequence[SequenceStrip]],
    models: Sequence[SequenceModel],
    columns: Sequence[str],
    *,
    key: str,
    frame_names: Sequence[str],
    marker: SequenceMarker | None = None,
    milliseconds: int = 160,
) -> None:
    """Show `rows` of strips, a frame every `milliseconds`, and a table that has the cells of each of `models` under
    `columns`.

    All strips and cells are as many as `frame_names`, which say in words which frame is seen.
    """
    data = {
        "rows": [[_as_json(strip) for strip in row] for row in rows],
        "models": [vars(model) for model in models],
        "columns": ["Model", *columns],
        "names": list(frame_names),
        "marker": marker and as_json(vars(marker)),
        "milliseconds": milliseconds,
        "present": present.is_on(),
    }
    _component()(data=data, key=key)


def _as_json(strip: SequenceStrip) -> dict:
    return strip.sequence.address | {"caption": strip.caption, "places": list(strip.places)}
