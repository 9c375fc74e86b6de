"""Figures about the smallest changes, as plain Plotly JSON: where one image lies among others, and accuracy left at
every ε.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.plots import charts
from robust_core.plots.charts import Line
from robust_core.plots.log_axes import log_axis

ROW_PX, AXIS_PX = 46, 52
NAME_LETTERS = 22  # in a line, of which a row has room for two
BEYOND = 1.6  # where on the axis stands what no search broke, in multiples of the longest change


@dataclass(frozen=True)
class RankRow:
    """One model: the `references` and the image's own change `at`, on one scale; infinite where no search broke one,
    None where the image has none.
    """

    title: str
    colour: str
    references: Sequence[float]
    at: float | None


def ranks(rows: Sequence[RankRow], axis_title: str) -> dict:
    """A row of points for each model on one logarithmic axis, the image's own as a diamond; what no search broke stands
    hollow at the end.
    """
    known = [one for row in rows for one in (*row.references, row.at) if one and math.isfinite(one)]
    end = BEYOND * max(known, default=1.0)
    names = [charts.in_lines(row.title, NAME_LETTERS) for row in rows]
    low = min(known, default=end / 10) / 1.5
    has_unbroken = any(math.isinf(one) for row in rows for one in (*row.references, row.at or 0.0))
    return {
        "data": [trace for row, name in zip(rows, names, strict=True) for trace in _rank_traces(row, name, end)],
        "layout": {
            "margin": {"l": 4, "r": 8, "t": 4, "b": 4},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": log_axis(low, 1.1 * end) | {"title": {"text": axis_title}},
            "yaxis": {
                "type": "category",
                "categoryorder": "array",
                "categoryarray": names[::-1],
                "range": [-0.6, len(names) - 0.4],
                "automargin": True,
                "fixedrange": True,
                "showgrid": False,
            },
            "annotations": [_beyond(end)] if has_unbroken else [],
        },
    }


def security_curves(lines: Sequence[Line], axis_title: str, chance: float) -> dict:
    """Accuracy left against ε; between two points it stays what it was."""
    end = max((line.at[-1] for line in lines if len(line.at)), default=1.0)
    figure = charts.accuracy_by_eps([_stepped(line, end) for line in lines], end, axis_title, chance, ())
    for trace in figure["data"]:
        if trace["mode"] == "lines+markers":
            trace |= {"mode": "lines"}
    return figure


def _rank_traces(row: RankRow, name: str, end: float) -> list[dict]:
    finite = [one for one in row.references if 0 < one < math.inf]
    unbroken = [end] * sum(map(math.isinf, row.references))
    base = {"type": "scatter", "mode": "markers", "name": name, "hovertemplate": "%{x:.3g}<extra></extra>"}
    faint = {"size": 9, "color": row.colour, "opacity": 0.45}
    traces = [base | {"x": finite, "y": [name] * len(finite), "marker": faint}]
    if unbroken:
        hollow = {"size": 9, "color": row.colour, "symbol": "circle-open"}
        traces.append(base | {"x": unbroken, "y": [name] * len(unbroken), "marker": hollow, "hoverinfo": "skip"})
    if row.at:
        diamond = {"size": 17, "color": row.colour, "symbol": "diamond", "line": {"width": 2, "color": "#FFFFFF"}}
        traces.append(base | {"x": [min(row.at, end)], "y": [name], "marker": diamond})
    return traces


def _beyond(end: float) -> dict:
    return {
        "text": "no search broke",
        "x": math.log10(end),
        "y": 1,
        "yref": "paper",
        "xanchor": "right",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _stepped(line: Line, end: float) -> Line:
    """The same as a staircase that reaches the `end` of the axis."""
    at = [place for one, after in zip(line.at, [*line.at[1:], end], strict=True) for place in (one, after)]
    twice = [number for number in range(len(line.at)) for _ in range(2)]
    heights, band = [line.heights[one] for one in twice], [line.band[one] for one in twice]
    return Line(line.title, line.colour, at, heights, band, [line.words[one] for one in twice])
