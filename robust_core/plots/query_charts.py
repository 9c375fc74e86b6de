"""Distance against queries, as plain Plotly JSON on two log axes; a player of frames moves its marker."""

import math
from collections.abc import Sequence

from robust_core.plots import charts
from robust_core.plots.charts import Line
from robust_core.plots.log_axes import around, log_axis

BAND_OPACITY = 0.15


def distances_by_queries(lines: Sequence[Line], axis_title: str, meta: str) -> dict:
    """A curve for each of `lines`, at numbers of queries, with the band where it has bounds; a player moves the marker
    of the chart with its `meta`.
    """
    traces = [trace for line in lines for trace in (_band(line), _curve(line))]
    marker = {"type": "line", "visible": False, "yref": "paper", "x0": 1, "x1": 1, "y0": 0, "y1": 1}
    across = log_axis(*around(at for line in lines for at in line.at))
    ends = (end for line in lines for bounds in line.band for end in bounds)
    upwards = log_axis(*around((*ends, *(height for line in lines for height in line.heights))))
    return {
        "data": traces,
        "layout": {
            "margin": {"l": 4, "r": 8, "t": 4, "b": 4},
            "meta": meta,
            "shapes": [marker | {"line": {"width": 1, "dash": "dot", "color": "#888888"}}],
            "xaxis": across | {"title": {"text": "queries for each image"}},
            "yaxis": upwards | {"title": {"text": axis_title}},
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "hovermode": "closest",
        },
    }


def _curve(line: Line) -> dict:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": charts.literal(line.title),
        "legendgroup": line.title,
        "x": list(line.at),
        "y": list(line.heights),
        "customdata": list(line.words),
        "line": {"color": line.colour, "width": 2},
        "marker": {"size": 5},
        "hovertemplate": "%{x:,} queries: %{customdata}<extra>%{fullData.name}</extra>",
    }


def _band(line: Line) -> dict:
    ends = [(at, low, high) for at, (low, high) in zip(line.at, line.band, strict=True) if low > 0 and high < math.inf]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [at for at, _, _ in ends] + [at for at, _, _ in ends[::-1]],
        "y": [low for _, low, _ in ends] + [high for _, _, high in ends[::-1]],
        "fill": "toself",
        "fillcolor": line.colour,
        "opacity": BAND_OPACITY,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": line.title,
    }
