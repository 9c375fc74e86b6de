"""Charts of concepts as plain Plotly JSON: how much each counts, and what is left of the class without them."""

from collections.abc import Sequence

from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point

Bounds = tuple[float, float | None, float | None]  # a number and its 95% interval, where one is known
BEHIND = ("#8A8578", "#B57910")  # of the orders that the first is compared with


def importances(values: Sequence[Bounds], colour: str) -> dict:
    """A bar for each concept, the most important first."""
    points = [
        Point(str(number), value, low, high, _said(f"Concept {number}", (value, low, high), ".2f"))
        for number, (value, low, high) in enumerate(values, start=1)
    ]
    figure = board_charts.bars([Group("importance", colour, points, hollow=False)], "importance (total Sobol index)")
    figure["layout"]["xaxis"] |= {"title": {"text": "concept"}, "tickangle": 0}
    figure["layout"]["yaxis"] |= {"rangemode": "tozero"}
    return figure | {"layout": figure["layout"] | {"showlegend": False}}


def deletions(curves: Sequence[tuple[str, Sequence[Bounds]]], colour: str) -> dict:
    """A line for each order by its title, in percent over the number of concepts that are gone; the first has the
    colour.
    """
    groups = [
        Group(title, shade, [_point(title, *one) for one in enumerate(values)], hollow=False)
        for (title, values), shade in zip(curves, (colour, *BEHIND), strict=True)
    ]
    figure = board_charts.curves(groups, "concepts taken away", "images that keep their prediction")
    figure["layout"]["yaxis"] |= {"range": [-3, 103], "ticksuffix": "%"}
    figure["layout"]["xaxis"] |= {"dtick": 1}
    return figure


def _point(title: str, gone: int, values: Bounds) -> Point:
    return Point(gone, *values, _said(f"{title}, {gone} gone", values, ".1f", "%"))


def _said(title: str, values: Bounds, form: str, unit: str = "") -> str:
    value, low, high = values
    bounds = "" if low is None or high is None else f" [{low:{form}}{unit}, {high:{form}}{unit}]"
    return f"{title}: {value:{form}}{unit}{bounds}"
