"""Accuracy against what was done to the object, as plain Plotly JSON."""

from collections.abc import Sequence

from robust_core.plots import charts
from robust_core.plots.charts import FEW, Line

MARKER_PX, NAMES_PX = 8, 28
ACCURACY = "accuracy ↑ higher is better"


def accuracy_by_value(lines: Sequence[Line], title: str, chance: float, unedited: float, axis: str = ACCURACY) -> dict:
    """A line for each model over the values of one edit; a dotted line stands where nothing is edited."""
    figure = charts.accuracy_by_eps(lines, 1.0, "", chance, ())
    values = [value for line in lines for value in line.at]
    low, high = min(values), max(values)
    room = 0.02 * (high - low)
    mark = {"type": "line", "x0": unedited, "x1": unedited, "yref": "paper", "y0": 0, "y1": 1}
    mark |= {"line": {"width": 1, "dash": "dot", "color": "#888888"}}
    for trace in figure["data"]:
        if "marker" in trace:
            trace["marker"] |= {"size": MARKER_PX if len(trace["x"]) <= 2 * FEW else MARKER_PX / 2}
    figure["layout"]["yaxis"] |= {"title": {"text": axis}}
    figure["layout"] |= {
        "xaxis": {"title": {"text": title}, "range": [low - room, high + room]},
        "shapes": [*figure["layout"]["shapes"], mark],
    }
    return figure


def accuracy_by_name(lines: Sequence[Line], names: Sequence[str], chance: float, axis: str = ACCURACY) -> dict:
    """A row of points with intervals for each name, from left to right, a colour for each model."""
    figure = charts.accuracy_by_eps(lines, 1.0, "", chance, ())
    step = 0.5 / max(1, len(lines))
    points = [
        _points(line, [place + step * (number - (len(lines) - 1) / 2) for place in range(len(names))])
        for number, line in enumerate(lines)
    ]
    ticks = {"tickvals": list(range(len(names))), "ticktext": list(names), "range": [-0.5, len(names) - 0.5]}
    figure["layout"]["yaxis"] |= {"title": {"text": axis}}
    layout = figure["layout"] | {"xaxis": ticks | {"fixedrange": True}, "showlegend": True, "hovermode": "closest"}
    layout |= {"annotations": layout["annotations"][:1], "margin": charts.MARGIN | {"b": NAMES_PX}}
    return {"data": points, "layout": layout}


def _points(line: Line, at: Sequence[float]) -> dict:
    bounded = [(low, middle, high) for middle, (low, high) in zip(line.heights, line.band, strict=True)]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": charts.literal(line.title),
        "x": list(at),
        "y": list(line.heights),
        "marker": {"color": line.colour, "size": MARKER_PX},
        "error_y": charts.whiskers(bounded, line.colour) | {"width": 3},
        "customdata": list(line.words),
        "hovertemplate": "%{customdata}<extra></extra>",
    }
