"""What accuracy alone would predict: a line through models in logit axes, and how far a model stands from it (effective
robustness).

Source: Taori et al. 2020 (Measuring robustness to natural distribution shifts in image classification), whose axes are
logits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robust_core.errors import BadInput

FEWEST = 3


@dataclass(frozen=True)
class Trend:
    """The line logit(y) = `slope` · logit(x) + `intercept` through `n` models."""

    slope: float
    intercept: float
    n: int

    def predicted(self, x_percent: ArrayLike) -> np.ndarray:
        """What a model with `x_percent` on the horizontal axis, 0 to 100, would have on the vertical one, in
        percent.
        """
        return _percent(self.slope * _logit(np.asarray(x_percent, float)) + self.intercept)

    def effective_robustness(self, x_percent: ArrayLike, y_percent: ArrayLike) -> np.ndarray:
        """How far `y_percent` lies above the line, in percentage points; negative below."""
        return np.asarray(y_percent, float) - self.predicted(x_percent)


def fit(x_percent: Sequence[float], y_percent: Sequence[float]) -> Trend | None:
    """The least-squares line in logit axes through one point per model, both coordinates in percent.

    Points at 0 or 100 have no logit and are left out; `n` counts the rest. None with fewer than 3 of them, or when all
    have the same x. Raises BadInput when there are not as many x as y, or one is no percentage.
    """
    x, y = np.asarray(x_percent, float), np.asarray(y_percent, float)
    if x.ndim != 1 or x.shape != y.shape:
        raise BadInput(f"Expected one x and one y per model; got {x.shape} and {y.shape}.")
    if not all(((axis >= 0) & (axis <= 100)).all() for axis in (x, y)):
        raise BadInput("Expected percentages from 0 to 100; some are not.")
    inside = (x > 0) & (x < 100) & (y > 0) & (y < 100)
    x, y = _logit(x[inside]), _logit(y[inside])
    if len(x) < FEWEST or np.ptp(x) == 0:
        return None
    slope, intercept = np.polyfit(x, y, 1)
    return Trend(float(slope), float(intercept), len(x))


def _logit(percent: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):  # 0 and 100 are the infinite ends of the axis
        return np.log(percent / 100) - np.log1p(-percent / 100)


def _percent(logit: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 100 / (1 + np.exp(-logit))
