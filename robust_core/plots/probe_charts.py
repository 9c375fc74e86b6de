"""Accuracy of linear probes against the ε of a model's training, as plain Plotly JSON: a line for each series, other
models beside it, and the accuracy of guessing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from robust_core.intervals import Interval
from robust_core.plots.charts import bounded, in_lines, literal, whiskers

CHANCE_COLOUR = "#888888"
BESIDE = 0.4  # of a doubling of ε, left and right of what is shown
NAME_LETTERS = 14  # of a line of a model's name below its dot
Y_TITLE = "accuracy of a linear probe ↑ higher is better"


@dataclass(frozen=True)
class EpsLine:
    """The models of one series: the `eps` that each was trained at, its accuracy, and `words` about it."""

    title: str
    colour: str
    eps: Sequence[float]
    accuracies: Sequence[Interval]
    words: Sequence[str]


@dataclass(frozen=True)
class OtherModel:
    """A model that belongs to no series, with its accuracy on the images of one line, in the `colour` of that."""

    title: str
    colour: str
    accuracy: Interval
    words: str


def over_eps(lines: Sequence[EpsLine], chance: float, unit: str = "/255", others: Sequence[OtherModel] = ()) -> dict:
    """The lines over ε on a logarithmic axis that begins with 0, one doubling before the smallest ε above it; right of
    them the `others`, a dot for each.
    """
    every = sorted({eps for line in lines for eps in line.eps})
    smallest = next((eps for eps in every if eps), 1.0)
    places = {eps: log2(eps / smallest) + 1 if eps else 0.0 for eps in every}
    names = list(dict.fromkeys(one.title for one in others))
    last = max(places.values(), default=0.0)
    beside = {name: last + 1.0 + number for number, name in enumerate(names)}
    ends = [min(places.values(), default=0.0) - BESIDE, last + len(names) + BESIDE]
    return {
        "data": [
            _chance(ends, chance),
            *(_line(line, places) for line in lines),
            *(_dot(one, beside[one.title]) for one in others),
        ],
        "layout": {
            "margin": {"l": 4, "r": 8, "t": 8, "b": 4},
            "hovermode": "closest",
            "showlegend": True,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 14}},
            "xaxis": {
                "title": {"text": f"ε of the attacks in training (0: none){'; other models' if others else ''}"},
                "tickvals": [*places.values(), *beside.values()],
                "ticktext": [
                    *(f"{eps:g}{unit if eps else ''}" for eps in places),
                    *(in_lines(name, NAME_LETTERS) for name in names),
                ],
                "range": ends,
                "fixedrange": True,
                "automargin": True,
            },
            "yaxis": {"title": {"text": Y_TITLE}, "tickformat": ".0%", "fixedrange": True, "automargin": True},
        },
    }


def _line(line: EpsLine, places: dict[float, float]) -> dict:
    values = [one.estimate for one in line.accuracies]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": literal(line.title),
        "x": [places[eps] for eps in line.eps],
        "y": values,
        "line": {"color": line.colour, "width": 2},
        "marker": {"color": line.colour, "size": 9},
        "error_y": whiskers(bounded(line.accuracies), f"{line.colour}99"),
        "text": [literal(words) for words in line.words],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _dot(one: OtherModel, place: float) -> dict:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": literal(one.title),
        "showlegend": False,
        "x": [place],
        "y": [one.accuracy.estimate],
        "marker": {"color": one.colour, "size": 11, "symbol": "diamond"},
        "error_y": whiskers(bounded([one.accuracy]), f"{one.colour}99"),
        "text": [literal(one.words)],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _chance(ends: Sequence[float], chance: float) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"chance ({chance:.0%})",
        "x": list(ends),
        "y": [chance, chance],
        "line": {"color": CHANCE_COLOUR, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
