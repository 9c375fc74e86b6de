"""A Plotly chart that changes without blinking; `st.plotly_chart` is mounted anew whenever its figure changes
(streamlit issue 8782).
"""

import html
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TypedDict

import streamlit as st

from robust_core.checks import is_finite
from robust_core.plots.charts import as_json
from robust_core.ui import present
from robust_core.ui.server import plotly_js

SCRIPT = Path(__file__).with_suffix(".js")
PRESENTING_HEIGHT = 1.3  # times the usual one, for larger letters


class Picked(TypedDict):
    """A point that somebody clicked: its place on the axes and the title of its trace."""

    x: float | str
    y: float | str
    title: str


def without_made_up_numbers(figure: dict) -> dict:
    """The layout; where there is no point yet, an axis that states no range has no numbers, since Plotly would make
    them up (-1 to 6).
    """
    layout = figure["layout"]
    if any(len(trace["x"]) and len(trace["y"]) for trace in figure["data"]):
        return layout
    axes = {name: layout.get(name, {}) for name in ("xaxis", "yaxis")}
    return layout | {name: axis | {"showticklabels": False} for name, axis in axes.items() if "range" not in axis}


@cache
def _component():
    return st.components.v2.component(
        "live_chart",
        html="<div class='live-chart' style='width:100%;height:100%'></div>",
        js=SCRIPT.read_text(),
        isolate_styles=False,
    )


def live_chart(
    figure: dict,
    *,
    key: str,
    height_px: int,
    alt: str,
    png_name: str = "",
    on_pick: Callable[[Picked], None] | None = None,
    on_box: Callable[[tuple[float, float, float, float]], None] | None = None,
) -> None:
    """Draw `figure` (`data` and `layout`, plain JSON, as charts.py makes it) `height_px` high; `alt` says in words what
    it shows.

    Every figure goes through here: a number that is not finite is a gap.

    With a `png_name` the chart can be saved as an image of that name. `on_pick` is called, before the page runs again,
    with the point that was clicked; dashed lines have none. `on_box` is called with the box that was drawn by dragging:
    its smallest x and y and its largest x and y, on the axes.
    """
    height_px = round(height_px * (PRESENTING_HEIGHT if present.is_on() else 1))
    data = {
        "traces": as_json(figure["data"]),
        "layout": as_json({"height": height_px, **without_made_up_numbers(figure)}),
        "src": plotly_js.PATH,
        "alt": alt,
        "present": present.is_on(),
        "png_name": png_name,
        "pickable": on_pick is not None,
        "boxable": on_box is not None,
    }

    def picked() -> None:
        point = getattr(st.session_state.get(key), "picked", None)
        if on_pick and _is_in(figure, point):
            on_pick({**point, "title": html.unescape(point["title"])})  # in the figure it is escaped

    def boxed() -> None:
        corners = getattr(st.session_state.get(key), "boxed", None)
        if on_box and isinstance(corners, list) and len(corners) == 4 and all(map(is_finite, corners)):
            x0, y0, x1, y1 = corners
            on_box((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))

    _component()(data=data, key=key, height=height_px, on_picked_change=picked, on_boxed_change=boxed)


def _is_in(figure: dict, point: object) -> bool:
    """Whether a trace of the figure has such a point, since a client that is no browser may say what it likes."""
    if not isinstance(point, Mapping) or point.keys() != Picked.__annotations__.keys():
        return False
    traces = [trace for trace in figure["data"] if trace.get("name", "") == point["title"]]
    return any(point["x"] in list(trace["x"]) and point["y"] in list(trace["y"]) for trace in traces)
