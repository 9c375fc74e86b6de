"""What attacks leave of models as plain Plotly JSON: bars with intervals, and curves over ε and over passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robust_core.intervals import Interval
from robust_core.plots.charts import LETTER_PX, TEXT_COLOUR, bounded, literal, percent, whiskers

BAR_PX, GAP_PX, AROUND_PX, NUMBER_PX = 17, 14, 78, 64


@dataclass(frozen=True)
class Bars:
    """The bars of one model: what each attack leaves, None where nothing is known; `finished` is False while it is
    under way.
    """

    title: str
    colour: str
    left: Sequence[Interval | None]
    finished: Sequence[bool]


def height_px(models: int, attacks: int) -> int:
    """The height at which bars and their numbers can be read."""
    return AROUND_PX + attacks * (models * BAR_PX + GAP_PX)


def attack_bars(attacks: Sequence[str], models: Sequence[Bars]) -> dict:
    """A group of horizontal bars for each attack, the first at the top, with a bar for each model; those under way are
    faint.
    """
    filled = len(models) * BAR_PX / (len(models) * BAR_PX + GAP_PX)  # of a group's height
    width = filled / max(1, len(models))
    offsets = [place * width - filled / 2 for place in range(len(models))]
    return {
        "data": [_trace(attacks, one, offset, width) for one, offset in zip(models, offsets, strict=True)],
        "layout": {
            "margin": {"l": 8 + LETTER_PX * max(map(len, attacks)), "r": NUMBER_PX, "t": 4, "b": 36},
            "annotations": [
                _number(place + offset + width / 2, left)
                for one, offset in zip(models, offsets, strict=True)
                for place, left in enumerate(one.left)
                if left is not None
            ],
            "hovermode": "closest",
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
            "xaxis": {
                "range": [0, 1],
                "tickformat": ".0%",
                "fixedrange": True,
                "title": {"text": "accuracy left → more is better"},
            },
            "yaxis": {
                "range": [len(attacks) - 0.5, -0.5],
                "tickvals": list(range(len(attacks))),
                "ticktext": [literal(one) for one in attacks],
                "fixedrange": True,
            },
        },
    }


def _number(height: float, left: Interval) -> dict:
    """What is left, beside its bar."""
    text = {"text": percent(left.estimate), "showarrow": False, "font": {"size": 14}}
    return text | {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 4, "y": height, "yanchor": "middle"}


def _trace(attacks: Sequence[str], bars: Bars, offset: float, width: float) -> dict:
    known = [(place, one) for place, one in enumerate(bars.left) if one is not None]
    return {
        "type": "bar",
        "orientation": "h",
        "name": literal(bars.title),
        "x": [one.estimate for _, one in known],
        "y": [place for place, _ in known],
        "offset": offset,
        "width": width,
        "marker": {
            "color": bars.colour,
            "opacity": [1.0 if bars.finished[place] else 0.45 for place, _ in known],
            "cornerradius": 2,
        },
        "error_x": whiskers(bounded(one for _, one in known), TEXT_COLOUR, 2),
        "customdata": [f"{literal(attacks[place])}: {one}" for place, one in known],
        "hovertemplate": "%{customdata}",
    }


def curves(lines: Mapping[str, Sequence[tuple[float, Interval]]], colours: Mapping[str, str], axis: Mapping) -> dict:
    """A line for each title in `lines`, through points (place, accuracy left) in order, on the horizontal `axis`; those
    that end first lie on top, as AutoAttack begins with APGD-CE.
    """
    data = []
    by_end = sorted(lines, key=lambda title: -max((place for place, _ in lines[title]), default=0.0))
    for title, points in lines.items():
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": literal(title),
                "zorder": by_end.index(title),
                "x": [place for place, _ in points],
                "y": [one.estimate for _, one in points],
                "customdata": [f"{literal(title)}: {one}" for _, one in points],
                "hovertemplate": "%{customdata}",
                "line": {"color": colours[title], "width": 3},
                "marker": {"size": 5, "color": colours[title]},
            }
        )
    return {
        "data": data,
        "layout": {
            "margin": {"l": 4, "r": 8, "t": 4, "b": 4},
            "hovermode": "closest",
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "xaxis": dict(axis),
            "yaxis": {"title": {"text": "accuracy left ↑ better"}, "range": [-0.02, 1.02], "tickformat": ".0%"},
        },
    }
