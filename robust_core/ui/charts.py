"""Figures as plain Plotly JSON, made from values; nothing here knows Streamlit, and colours of text and grid come from the page's theme."""

from collections.abc import Sequence

MARGIN = {"l": 4, "r": 4, "t": 4, "b": 4}
LONGEST_NAME = 31  # characters that stand beside a percentage on a phone


def top_answers(names: Sequence[str], probabilities: Sequence[float], true_name: str | None, colour: str) -> dict:
    """Horizontal bars of the best classes, best on top; the true class, where it is among them, wears a tick."""
    labels = [f"{'✓ ' if name == true_name else ''}{_shortened(name)}" for name in names]
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [float(p) for p in probabilities],
                "y": list(range(len(names))),
                "marker": {"color": colour, "opacity": [1.0] + [0.55] * (len(names) - 1), "cornerradius": 3},
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
            "annotations": [note for row, (label, p) in enumerate(zip(labels, probabilities, strict=True)) for note in _row_text(row, label, p)],
        },
    }


def _row_text(row: int, label: str, probability: float) -> list[dict]:
    words = {"y": row, "yref": "y", "xref": "paper", "showarrow": False, "yanchor": "bottom", "font": {"size": 13}}
    return [
        {**words, "x": 0, "xanchor": "left", "text": label},
        {**words, "x": 1, "xanchor": "right", "text": percent(probability)},
    ]


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def percent(fraction: float) -> str:
    """A probability for people: 93.1 %, and below 0.1 % just that."""
    return "< 0.1 %" if 0 < fraction < 0.001 else f"{100 * fraction:.1f} %"
