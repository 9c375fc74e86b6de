"""Stacked bars as plain Plotly JSON: a bar for each model, cut into shares, with its name above so that it fits a
phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.plots.charts import literal

ROW_PX = 42
LEGEND_PX = 92  # four lines, as a phone needs
AROUND_PX = 102 + LEGEND_PX
BAR_WIDTH = 0.46


@dataclass(frozen=True)
class Part:
    """One colour of the bars: its share of each of them in %, and what is said when somebody points at it."""

    title: str
    colour: str
    percents: Sequence[float]
    words: Sequence[str]


def stacked(titles: Sequence[str], asides: Sequence[str], parts: Sequence[Part], x_title: str) -> dict:
    """A bar for each title from the top, its aside at the right end of the line, the parts from the left."""
    whole = max((sum(part.percents[place] for part in parts) for place in range(len(titles))), default=100)
    return {
        "data": [_trace(part) for part in parts],
        "layout": {
            "barmode": "stack",
            "margin": {"l": 8, "r": 8, "t": LEGEND_PX, "b": 4},
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1,
                "yref": "container",
                "yanchor": "top",
                "traceorder": "normal",
            },
            "hovermode": "closest",
            "xaxis": {"range": [0, whole], "title": {"text": x_title}, "fixedrange": True, "automargin": True},
            "yaxis": {"range": [len(titles) - 0.65, -0.8], "visible": False, "fixedrange": True},
            "annotations": [
                text for place, pair in enumerate(zip(titles, asides, strict=True)) for text in _line(place, *pair)
            ],
        },
    }


def _trace(part: Part) -> dict:
    return {
        "type": "bar",
        "orientation": "h",
        "name": literal(part.title),
        "x": list(part.percents),
        "y": list(range(len(part.percents))),
        "width": BAR_WIDTH,
        "marker": {"color": part.colour},
        "text": list(part.words),
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _line(place: int, title: str, aside: str) -> list[dict]:
    words = {"y": place - BAR_WIDTH / 2, "xref": "paper", "showarrow": False, "yanchor": "bottom", "font": {"size": 14}}
    return [
        {**words, "x": 0, "xanchor": "left", "text": literal(title)},
        {**words, "x": 1, "xanchor": "right", "text": literal(aside)},
    ]
