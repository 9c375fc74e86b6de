"""What accuracy alone would predict: a line through models in logit axes, and how far a model stands from it (effective
robustness).

Source: Taori et al. 2020 (Measuring robustness to natural distribution shifts in image classification), whose axes are
logits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from robust_core.errors import BadInput

FEWEST = 3


@dataclass(frozen=True)
class Trend:
    """The line logit(y) = `slope` · logit(x) + `intercept` through `n` models; `r_squared` is the share of the variance
    of logit(y) that it explains, `rmse_points` the root mean square of y less the line, in percentage points.
    """

    slope: float
    intercept: float
    n: int
    r_squared: float = 1.0
    rmse_points: float = 0.0

    def predicted(self, x_percent: ArrayLike) -> np.ndarray:
        """What a model with `x_percent` on the horizontal axis, 0 to 100, would have on the vertical one, in
        percent; NaN outside.
        """
        return _percent(self.slope * logit(x_percent) + self.intercept)

    def effective_robustness(
        self, x_percent: ArrayLike, y_percent: ArrayLike, *, higher_is_better: bool = True
    ) -> np.ndarray:
        """By how many percentage points `y_percent` is better than the line predicts, negative where it is worse: above
        the line where `higher_is_better`, else below it.
        """
        above = np.asarray(y_percent, float) - self.predicted(x_percent)
        return above if higher_is_better else -above


def fit(x_percent: Sequence[float], y_percent: Sequence[float]) -> Trend | None:
    """The least-squares line in logit axes through one point per model, both coordinates in percent.

    Points at 0, at 100 or beyond, as an mCE may be, have no logit and are left out; `n` counts the rest. None with
    fewer than 3 of them, or when all have the same x. Raises BadInput when there are not as many x as y, or one is not
    finite.
    """
    x, y = np.asarray(x_percent, float), np.asarray(y_percent, float)
    if x.ndim != 1 or x.shape != y.shape:
        raise BadInput(f"Expected one x and one y per model; got {x.shape} and {y.shape}.")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadInput("Expected percentages; some are not finite.")
    inside = has_logit(x) & has_logit(y)
    x, y = x[inside], y[inside]
    if len(x) < FEWEST or np.ptp(x) == 0:
        return None
    slope, intercept = np.polyfit(logit(x), logit(y), 1)
    residuals = logit(y) - slope * logit(x) - intercept
    spread = float(((logit(y) - logit(y).mean()) ** 2).sum())
    explained = 1 - float((residuals**2).sum()) / spread if spread else 1.0
    line = Trend(float(slope), float(intercept), len(x), explained)
    return replace(line, rmse_points=float(np.sqrt(((y - line.predicted(x)) ** 2).mean())))


def has_logit(percent: ArrayLike) -> np.ndarray:
    """Which of the percentages lie between 0 and 100, the ends excluded."""
    percent = np.asarray(percent, float)
    return (percent > 0) & (percent < 100)


def logit(percent: ArrayLike) -> np.ndarray:
    """The logit of percentages; infinite at 0 and 100, NaN outside."""
    share = np.asarray(percent, float) / 100
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(share) - np.log1p(-share)


def _percent(logits: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 100 / (1 + np.exp(-logits))
