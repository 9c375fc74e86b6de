"""What a class has bet, as plain Plotly JSON: bars of answers, or where numbers lie, with models beside."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robust_core.intervals import wilson
from robust_core.plots import charts
from robust_core.plots.charts import Line, in_lines, literal, whiskers
from robust_core.results import IN_255THS

CLASS_COLOUR, RIGHT_COLOUR, MODEL_COLOUR = "#0B73B0", "#059D6F", "#D35D00"
TRACK_COLOUR = "#88888855"
BAR_PX, OPTION_LETTERS = 46, 30
FIXED = {"automargin": True, "fixedrange": True}
MOST_WORDS = 30
ROW_PX, LINE_PX, LINE_LETTERS = 26, 18, 54  # of a row of shares: its mark, each line of its words


@dataclass(frozen=True)
class Share:
    """A row of `shares`: a percentage with the ends of its interval, and the `words` that say it and whose it is; what
    is `published` is a diamond, what the class itself comes to is in its colour.
    """

    words: str
    percent: float
    low: float
    high: float
    published: bool = False
    of_class: bool = False


def answers(counts: Mapping[str, int], right: Sequence[str] = ()) -> dict:
    """A bar for each answer, with its share of the votes and Wilson's 95% interval; what is `right` is green."""
    n = sum(counts.values())
    shares = [wilson(count, n) if n else None for count in counts.values()]
    said = [
        f"{count} of {n}" + (f", {share}" if share else "")
        for count, share in zip(counts.values(), shares, strict=True)
    ]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [in_lines(answer, OPTION_LETTERS) for answer in counts],
        "x": [share.estimate if share else 0 for share in shares],
        "marker": {"color": [RIGHT_COLOUR if answer in right else CLASS_COLOUR for answer in counts]},
        "error_x": whiskers([(one.low, one.estimate, one.high) if one else (0, 0, 0) for one in shares], "#888888"),
        "text": said,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
        "textposition": "none",
    }
    return {
        "data": [bars],
        "layout": _layout("share of the class")
        | {
            "yaxis": {
                "type": "category",
                "autorange": "reversed",
                "automargin": True,
                "fixedrange": True,
                "ticksuffix": " ",
            }
        },
    }


def numbers(votes: Sequence[float], slider: tuple[float, float, float], unit: str, models: Sequence[float]) -> dict:
    """How many of the class bet each number of a `slider` (low, high, step), and a line at each of the models' own."""
    low, high, step = slider
    counted = sorted(Counter(votes).items())
    bars = {
        "type": "bar",
        "x": [value for value, _ in counted],
        "y": [count for _, count in counted],
        "marker": {"color": CLASS_COLOUR},
        "width": 0.8 * step,
        "hovertemplate": f"%{{x}}{unit}: %{{y}}<extra></extra>",
    }
    lines = [
        {
            "type": "line",
            "x0": value,
            "x1": value,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"color": MODEL_COLOUR, "width": 2},
        }
        for value in models
    ]
    margin = 0.03 * (high - low)
    votes_of_most = max((count for _, count in counted), default=1)
    upwards = FIXED | {"dtick": max(1, math.ceil(votes_of_most / 5))}
    axes = {
        "xaxis": {
            "range": [low - margin, high + margin],
            "title": {"text": literal(", ".join(filter(None, ("bet", "k/255" if unit == IN_255THS else unit))))},
            "fixedrange": True,
        },
        "yaxis": upwards | {"title": {"text": "votes"}, "tickformat": "d", "rangemode": "tozero"},
    }
    return {"data": [bars], "layout": _layout("") | axes | {"shapes": lines}}


def shares(rows: Sequence[Share]) -> dict:
    """A mark with its interval on a scale from 0 to 100% for each row, below its words."""
    colours = [CLASS_COLOUR if row.of_class else MODEL_COLOUR for row in rows]
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": [row.percent for row in rows],
        "y": list(range(len(rows))),
        "marker": {"color": colours, "size": 11, "symbol": ["diamond" if row.published else "circle" for row in rows]},
        "error_x": whiskers([(row.low, row.percent, row.high) for row in rows], "#888888", 2),
        "text": [literal(row.words) for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
    }
    above = {"x": 0, "xanchor": "left", "yanchor": "bottom", "yshift": 6, "align": "left", "showarrow": False}
    words = [above | {"y": place, "text": in_lines(row.words, LINE_LETTERS)} for place, row in enumerate(rows)]
    tracks = [
        {"type": "line", "x0": 0, "x1": 100, "y0": place, "y1": place, "line": {"width": 1, "color": TRACK_COLOUR}}
        for place in range(len(rows))
    ]
    across = {"range": [-2, 102], "ticksuffix": "%", "fixedrange": True, "showgrid": False}
    down = {"range": [len(rows) - 0.5, -0.85], "visible": False, "fixedrange": True}
    layout = {"margin": charts.MARGIN | {"r": 16, "b": 24}, "showlegend": False, "xaxis": across, "yaxis": down}
    return {"data": [marks], "layout": layout | {"annotations": words, "shapes": tracks}}


def shares_px(rows: Sequence[Share]) -> int:
    """How high `shares` is, so that the words of each row have room."""
    lines = max((in_lines(row.words, LINE_LETTERS).count("<br>") + 1 for row in rows), default=1)
    return 40 + len(rows) * (ROW_PX + LINE_PX * lines)


def curves(lines: Sequence[Line], measured: str, axis: str, asked: float | None) -> dict:
    """Shares from 0 to 1 of what is `measured` along an `axis`, with their bands; a dotted line stands where the class
    was `asked`.
    """
    figure = charts.accuracy_by_eps(lines, max(line.at[-1] for line in lines), "", 0.0, ())
    layout = figure["layout"]
    layout["xaxis"] |= {"title": {"text": axis}, "fixedrange": True}
    layout["yaxis"] |= {"title": {"text": measured}, "fixedrange": True}
    layout["annotations"] = [one for one in layout["annotations"] if one.get("name") == charts.END_LABEL]
    mark = {"type": "line", "x0": asked, "x1": asked, "yref": "paper", "y0": 0, "y1": 1}
    layout["shapes"] = [] if asked is None else [mark | {"line": {"width": 2, "dash": "dot", "color": "#888888"}}]
    return figure


def places(votes: Sequence[tuple[float, float]], uri: str, aspect: float, right: Sequence[float] | None) -> dict:
    """A dot for each vote on the image at `uri`, `aspect` times as wide as high, and the box that is `right` (left,
    top, right, bottom); all are fractions from the left and from the top.
    """
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    image = {"source": uri, "xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": 1, "sizey": 1, "sizing": "stretch"}
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [across for across, _ in votes],
        "y": [down for _, down in votes],
        "marker": {"color": MODEL_COLOUR, "size": 14, "line": {"color": "#FFFFFF", "width": 2}},
        "hoverinfo": "skip",
    }
    axes = {
        "xaxis": axis | {"range": [0, 1]},
        "yaxis": axis | {"range": [1, 0], "scaleanchor": "x", "scaleratio": 1 / aspect},
    }
    ends = dict(zip(("x0", "y0", "x1", "y1"), right or (), strict=False))
    boxes = [ends | {"type": "rect", "line": {"color": RIGHT_COLOUR, "width": 4}}] if ends else []
    layout = _layout("") | axes | {"images": [image | {"layer": "below"}], "shapes": boxes}
    return {"data": [dots], "layout": layout}


def height_px(counts: Mapping[str, int]) -> int:
    """How high the bars of answers are."""
    return 76 + BAR_PX * len(counts)


def _layout(across: str) -> dict:
    return {
        "margin": {"l": 4, "r": 12, "t": 8, "b": 4},
        "showlegend": False,
        "bargap": 0.35,
        "xaxis": {
            "title": {"text": across},
            "tickformat": ".0%",
            "range": [0, 1],
            "fixedrange": True,
            "automargin": True,
        },
    }
