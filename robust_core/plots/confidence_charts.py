"""Figures about confidence, as plain Plotly JSON: the reliability diagram, and the scores of known and unknown
images.
"""

from collections.abc import Sequence

import numpy as np

from robust_core.confidence.calibration import ReliabilityBin
from robust_core.plots.charts import literal

SCORE_BINS = 24
KNOWN, UNKNOWN = "#0B73B0", "#D35D00"
MARGIN = {"l": 4, "r": 8, "t": 8, "b": 40}


def reliability(bins: Sequence[ReliabilityBin], colour: str, title: str) -> dict:
    """Accuracy with its interval against mean confidence, a point for each bin that has predictions; the diagonal is
    perfect calibration.
    """
    shown = [(one, one.mean_confidence, one.accuracy) for one in bins if one.accuracy is not None]
    accuracies = [accuracy for _, _, accuracy in shown]
    return {
        "data": [
            {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "hoverinfo": "skip", "showlegend": False}
            | {"line": {"dash": "dot", "width": 1, "color": "#8A8578"}},
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": literal(title),
                "x": [confidence for _, confidence, _ in shown],
                "y": [one.estimate for one in accuracies],
                "text": [f"{one.low:.0%} to {one.high:.0%}: n = {one.n}, accuracy {a}" for one, _, a in shown],
                "hovertemplate": "confidence %{text}<extra></extra>",
                "line": {"color": colour, "width": 1},
                "marker": {"color": colour, "size": [6 + min(10, one.n**0.5) for one, _, _ in shown]},
                "error_y": {"type": "data", "symmetric": False, "color": colour, "thickness": 1, "width": 3}
                | {"array": [one.high - one.estimate for one in accuracies]}
                | {"arrayminus": [one.estimate - one.low for one in accuracies]},
            },
        ],
        "layout": {
            "margin": MARGIN,
            "showlegend": False,
            "xaxis": {"title": {"text": "confidence"}, "range": [-0.02, 1.02], "tickformat": ".0%", "fixedrange": True},
            "yaxis": {"title": {"text": "accuracy"}, "range": [-0.02, 1.02], "tickformat": ".0%", "fixedrange": True}
            | {"automargin": True},
        },
    }


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
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            "xaxis": {"title": {"text": literal(title)}, "fixedrange": True},
            "yaxis": {
                "title": {"text": "share of images"},
                "tickformat": ".0%",
                "fixedrange": True,
                "automargin": True,
            },
            "shapes": [
                {"type": "line", "x0": threshold, "x1": threshold, "y0": 0, "y1": 1, "yref": "paper"}
                | {"line": {"dash": "dash", "width": 1, "color": "#8A8578"}}
            ],
        },
    }
