"""Figures of the Shape or texture page as plain Plotly JSON, made from values; nothing here knows Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.votes import Cue, CueVotes
from robust_core.intervals import Interval
from robust_core.plots.charts import MARGIN, bounded, literal, percent, whiskers

# Two ends of a scale that colour-blind people tell apart (ColorBrewer's PuOr), in tones that stand on light and dark
# ground.
CUE_COLOURS = {Cue.SHAPE: "#7B5FC0", Cue.TEXTURE: "#CC7510", Cue.OTHER: "#858F9E"}
ROW_PX = 46
BARS = 4
BARS_PX = 22 * BARS + 32
BAR_ROOM = 1.3  # of the scale, for the number behind the longest bar
_CUE_ORDER = {Cue.SHAPE: 0, Cue.TEXTURE: 1, Cue.OTHER: 2}


@dataclass(frozen=True)
class Mark:
    """One shape bias on the axis from texture (0) to shape (1), with its interval where one is known; `words` say all
    about it.
    """

    value: float
    interval: Interval | None
    colour: str
    words: str


@dataclass(frozen=True)
class Row:
    """A line of the axis: its title, a few words at the right, and its marks; `published` marks are open, live ones
    full.
    """

    title: str
    aside: str
    marks: Sequence[Mark]
    published: bool


def category_bars(scores: Sequence[float], shape: str | None, texture: str | None, end: float = 1.0) -> dict:
    """The scores of the categories of both cues and of the best others, BARS in all, as bars from 0 to `end`; the
    cues' bars are coloured and named, the rest is grey.
    """
    best = sorted(range(len(NAMES)), key=lambda place: -scores[place])
    cues = {NAMES[place]: _cue_of(NAMES[place], shape, texture) for place in best}
    shown = sorted(best, key=lambda place: _CUE_ORDER[cues[NAMES[place]]])[:BARS]
    both = shape == texture
    names = [NAMES[place] for place in shown]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [float(scores[place]) for place in shown],
                "y": [
                    name if cues[name] is Cue.OTHER else f"<b>{name} ({'both' if both else cues[name]})</b>"
                    for name in names
                ],
                "text": [percent(float(scores[place])) for place in shown],
                "textposition": "outside",
                "textfont": {"size": 14},
                "cliponaxis": False,
                "marker": {"color": [CUE_COLOURS[cues[name]] for name in names], "cornerradius": 3},
                "hovertemplate": "%{y}: %{x:.3%}<extra></extra>",
            }
        ],
        "layout": {
            "margin": MARGIN | {"b": 24},
            "showlegend": False,
            "bargap": 0.3,
            "xaxis": {
                "range": [0, BAR_ROOM * end],
                "tickvals": [0, end],
                "ticktext": ["0", f"{100 * end:g}%"],
                "fixedrange": True,
            },
            "yaxis": {
                "autorange": "reversed",
                "fixedrange": True,
                "automargin": True,
                "showgrid": False,
                "tickfont": {"size": 14},
            },
        },
    }


def cue_axis(rows: Sequence[Row]) -> dict:
    """The axis from texture to shape, a line for each of `rows` from the top, with its title and its words above the
    line.
    """
    traces = [trace for number, row in enumerate(rows) for trace in (*_whiskers(row, number), _marks(row, number))]
    line = {"type": "line", "x0": 0, "x1": 1, "line": {"width": 1, "color": "rgba(128,128,128,.35)"}}
    return {
        "data": traces,
        "layout": {
            "margin": {"l": 10, "r": 10, "t": 4, "b": 24},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": {
                "range": [-0.02, 1.02],
                "tickvals": [0.25, 0.5, 0.75],
                "ticktext": ["25%", "half", "75%"],
                "zeroline": False,  # it would cross the words that begin there
                "fixedrange": True,
            },
            "yaxis": {"range": [len(rows) - 0.6, -0.75], "visible": False, "fixedrange": True},
            "shapes": [{**line, "y0": number, "y1": number} for number in range(len(rows))],
            "annotations": [
                *_END_WORDS,
                *(text for number, row in enumerate(rows) for text in _row_words(row, number)),
            ],
        },
    }


_END = {"xref": "paper", "yref": "paper", "y": 0, "yanchor": "top", "showarrow": False}
_END_WORDS = [
    {**_END, "x": 0, "xanchor": "left", "text": "← texture"},
    {**_END, "x": 1, "xanchor": "right", "text": "shape →"},
]


def by_category(lines: Mapping[str, tuple[str, Sequence[CueVotes]]], people: Mapping[str, Interval]) -> dict:
    """Shape bias per category, from the top in the alphabet's order: a dot for each model's (colour, votes), a diamond
    for people.
    """
    traces = [
        _category_dots(title, colour, votes, place, len(lines))
        for place, (title, (colour, votes)) in enumerate(lines.items())
    ]
    if people:
        diamonds = {
            "type": "scatter",
            "mode": "markers",
            "name": "10 people (PUBLISHED)",
            "x": [people[name].estimate for name in NAMES],
            "error_x": whiskers(bounded(people[name] for name in NAMES), f"{CUE_COLOURS[Cue.OTHER]}66"),
            "y": list(range(len(NAMES))),
            "marker": {"symbol": "diamond-open", "size": 9, "color": CUE_COLOURS[Cue.OTHER], "line": {"width": 2}},
            "customdata": [f"{name}: {people[name]}" for name in NAMES],
            "hovertemplate": "%{customdata}",
        }
        traces.append(diamonds)
    return {
        "data": traces,
        "layout": {
            "margin": MARGIN,
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
            "hovermode": "closest",
            "xaxis": {
                "range": [-0.03, 1.03],
                "tickformat": ".0%",
                "title": {"text": "shape bias"},
                "fixedrange": True,
                "automargin": True,
            },
            "yaxis": {
                "tickvals": list(range(len(NAMES))),
                "ticktext": list(NAMES),
                "range": [len(NAMES) - 0.5, -0.5],
                "fixedrange": True,
                "automargin": True,
            },
        },
    }


def decision_matrix(cells: Mapping[tuple[str, str], CueVotes]) -> dict:
    """A heat map, shapes down and textures across, from all texture (-1) to all shape (1)."""
    votes = [[cells.get((shape, texture)) for texture in NAMES] for shape in NAMES]
    axis = {"fixedrange": True, "automargin": True, "showgrid": False, "dtick": 1}  # every category is named
    trace = {
        "type": "heatmap",
        "x": list(NAMES),
        "y": list(NAMES),
        "z": [[None if cell is None else (cell.shape - cell.texture) / cell.n for cell in row] for row in votes],
        "text": [[_of_cell(shape, texture, cells) for texture in NAMES] for shape in NAMES],
        "zmin": -1,
        "zmax": 1,
        "colorscale": [[0, CUE_COLOURS[Cue.TEXTURE]], [0.5, "rgba(128,128,128,.18)"], [1, CUE_COLOURS[Cue.SHAPE]]],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
    }
    layout = {
        "margin": MARGIN,
        "xaxis": {"title": {"text": "texture"}, "tickangle": -90} | axis,
        "yaxis": {"title": {"text": "shape"}, "autorange": "reversed"} | axis,
    }
    return {"data": [trace], "layout": layout}


def _of_cell(shape: str, texture: str, cells: Mapping[tuple[str, str], CueVotes]) -> str:
    """What is said of the stimuli of one shape and one texture; nothing where there are none."""
    votes = cells.get((shape, texture))
    if votes is None:
        return ""
    decided = f"{votes.shape} by shape, {votes.texture} by texture, {votes.n - votes.decided} by neither"
    return f"shape {shape}, texture {texture}<br>{decided}"


def _cue_of(name: str, shape: str | None, texture: str | None) -> Cue:
    if name == shape:
        return Cue.SHAPE
    return Cue.TEXTURE if name == texture else Cue.OTHER


def _whiskers(row: Row, number: int) -> list[dict]:
    """The intervals of the row's marks as thin lines."""
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [mark.interval.low, mark.interval.high],
            "y": [number, number],
            "line": {"color": mark.colour, "width": 2 if row.published else 5},
            "opacity": 0.55,
            "hoverinfo": "skip",
        }
        for mark in row.marks
        if mark.interval
    ]


def _marks(row: Row, number: int) -> dict:
    symbol = (
        {"symbol": "diamond-open", "size": 10, "line": {"width": 2}}
        if row.published
        else {"symbol": "circle", "size": 15}
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.value for mark in row.marks],
        "y": [number] * len(row.marks),
        "marker": {**symbol, "color": [mark.colour for mark in row.marks]},
        "text": [mark.words for mark in row.marks],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _row_words(row: Row, number: int) -> list[dict]:
    words = {"y": number - 0.2, "xref": "paper", "showarrow": False, "yanchor": "bottom", "font": {"size": 14}}
    return [
        {**words, "x": 0, "xanchor": "left", "text": literal(row.title)},
        {**words, "x": 1, "xanchor": "right", "text": row.aside, "opacity": 0.75},
    ]


def _category_dots(title: str, colour: str, votes: Sequence[CueVotes], place: int, models: int) -> dict:
    """One model's dots, a little above or below those of the others, with whiskers; a category without decisions has
    none.
    """
    intervals = [one.shape_bias_interval for one in votes]
    shown = [(number, interval) for number, interval in enumerate(intervals) if interval]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": literal(title),
        "x": [interval.estimate for _, interval in shown],
        "y": [number + 0.5 * ((place + 0.5) / models - 0.5) for number, _ in shown],
        "marker": {"size": 9, "color": colour},
        "error_x": whiskers(bounded(interval for _, interval in shown), f"{colour}66"),
        "customdata": [f"{NAMES[number]}: {interval}" for number, interval in shown],
        "hovertemplate": "%{customdata}",
    }
