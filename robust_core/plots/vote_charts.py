"""What a class has bet, as plain Plotly JSON: bars of answers, or where numbers lie, with models beside."""

from collections import Counter
from collections.abc import Mapping, Sequence

from robust_core.intervals import wilson
from robust_core.plots.charts import literal

CLASS_COLOUR, RIGHT_COLOUR, MODEL_COLOUR = "#0B73B0", "#059D6F", "#D35D00"
BAR_PX = 46
MOST_WORDS, MOST_NAMED = 30, 3


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
        "y": [literal(answer) for answer in counts],
        "x": [share.estimate if share else 0 for share in shares],
        "marker": {"color": [RIGHT_COLOUR if answer in right else CLASS_COLOUR for answer in counts]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [share.high - share.estimate if share else 0 for share in shares],
            "arrayminus": [share.estimate - share.low if share else 0 for share in shares],
            "color": "#888888",
            "width": 0,
        },
        "text": said,
        "hovertemplate": "%{y}: %{text}<extra></extra>",
        "textposition": "none",
    }
    return {
        "data": [bars],
        "layout": _layout("share of the class")
        | {"yaxis": {"autorange": "reversed", "automargin": True, "fixedrange": True}},
    }


def numbers(votes: Sequence[float], low: float, high: float, unit: str, models: Mapping[str, float]) -> dict:
    """How many of the class bet each number, and a line for each model at its own."""
    counted = sorted(Counter(votes).items())
    bars = {
        "type": "bar",
        "x": [value for value, _ in counted],
        "y": [count for _, count in counted],
        "marker": {"color": CLASS_COLOUR},
        "width": (high - low) / 60,
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
        for value in models.values()
    ]
    names = [
        {
            "x": value,
            "y": 1 - 0.12 * number,
            "yref": "paper",
            "text": literal(name),
            "showarrow": False,
            "xanchor": "left",
            "xshift": 4,
        }
        for number, (name, value) in enumerate(models.items())
        if len(models) <= MOST_NAMED
    ]
    margin = 0.03 * (high - low)
    upwards = {"fixedrange": True, "automargin": True}
    axes = {
        "xaxis": {"range": [low - margin, high + margin], "title": {"text": literal(unit)}, "fixedrange": True},
        "yaxis": upwards | {"title": {"text": "votes"}, "tickformat": "d", "rangemode": "tozero"},
    }
    return {"data": [bars], "layout": _layout("") | axes | {"shapes": lines, "annotations": names}}


def places(votes: Sequence[tuple[float, float]], uri: str, aspect: float) -> dict:
    """A dot for each vote on the image at `uri`, `aspect` times as wide as high; votes are fractions from the left and
    from the top.
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
    return {"data": [dots], "layout": _layout("") | axes | {"images": [image | {"layer": "below"}]}}


def height_px(counts: Mapping[str, int]) -> int:
    """How high the bars of answers are."""
    return 60 + BAR_PX * len(counts)


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
