"""Robust against clean accuracy of mixtures, as plain Plotly JSON: a dot for each mix, with both intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.intervals import Interval
from robust_core.plots.charts import END_LABEL, bounded, in_lines, literal, whiskers

PLAIN, CHOSEN = "#888888", "#896BBE"
SILENT = {"hoverinfo": "skip", "showlegend": False}
LOW_PART = 0.2  # of the vertical axis, where nothing fits below a dot
UP_TITLE_LETTERS = 60  # that fit along the vertical axis in a line
MARGIN_PART = 0.06  # of what is shown, beside it


@dataclass(frozen=True)
class Dot:
    """One mix: its accuracy `across` (clean) and `up` (robust), and `words` about it. One model alone has a `name` and
    a `colour`.
    """

    across: Interval
    up: Interval
    words: str
    name: str = ""
    colour: str = PLAIN


def frontier(dots: Sequence[Dot], chosen: int | None, label: str, up_title: str, *, joined: bool) -> dict:
    """The dots in the order of their mixes, `joined` by a line where that has one; the `chosen` one stands out under
    its `label`. A dotted line goes straight from one model alone to the next.
    """
    ends = [dot for dot in dots if dot.name]
    between = [dot for dot in dots if not dot.name]
    traces = [
        *([_straight(ends)] if joined and len(ends) > 1 else []),
        *([_line(dots)] if joined and dots else []),
        *([_dots(between, "mixes", PLAIN)] if between else []),
        *(_dots([dot], dot.name, dot.colour, 13) | {"showlegend": True} for dot in ends),
        *([_ring(dots[chosen])] if chosen is not None else []),
    ]
    x_range, y_range = _range([dot.across for dot in dots]), _range([dot.up for dot in dots])
    notes = [_named(dot, x_range) for dot in ends]
    notes += [_label(dots[chosen], label, x_range, y_range)] if chosen is not None and not dots[chosen].name else []
    axis = {"tickformat": ".0%", "automargin": True, "fixedrange": True}
    return {
        "data": traces,
        "layout": {
            "margin": {"l": 4, "r": 12, "t": 4, "b": 4},
            "hovermode": "closest",
            "showlegend": False,  # live_chart.js has one in place of the names where the chart is narrow
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "xaxis": axis | {"title": {"text": "clean accuracy → higher is better"}, "range": x_range},
            "yaxis": axis
            | {"title": {"text": in_lines(f"{up_title} ↑ higher is better", UP_TITLE_LETTERS)}, "range": y_range},
            "annotations": notes,
        },
    }


def _range(intervals: Sequence[Interval]) -> list[float]:
    low = min((one.low for one in intervals), default=0.0)
    high = max((one.high for one in intervals), default=1.0)
    margin = MARGIN_PART * max(high - low, 0.05)
    return [low - margin, high + margin]


def _line(dots: Sequence[Dot]) -> dict:
    return _places(dots) | {"mode": "lines", "line": {"color": PLAIN, "width": 2}, **SILENT}


def _straight(ends: Sequence[Dot]) -> dict:
    line = {"color": PLAIN, "width": 1, "dash": "dot"}
    return _places([ends[0], ends[-1]]) | {"mode": "lines", "line": line, **SILENT}


def _dots(dots: Sequence[Dot], title: str, colour: str, size_px: int = 9) -> dict:
    return _places(dots) | {
        "mode": "markers",
        "name": literal(title),
        "showlegend": False,
        "marker": {"color": colour, "size": size_px},
        "error_x": whiskers(bounded(dot.across for dot in dots), colour, 1),
        "error_y": whiskers(bounded(dot.up for dot in dots), colour, 1),
        "text": [literal(dot.words) for dot in dots],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _ring(dot: Dot) -> dict:
    marker = {"color": CHOSEN, "size": 20, "symbol": "circle-open", "line": {"width": 3, "color": CHOSEN}}
    return _places([dot]) | {
        "mode": "markers",
        "name": "chosen",
        "showlegend": False,
        "marker": marker,
        "error_x": whiskers(bounded([dot.across]), CHOSEN, 2),
        "error_y": whiskers(bounded([dot.up]), CHOSEN, 2),
        "hoverinfo": "skip",
    }


def _places(dots: Sequence[Dot]) -> dict:
    return {
        "type": "scatter",
        "x": [dot.across.estimate for dot in dots],
        "y": [dot.up.estimate for dot in dots],
    }


def _named(dot: Dot, x_range: Sequence[float]) -> dict:
    """The name of a model beside its dot, on the side where there is room."""
    return _beside(dot, x_range) | {
        "text": f"<span style='color:{dot.colour}'>●</span> {literal(dot.name)}",
        "yanchor": "bottom",
        "yshift": 6,
        "showarrow": False,
        "name": END_LABEL,
    }


def _label(dot: Dot, label: str, x_range: Sequence[float], y_range: Sequence[float]) -> dict:
    """The chosen mix below its dot; above it where the axis is near."""
    low = dot.up.estimate < y_range[0] + LOW_PART * (y_range[1] - y_range[0])
    return _beside(dot, x_range) | {
        "text": literal(label),
        "font": {"weight": 700},
        "yanchor": "bottom" if low else "top",
        "yshift": 10 if low else -10,
        "showarrow": False,
    }


def _beside(dot: Dot, x_range: Sequence[float]) -> dict:
    right = dot.across.estimate > sum(x_range) / 2
    return {
        "x": dot.across.estimate,
        "y": dot.up.estimate,
        "xanchor": "right" if right else "left",
        "xshift": -12 if right else 12,
    }
