"""Figures about confidence, as plain Plotly JSON: the reliability diagram, and the scores of known and unknown
images.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from robust_core.confidence.calibration import ReliabilityBin
from robust_core.plots.charts import literal

SCORE_BINS = 24
KNOWN, UNKNOWN = "#0B73B0", "#D35D00"
GREY = "#8A8578"
MARGIN = {"l": 4, "r": 8, "t": 8, "b": 40}
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def reliability(series: Mapping[str, Sequence[ReliabilityBin]], colour: str) -> dict:
    """Accuracy with its interval against mean confidence, a point for each bin that has predictions; the first of
    `series`, by title, is filled, the others are hollow. The diagonal is perfect calibration.
    """
    diagonal = {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip", "showlegend": False}
    traces = [_points(bins, title, colour, filled=not place) for place, (title, bins) in enumerate(series.items())]
    return {
        "data": [diagonal | {"line": {"dash": "dot", "width": 1, "color": GREY}}, *traces],
        "layout": {
            "margin": MARGIN,
            "legend": LEGEND,
            "xaxis": _share_axis("confidence"),
            "yaxis": _share_axis("accuracy") | {"automargin": True},
        },
    }


def _points(bins: Sequence[ReliabilityBin], title: str, colour: str, *, filled: bool) -> dict:
    shown = [(one, one.accuracy) for one in bins if one.accuracy is not None]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": literal(title),
        "x": [one.mean_confidence for one, _ in shown],
        "y": [accuracy.estimate for _, accuracy in shown],
        "text": [f"{one.low:.0%} to {one.high:.0%}: accuracy {accuracy}" for one, accuracy in shown],
        "hovertemplate": "confidence %{text}<extra></extra>",
        "line": {"color": colour, "width": 1, "dash": "solid" if filled else "dash"},
        "marker": {"color": colour, "size": 8, "symbol": "circle" if filled else "circle-open"},
        "error_y": {"type": "data", "symmetric": False, "color": colour, "thickness": 1, "width": 3}
        | {"array": [accuracy.high - accuracy.estimate for _, accuracy in shown]}
        | {"arrayminus": [accuracy.estimate - accuracy.low for _, accuracy in shown]},
    }


def _share_axis(title: str) -> dict:
    return {"title": {"text": title}, "range": [-0.02, 1.02], "tickformat": ".0%", "fixedrange": True}


def score_histogram(known: np.ndarray, unknown: np.ndarray, title: str, threshold: float) -> dict:
    """The share of known and of unknown images by score, and the `threshold` that 95% of the known ones reach."""
    edges = np.linspace(min(known.min(), unknown.min()), max(known.max(), unknown.max()), SCORE_BINS + 1)
    if edges[0] == edges[-1]:
        edges = np.linspace(edges[0] - 0.5, edges[0] + 0.5, SCORE_BINS + 1)
    middles, width = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
    return {
        "data": [
            {
                "type": "bar",
                "name": name,
                "x": middles.tolist(),
                "y": (np.histogram(scores, edges)[0] / len(scores)).tolist(),
                "width": width,
                "marker": {"color": colour, "opacity": 0.6},
                "hovertemplate": name + ": %{y:.1%} around %{x:.3g}<extra></extra>",
            }
            for name, scores, colour in (("known", known, KNOWN), ("unknown", unknown, UNKNOWN))
        ],
        "layout": {
            "margin": MARGIN,
            "barmode": "overlay",
            "legend": LEGEND,
            "xaxis": {"title": {"text": literal(title)}, "fixedrange": True},
            "yaxis": {
                "title": {"text": "share of images"},
                "tickformat": ".0%",
                "fixedrange": True,
                "automargin": True,
            },
            "shapes": [
                {"type": "line", "x0": threshold, "x1": threshold, "y0": 0, "y1": 1, "yref": "paper"}
                | {"line": {"dash": "dash", "width": 1, "color": GREY}}
            ],
        },
    }
