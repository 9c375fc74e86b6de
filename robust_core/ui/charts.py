"""Figures as plain Plotly JSON, made from values; nothing here knows Streamlit, and colours of text and grid come from the page's theme."""

from collections.abc import Sequence

MARGIN = {"l": 4, "r": 4, "t": 4, "b": 4}
LONGEST_NAME = 31  # characters that stand beside a percentage on a phone


def top_answers(names: Sequence[str], probabilities: Sequence[float], true_name: str | None, colour: str, *, stale: bool = False) -> dict:
    """Horizontal bars of the best classes, best on top; the true class wears a tick; a `stale` answer is faint all over."""
    opacity = 0.25 if stale else 1.0
    texts = [
        text
        for row, (name, probability) in enumerate(zip(names, probabilities, strict=True))
        for text in _row_text(row, f"{'✓ ' if name == true_name else ''}{_shortened(name)}", probability, 0.5 if stale else 1.0)
    ]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [float(p) for p in probabilities],
                "y": list(range(len(names))),
                "marker": {"color": colour, "opacity": [opacity] + [0.55 * opacity] * (len(names) - 1), "cornerradius": 3},
                "width": 0.34,
                "offset": 0.02,
                "customdata": list(names),
                "hovertemplate": "%{customdata}: %{x:.2%}<extra></extra>",
                "cliponaxis": False,
            }
        ],
        "layout": {
            "margin": MARGIN,
            "showlegend": False,
            "xaxis": {"range": [0, 1.0], "visible": False, "fixedrange": True},
            "yaxis": {"range": [len(names) - 0.5, -0.6], "visible": False, "fixedrange": True},
            "annotations": texts,
        },
    }


def fingerprint(rows: Sequence[str], values: Sequence[Sequence[float]]) -> dict:
    """A heat map of probabilities, one row per corruption from the top, one column per severity 1 to 5, all on the scale 0 to 1."""
    return {
        "data": [
            {
                "type": "heatmap",
                "x": [str(severity) for severity in range(1, 6)],
                "y": list(rows),
                "z": [list(map(float, row)) for row in values],
                "zmin": 0,
                "zmax": 1,
                "colorscale": "Viridis",
                "texttemplate": "%{z:.2f}",
                "textfont": {"size": 11},
                "hovertemplate": "%{y}, severity %{x}: %{z:.3f}<extra></extra>",
                "colorbar": {"title": {"text": "probability", "side": "right"}, "thickness": 10, "len": 0.8},
                "xgap": 1,
                "ygap": 1,
            }
        ],
        "layout": {
            "margin": {"l": 4, "r": 4, "t": 4, "b": 36},
            "xaxis": {"title": {"text": "severity"}, "fixedrange": True, "type": "category"},
            "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True},
        },
    }


def _row_text(row: int, label: str, probability: float, opacity: float) -> list[dict]:
    words = {"y": row, "yref": "y", "xref": "paper", "showarrow": False, "yanchor": "bottom", "font": {"size": 13}, "opacity": opacity}
    return [
        {**words, "x": 0, "xanchor": "left", "text": label},
        {**words, "x": 1, "xanchor": "right", "text": percent(probability)},
    ]


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def percent(fraction: float) -> str:
    """A probability for people: 93.1 %, and below 0.1 % just that."""
    return "<\N{NO-BREAK SPACE}0.1\N{NO-BREAK SPACE}%" if 0 < fraction < 0.001 else f"{100 * fraction:.1f}\N{NO-BREAK SPACE}%"
