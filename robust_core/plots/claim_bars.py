"""The bars of the Story page as plain Plotly JSON, with names above them so that they fit a phone; its curves are those
of the Benchmarks page.
"""

from collections.abc import Sequence

from robust_core.plots.board_charts import Group
from robust_core.plots.charts import literal, number, whiskers

ROW_PX = 38
AROUND_PX = 34
# seen on every bar and on both grounds
MARK = {"symbol": "diamond", "size": 9, "color": "#FFFFFF", "line": {"width": 1.5, "color": "#333333"}}


def bars(groups: Sequence[Group], marks: Sequence[Group]) -> dict:
    """A bar from 0 for the one point of every group, from the top, its value at the right; `marks`, one per bar, are
    diamonds on it.
    """
    values = [group.points[0] for group in groups]
    end = max(point.high or point.y for point in (*values, *(mark.points[0] for mark in marks)))
    traces = [_bars(groups), *([_diamonds(marks)] if marks else [])]
    return {
        "data": traces,
        "layout": {
            "margin": {"l": 4, "r": 8, "t": 4, "b": 24},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": {"range": [0, 1.03 * end], "fixedrange": True, "nticks": 6, "showgrid": False},
            "yaxis": {"range": [len(groups) - 0.6, -0.75], "visible": False, "fixedrange": True},
            "annotations": [text for place, group in enumerate(groups) for text in _words(place, group)],
        },
    }


def _bars(groups: Sequence[Group]) -> dict:
    values = [group.points[0] for group in groups]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [point.y for point in values],
        "y": list(range(len(groups))),
        "width": 0.34,
        "marker": {"color": [group.colour for group in groups], "cornerradius": 3},
        "error_x": whiskers([point.bounded for point in values], "#888888"),
        "text": [point.words for point in values],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _diamonds(marks: Sequence[Group]) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.points[0].y for mark in marks],
        "y": list(range(len(marks))),
        "marker": MARK,
        "text": [mark.points[0].words for mark in marks],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(place: int, group: Group) -> list[dict]:
    words = {"y": place - 0.2, "xref": "paper", "showarrow": False, "yanchor": "bottom", "font": {"size": 14}}
    value = {**words, "x": 1, "xanchor": "right", "text": number(group.points[0].y, ".1f")}
    return [{**words, "x": 0, "xanchor": "left", "text": literal(group.title)}, value]
