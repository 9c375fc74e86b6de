"""Shares against the strength of a filter, as plain Plotly JSON: strengths stand side by side as equal steps, from no
filter to the strongest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from robust_core.intervals import Interval
from robust_core.plots import charts
from robust_core.plots.charts import END_LABEL, Line

PEOPLE_COLOUR = "#858F9E"
BELOW_PX = 24
APART = 0.1  # of the axis of shares, between two ticks


@dataclass(frozen=True)
class Level:
    """A share that is no curve, such as what guessing gives, in `words`; with its interval a band, whose words stand at
    the `right` or the left.
    """

    share: float
    words: str
    interval: Interval | None = None
    right: bool = False


def by_strength(
    lines: Sequence[Line],
    ticks: Sequence[str],
    titles: tuple[str, str],
    chance: Level,
    chosen: int,
    people: Level | None = None,
) -> dict:
    """A curve with its band for each of `lines`, whose `at` are places among the `ticks`; `titles` are those of the
    axis of strengths and of shares. A dotted line stands at the `chosen` place.
    """
    figure = charts.accuracy_by_eps(lines, len(ticks) - 1, "", chance.share, (), charts.LOW_LABEL_PART)
    layout = figure["layout"]
    places = {"tickvals": list(range(len(ticks))), "ticktext": list(ticks), "fixedrange": True, "automargin": True}
    layout["xaxis"] |= places | {"title": {"text": titles[0]}, "range": [-0.15, len(ticks) - 0.85]}
    layout["yaxis"] |= {"title": {"text": titles[1]}, "fixedrange": True, "automargin": True} | _shares(chance)
    layout["margin"] |= {"b": BELOW_PX}  # for the ticks of an axis without a title
    layout["annotations"] = [one for one in layout["annotations"] if one.get("name") == END_LABEL]
    layout["shapes"] = [*layout["shapes"], _marker(chosen), *([_band(people)] if people else [])]
    if people:
        layout["annotations"].append(_label(people))
    return figure


def _shares(chance: Level) -> dict:
    """The ticks of the axis of shares, among them what guessing gives, which stands there in words."""
    rest = [one for one in (0.0, 0.25, 0.5, 0.75, 1.0) if abs(one - chance.share) > APART]
    places = sorted([*rest, chance.share])
    texts = [f"{chance.words} {one:.1%}" if one == chance.share else f"{one:.0%}" for one in places]
    return {"tickvals": places, "ticktext": texts}


def _marker(place: int) -> dict:
    line = {"width": 1, "dash": "dot", "color": PEOPLE_COLOUR}
    return {"type": "line", "x0": place, "x1": place, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _band(level: Level) -> dict:
    low, high = (level.interval.low, level.interval.high) if level.interval else (level.share, level.share)
    fill = {"fillcolor": PEOPLE_COLOUR, "opacity": 0.3, "line": {"width": 1, "color": PEOPLE_COLOUR}}
    return {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": low, "y1": high, "layer": "below"} | fill


def _label(level: Level) -> dict:
    side = {"x": 1, "xanchor": "right"} if level.right else {"x": 0, "xanchor": "left"}
    place = side | {"xref": "paper", "y": level.interval.low if level.interval else level.share, "yanchor": "top"}
    return place | {"text": charts.literal(level.words), "showarrow": False, "opacity": 0.8}
