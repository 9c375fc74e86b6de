"""Figures as plain Plotly JSON, made from values; nothing here knows Streamlit, and colours of text and grid come from
the page's theme.
"""

import html
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from robust_core.intervals import Interval
from robust_core.plots import heat_maps

MARGIN = {"l": 4, "r": 4, "t": 4, "b": 4}
FEW = 12  # points of a curve that can be large enough for a finger
LONGEST_NAME = 31  # characters that fit on a card among three, and on a phone
LABEL_LETTERS = 24  # in a row of a longer name at the end of a line
BAR_WIDTH, BAR_MIDDLE, PERCENT_PX = (
    0.34,
    0.19,
    52,
)  # of a row's height; the last is the room for "100.0%" behind a whole bar
END_LABEL, BAR_LABEL = "end of a line", "above a bar"  # the names of such annotations
LABEL_PART, LOW_LABEL_PART = 0.07, 0.13  # of the vertical axis, between two of them; in a low chart
TEXT_COLOUR = "currentcolor"  # live_chart.js puts in the theme's
LETTER_PX = 7.4
FOLLOWS_FRAMES = "follows the frames"  # in a figure's layout.meta: its first shape is the marker that a player moves


@dataclass(frozen=True)
class Line:
    """One curve: `heights` at the places `at` on the horizontal axis, and perhaps the (low, high) of its band and
    `words` at each.
    """

    title: str
    colour: str
    at: Sequence[float]
    heights: Sequence[float]
    band: Sequence[tuple[float, float]]
    words: Sequence[str] = ()


def top_predictions(
    names: Sequence[str], probabilities: Sequence[float], true_name: str | None, colour: str, *, stale: bool = False
) -> dict:
    """Horizontal bars of the best classes, best on top; the true class wears a tick; a `stale` prediction is faint all
    over.
    """
    opacity = 0.25 if stale else 1.0
    texts = [
        text
        for row, (name, probability) in enumerate(zip(names, probabilities, strict=True))
        for text in _row_text(
            row, f"{'✓ ' if name == true_name else ''}{_shortened(name)}", probability, 0.5 if stale else 1.0
        )
    ]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [float(p) for p in probabilities],
                "y": list(range(len(names))),
                "marker": {
                    "color": colour,
                    "opacity": [opacity] + [0.55 * opacity] * (len(names) - 1),
                    "cornerradius": 3,
                },
                "width": BAR_WIDTH,
                "offset": BAR_MIDDLE - BAR_WIDTH / 2,
                "customdata": list(names),
                "hovertemplate": "%{customdata}: %{x:.2%}<extra></extra>",
                "cliponaxis": False,
            }
        ],
        "layout": {
            "margin": MARGIN | {"r": PERCENT_PX},
            "showlegend": False,
            "xaxis": {"range": [0, 1.0], "visible": False, "fixedrange": True},
            "yaxis": {"range": [len(names) - 0.5, -0.6], "visible": False, "fixedrange": True},
            "annotations": texts,
        },
    }


def corruption_grid(rows: Sequence[str], values: Sequence[Sequence[float]]) -> dict:
    """A heat map of probabilities, one row per corruption from the top, one column per severity 1 to 5, all on the
    scale 0 to 1.
    """
    return {
        "data": [
            heat_maps.cells(values, 0, 1, ".2f")
            | {
                "x": [str(severity) for severity in range(1, 6)],
                "y": list(rows),
                "hovertemplate": "%{y}, severity %{x}: %{z:.3f}<extra></extra>",
                "colorbar": {"title": {"text": "probability", "side": "right"}, "thickness": 10, "len": 0.8},
            }
        ],
        "layout": {
            "margin": {"l": 4, "r": 4, "t": 4, "b": 36},
            "xaxis": {"title": {"text": "severity"}, "fixedrange": True, "type": "category"},
            "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True},
        },
    }


def accuracy_by_eps(
    lines: Sequence[Line],
    largest_eps: float,
    eps_words: str,
    chance: float,
    published: Sequence[Line],
    apart: float = LABEL_PART,
) -> dict:
    """Accuracy from 0 to 1 against eps from 0 (clean) to `largest_eps`, with bands and the chance line; `eps_words`
    says in which norm and unit.

    The `published` lines lie behind, and the axis reaches as far as they do. Labels at the ends of lines are `apart` by
    that part of the vertical axis.
    """
    drawn = _against(
        _accuracy(lines, published, chance),
        _axis_end(largest_eps, published),
        f"ε, {eps_words} (0 is the clean image)",
    )
    return _with_end_labels(drawn, lines, apart, highest=1.0)


def loss_by_step(lines: Sequence[Line], last_step: int, published: Sequence[Line] = ()) -> dict:
    """The mean loss against attack steps from 0 (clean) to `last_step`, or as far as `published` lines in the chart
    above reach.
    """
    yaxis = {"title": {"text": "cross-entropy ↓ better"}, "rangemode": "tozero"}
    drawn = _by_step(
        {"data": [_solid(line) for line in lines], "layout": {"yaxis": yaxis, "shapes": []}},
        _axis_end(last_step, published),
    )
    return _with_end_labels(drawn, lines, LOW_LABEL_PART * _highest(lines))


def _with_end_labels(figure: dict, lines: Sequence[Line], apart: float, highest: float = math.inf) -> dict:
    """`figure` with the title of each line beside its last point, no two closer than `apart` on the vertical
    axis and none above `highest`; live_chart.js has a legend in their place where the chart is narrow.
    """
    ends = sorted((line for line in lines if math.isfinite(_end(line))), key=_end)
    titles = [_label_lines(line.title) for line in ends]
    gaps = [apart * (len(one) + len(other)) / 2 for one, other in pairwise(titles)]
    heights = [_end(line) for line in ends]
    for place, gap in enumerate(gaps, 1):
        heights[place] = max(heights[place], heights[place - 1] + gap)
    for place, gap in reversed([*enumerate(gaps), (len(gaps), 0.0)] if heights else []):
        highest -= gap
        heights[place] = min(heights[place], highest)
    labels = [_end_label(*one) for one in zip(ends, titles, heights, strict=True)]
    room_px = max((LETTER_PX * len(row) + 30 for rows in titles for row in rows), default=8)
    layout = figure["layout"]
    labelled = {"annotations": [*layout.get("annotations", ()), *labels], "showlegend": False}
    return figure | {"layout": layout | labelled | {"margin": layout["margin"] | {"r": room_px}}}


def _highest(lines: Sequence[Line]) -> float:
    return max((height for line in lines for height in line.heights if math.isfinite(height)), default=1.0)


def _end(line: Line) -> float:
    return line.heights[-1] if len(line.heights) else math.nan


def _label_lines(title: str) -> list[str]:
    """A title beside the end of its line; a long one in several rows, whole."""
    return [title] if len(title) <= LONGEST_NAME else textwrap.wrap(title, LABEL_LETTERS)


def _end_label(line: Line, rows: Sequence[str], height: float) -> dict:
    text = f"<span style='color:{line.colour}'>●</span> " + "<br>\N{NO-BREAK SPACE}\N{NO-BREAK SPACE} ".join(
        map(literal, rows)
    )
    place = {"x": line.at[-1], "y": height, "xanchor": "left", "xshift": 6, "align": "left"}
    return place | {"text": text, "showarrow": False, "name": END_LABEL}


_RULE = {"type": "line", "line": {"width": 1, "dash": "dot", "color": "#888888"}}


def _axis_end(end: float, published: Sequence[Line]) -> float:
    return max([end, *(place for line in published for place in line.at)])


def _accuracy(lines: Sequence[Line], published: Sequence[Line], chance: float) -> dict:
    """The curves on their vertical axis."""
    return {
        "data": [*map(_dashed, published), *(trace for line in lines for trace in (_band(line), _solid(line)))],
        "layout": {
            "yaxis": {"title": {"text": "accuracy ↑ higher is better"}, "range": [-0.02, 1.02], "tickformat": ".0%"},
            "shapes": [{**_RULE, "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": chance}],
            "annotations": [
                {
                    "text": "chance",
                    "xref": "paper",
                    "x": 1,
                    "y": chance,
                    "xanchor": "right",
                    "yanchor": "bottom",
                    "showarrow": False,
                    "opacity": 0.7,
                }
            ],
        },
    }


def _by_step(figure: dict, last_step: float) -> dict:
    """`figure` against attack steps, with the marker that a frame sequence moves."""
    drawn = _against(figure, last_step, "attack steps (0 is the clean image)")
    drawn["layout"] |= {"meta": FOLLOWS_FRAMES}
    drawn["layout"]["xaxis"] |= {"dtick": max(1, last_step // 5)}
    drawn["layout"]["shapes"] = [
        {**_RULE, "visible": False, "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1},
        *figure["layout"]["shapes"],
    ]
    return drawn


def _against(figure: dict, end: float, title: str) -> dict:
    """`figure` on a horizontal axis from 0 to `end`."""
    layout = {
        "margin": {"l": 4, "r": 8, "t": 4, "b": 4},
        "hovermode": "x",
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "xaxis": {"title": {"text": title}, "range": [-0.01 * end, 1.01 * end]},
        **figure["layout"],
    }
    return {"data": figure["data"], "layout": layout}


def _solid(line: Line) -> dict:
    small_px = 4 if len(line.at) > FEW else 7
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": literal(line.title),
        "x": list(line.at),
        "y": list(line.heights),
        "line": {"color": line.colour, "width": 3},
        "marker": {
            "color": line.colour,
            "size": [9] + [small_px] * (len(line.at) - 1),
            "line": {"width": 0},
        },  # the clean image stands out
        "customdata": list(line.words),
        "hovertemplate": "%{customdata}" if line.words else "%{y:.3g}",
    }


def _band(line: Line) -> dict:
    lows, highs = [low for low, _ in line.band], [high for _, high in line.band]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*line.at, *reversed(line.at)],
        "y": [*highs, *reversed(lows)],
        "fill": "toself",
        "fillcolor": f"{line.colour}26",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dashed(line: Line) -> dict:
    return _solid(line) | {
        "line": {"color": line.colour, "width": 1, "dash": "dash"},
        "marker": {"color": line.colour, "size": 4, "symbol": "x"},
        "hovertemplate": "%{y:.1%}",
    }


def _row_text(row: int, label: str, probability: float, opacity: float) -> list[dict]:
    """The name above its bar, and the percentage where the bar ends: there is no width at which they meet."""
    words = {"showarrow": False, "xanchor": "left", "font": {"size": 14}, "opacity": opacity}
    end = probability if math.isfinite(probability) else 0
    return [
        words | {"x": 0, "y": row, "yanchor": "bottom", "text": label, "name": BAR_LABEL},
        words | {"x": end, "y": row + BAR_MIDDLE, "yanchor": "middle", "xshift": 4, "text": percent(probability)},
    ]


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def whiskers(points: Sequence[tuple[float, float, float]], colour: str, width_px: float = 1.5) -> dict[str, object]:
    """Error bars of points, each from its low end to its high one: (low, middle, high)."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - middle for _, middle, high in points],
        "arrayminus": [middle - low for low, middle, _ in points],
        "color": colour,
        "thickness": width_px,
        "width": 0,
    }


def bounded(intervals: Iterable[Interval]) -> list[tuple[float, float, float]]:
    """Intervals as `whiskers` take them."""
    return [(one.low, one.estimate, one.high) for one in intervals]


def literal(text: str) -> str:
    """`text` so that Plotly, which reads some HTML in every word, shows it as it is."""
    return html.escape(text, quote=False)


def in_lines(text: str, most: int) -> str:
    """`text` as `literal`, in lines of `most` characters where its words allow it."""
    return "<br>".join(map(literal, textwrap.wrap(text, most, break_long_words=False)))


def number(value: float, form: str) -> str:
    """`value` in `form`, as `format` takes it; a dash for NaN and infinity, which are no numbers for people."""
    return format(value, form) if math.isfinite(value) else "–"


def as_json(part: object) -> object:
    """`part` of a figure with None, which Plotly leaves out as a gap, in place of every number that is not finite: JSON
    has none of these.
    """
    if isinstance(part, Mapping):
        return {key: as_json(value) for key, value in part.items()}
    if isinstance(part, list | tuple | range):
        return [as_json(value) for value in part]
    return None if isinstance(part, float) and not math.isfinite(part) else part


def percent(fraction: float) -> str:
    """A probability for people: 93.1%, below 0.1% or above 99.9% just that, and a dash where it is no number."""
    if not math.isfinite(fraction):
        return "–"
    if 0 < fraction < 0.001:
        return "<\N{NO-BREAK SPACE}0.1%"
    return ">\N{NO-BREAK SPACE}99.9%" if 0.9995 <= fraction < 1 else f"{100 * fraction:.1f}%"
