"""Figures of proof and attack as plain Plotly JSON: two curves, what lies between, and each image's two ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.plots import charts
from robust_core.plots.charts import Line

BETWEEN, PROOF, ATTACK, ALARM = "#88888822", "#0B73B0", "#D35D00", "#DE0737"
BEYOND = "triangle-right"
RADIUS = "L2 radius, pixels in [0, 1]"
ROW_PX, ROOM_PX = 20, 70


@dataclass(frozen=True)
class Span:
    """One image: `low` is proved, `high` is the smallest change found, infinite where there is none, None where none
    was looked for.
    """

    name: str
    low: float
    high: float | None
    is_alarm: bool = False


def curves(
    certified: Line, held: Line | None, published: Sequence[Line], ceiling: float, end: float, chance: float
) -> dict:
    """Accuracy that is certified and accuracy that no attack lowers, against the radius up to `end`, with the room
    between them grey, and the `ceiling` of what the draws could certify.
    """
    lines = [certified] if held is None else [held, certified]
    figure = charts.accuracy_by_eps(lines, end, "", chance, published)
    layout = figure["layout"]
    layout["xaxis"]["title"] = {"text": RADIUS}
    layout["shapes"] = [*layout["shapes"], _upright(ceiling)]
    layout["annotations"] = [*layout["annotations"], _ceiling_words(ceiling)]
    between = [] if held is None else [_between(certified, held)]
    return {"data": [*between, *figure["data"]], "layout": layout}


def dumbbells(spans: Sequence[Span], ceiling: float) -> dict:
    """A row for each image, the longest proof on top: from its certified radius to the smallest change found."""
    rows = sorted(spans, key=lambda one: (one.low, one.high or 0))
    ends = [one.high for one in rows if one.high is not None and math.isfinite(one.high)]
    end = 1.05 * max([ceiling, *ends, *(one.low for one in rows)], default=1.0)
    places = range(len(rows))
    found = [(row, one) for row, one in zip(places, rows, strict=True) if one.high is not None]
    missed = [(row, one) for row, one in found if math.isinf(one.high or 0)]
    near = [(row, one) for row, one in found if math.isfinite(one.high or 0)]
    data = [
        _bars([pair for pair in found if not pair[1].is_alarm], end, "#888888"),
        _bars([pair for pair in found if pair[1].is_alarm], end, ALARM),
        _dots("certified radius", list(places), [one.low for one in rows], rows, PROOF, "circle"),
        _dots("smallest change found", [row for row, _ in near], [_high(one) for _, one in near], _of(near), ATTACK),
        _dots("no change found", [row for row, _ in missed], [end for _ in missed], _of(missed), ATTACK, BEYOND),
    ]
    return {
        "data": [trace for trace in data if trace["x"]],
        "layout": {
            "margin": {"l": 4, "r": 8, "t": 4, "b": 4},
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "xaxis": {"title": {"text": RADIUS}, "range": [-0.01 * end, 1.02 * end]},
            "yaxis": {
                "tickvals": list(places),
                "ticktext": [charts.literal(one.name) for one in rows],
                "range": [-0.7, len(rows) - 0.3],
                "automargin": True,
                "fixedrange": True,
            },
            "shapes": [_upright(ceiling)],
        },
    }


def height_px(spans: Sequence[Span]) -> int:
    """How high the rows are together."""
    return ROOM_PX + ROW_PX * len(spans)


def _high(one: Span) -> float:
    return math.inf if one.high is None else one.high


def _of(rows: Sequence[tuple[int, Span]]) -> list[Span]:
    return [one for _, one in rows]


def _upright(x: float) -> dict:
    line = {"width": 1, "dash": "dot", "color": "#888888"}
    return {"type": "line", "line": line, "yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x}


def _ceiling_words(x: float) -> dict:
    place = {"x": x, "xanchor": "left", "xshift": 4, "yref": "paper", "y": 0.98, "yanchor": "top"}
    return place | {"text": "ceiling of n draws", "showarrow": False, "opacity": 0.8}


def _between(low: Line, high: Line) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*low.at, *reversed(list(high.at))],
        "y": [*low.heights, *reversed(list(high.heights))],
        "fill": "toself",
        "fillcolor": BETWEEN,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _bars(rows: Sequence[tuple[int, Span]], end: float, colour: str) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for _, one in rows for x in (one.low, min(_high(one), end), None)],
        "y": [y for row, _ in rows for y in (row, row, None)],
        "line": {"color": colour, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dots(
    title: str, places: list[int], xs: list[float], rows: Sequence[Span], colour: str, symbol: str = "diamond"
) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": title,
        "x": xs,
        "y": places,
        "marker": {"color": colour, "size": 9, "symbol": symbol},
        "customdata": [charts.literal(one.name) for one in rows],
        "hovertemplate": f"%{{customdata}}: {title} %{{x:.3f}}<extra></extra>",
    }
