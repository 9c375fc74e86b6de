"""Figures of the Benchmarks page as plain Plotly JSON, made from values; nothing here knows Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from robust_core.plots import heat_maps
from robust_core.plots.charts import TEXT_COLOUR, literal, whiskers

MARGIN = {"l": 4, "r": 8, "t": 8, "b": 4}
LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 14}}
NAMED_PX, NAME_ROW_PX = 14, 19  # size of a name's letters, and the least distance of two names
# models of one family have much the same colour
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "cross", "triangle-down")
PATTERNS = ("", "/", "x", ".", "-", "\\", "|", "+")
MOST_NUMBERED = 12  # columns of a heat map that can hold their numbers
LINE_COLOUR = "#888888"


@dataclass(frozen=True)
class Point:
    """A model's place in a figure, with the bounds of its height where they are known; `words` say all about it, and a
    `name` is written beside it.
    """

    x: float | str
    y: float
    low: float | None
    high: float | None
    words: str
    name: str = ""

    @property
    def bounded(self) -> tuple[float, float, float]:
        """Low end, height and high end; the height itself where an end is not known."""
        return self.y if self.low is None else self.low, self.y, self.y if self.high is None else self.high


@dataclass(frozen=True)
class Group:
    """Points of one `colour` that belong together under a `title`: those of a model, or those of a family; `hollow`
    ones stand back.
    """

    title: str
    colour: str
    points: Sequence[Point]
    hollow: bool


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    scale_title: str,
    form: str = ".0f",
) -> dict:
    """A heat map whose `rows` go down from the top; None leaves its cell empty, `form` is that of the numbers."""
    known = [value for row in values for value in row if value is not None]
    return {
        "data": [
            heat_maps.cells(
                values, min(known, default=0), max(known, default=1), form if len(columns) <= MOST_NUMBERED else ""
            )
            | {
                "x": list(columns),
                "y": [literal(row) for row in rows],
                "hovertemplate": "%{x}<br>%{y}: %{z:.2f}<extra></extra>",
                "hoverongaps": False,
                "colorbar": {"title": {"text": scale_title, "side": "right"}, "thickness": 10},
            }
        ],
        "layout": {
            "margin": MARGIN,
            "xaxis": {"fixedrange": True, "automargin": True, "tickangle": -90, "type": "category", "showgrid": False},
            "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True, "showgrid": False},
        },
    }


def curves(groups: Sequence[Group], x_title: str, y_title: str) -> dict:
    """A line with its intervals for each group, over numbers."""
    traces = [
        _trace(group, "lines+markers")
        | {"line": {"color": group.colour, "width": 2}, "marker": {"color": group.colour, "size": 9, "symbol": symbol}}
        for group, symbol in zip(groups, cycle(SYMBOLS), strict=False)
    ]
    return _axes(traces, x_title, y_title)


def bars(groups: Sequence[Group], y_title: str) -> dict:
    """Bars side by side with their intervals, those of a group in its colour, over words."""
    traces = [
        {
            "type": "bar",
            "name": literal(group.title),
            "x": [point.x for point in group.points],
            "y": [point.y for point in group.points],
            "marker": {
                "color": group.colour,
                "pattern": {"shape": pattern, "size": 6, "fillmode": "overlay", "fgcolor": "rgba(255,255,255,.7)"},
            },
            # in the bar's colour its lower half would not be seen
            "error_y": whiskers([point.bounded for point in group.points], TEXT_COLOUR),
            "text": [point.words for point in group.points],
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
        }
        for group, pattern in zip(groups, cycle(PATTERNS), strict=False)
    ]
    figure = _axes(traces, "", y_title)
    figure["layout"]["xaxis"] |= {"type": "category", "tickangle": -45}
    return figure


def scatter(
    groups: Sequence[Group],
    line: tuple[Sequence[float], Sequence[float]] | None,
    x_title: str,
    y_title: str,
    line_title: str = "",
    height_px: int = 460,
) -> dict:
    """A dot for every point, larger, in front and with its name where it has one, and the `line` (its x and its y) that
    they are compared with, whose title is in the upper corner that it leaves free; `height_px` is that of the figure,
    which has no legend.
    """
    behind, named = _apart(groups)
    traces = [_dots(group, 8, 0.75) for group in behind] + [_dots(group, 13, 1.0) for group in named]
    if line:
        drawn = {
            "type": "scatter",
            "mode": "lines",
            "x": list(line[0]),
            "y": list(line[1]),
            "name": "predicted",
            "hoverinfo": "skip",
        }
        traces.insert(0, drawn | {"line": {"color": LINE_COLOUR, "width": 2, "dash": "dash"}})
    figure = _axes(traces, x_title, y_title)
    figure["layout"] |= {"showlegend": False, "annotations": _names(groups, height_px)}
    if line and line_title:
        figure["layout"]["annotations"].append(_corner(line_title, at_left=line[1][-1] >= line[1][0]))
    return figure


def _names(groups: Sequence[Group], height_px: int) -> list[dict]:
    """The names of points that have one, at the left of them, one above the other where the points are close."""
    heights = [point.y for group in groups for point in group.points]
    px_per_unit = 0.6 * height_px / ((max(heights) - min(heights)) or 1)
    named = sorted((point for group in groups for point in group.points if point.name), key=lambda point: point.y)
    texts, least_px = [], float("-inf")
    for point in named:
        at_px = point.y * px_per_unit
        placed_px = max(at_px, least_px)
        least_px = placed_px + NAME_ROW_PX
        texts.append(
            {
                "x": point.x,
                "y": point.y,
                "text": f"<b>{literal(point.name)}</b>",
                "font": {"size": NAMED_PX},
                "xanchor": "right",
                "ax": -24,
                "ay": at_px - placed_px,
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 1,
                "standoff": 6,
            }
        )
    return texts


def _corner(text: str, *, at_left: bool) -> dict:
    side = {"x": 0.01, "xanchor": "left", "align": "left"} if at_left else {"x": 0.99, "xanchor": "right"}
    return {
        **side,
        "xref": "paper",
        "yref": "paper",
        "y": 0.98,
        "yanchor": "top",
        "text": text,
        "font": {"size": NAMED_PX},
        "showarrow": False,
    }


def _trace(group: Group, mode: str) -> dict:
    return {
        "type": "scatter",
        "mode": mode,
        "name": literal(group.title),
        "x": [point.x for point in group.points],
        "y": [point.y for point in group.points],
        "marker": {"color": group.colour, "size": 7},
        "error_y": whiskers([point.bounded for point in group.points], f"{group.colour}88"),
        "text": [point.words for point in group.points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _apart(groups: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """The points without a name and those with one, by group."""
    parts = [
        [replace(group, points=[point for point in group.points if bool(point.name) == named]) for group in groups]
        for named in (False, True)
    ]
    behind, front = ([group for group in part if group.points] for part in parts)
    return behind, front


def _dots(group: Group, size_px: int, opacity: float) -> dict:
    symbol = "circle-open" if group.hollow else "circle"
    marker = {"color": group.colour, "size": size_px, "opacity": opacity, "symbol": symbol}
    return _trace(group, "markers") | {"marker": marker, "error_y": {"visible": False}}


def _axes(traces: list[dict], x_title: str, y_title: str) -> dict:
    return {
        "data": traces,
        "layout": {
            "margin": MARGIN,
            "legend": LEGEND,
            "hovermode": "closest",
            "showlegend": True,
            "xaxis": {"title": {"text": x_title}, "automargin": True},
            "yaxis": {"title": {"text": y_title}, "automargin": True},
        },
    }
