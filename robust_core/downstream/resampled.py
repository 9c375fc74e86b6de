"""How sure a mean over folds or draws is, though these share images and so are not independent."""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from robust_core.intervals import Interval, wilson

CORRECTED = "corrected resampled t (Nadeau & Bengio 2003)"
OVER_DRAWS = "Student's t over draws of training images"


def over_folds(scores: Sequence[float], repeats: int, n: int) -> Interval:
    """The mean of accuracies from 0 to 1, one for each fold of a repeated cross-validation on `n` images, with the
    corrected resampled t interval (Nadeau & Bengio 2003, Machine Learning 52: 239-281, section 3): the variance of the
    mean is that of the scores times 1/J + test/training images, since training sets overlap.

    Where all folds agree there is no variance to go by: Wilson's interval over the images stands in.
    """
    values, folds = np.asarray(scores, float), len(scores) // repeats
    if np.ptp(values) == 0:
        found = wilson(round(float(values[0]) * n), n)
        assert found is not None  # there are images
        return found
    low, high = _student(values, 1 / len(values) + 1 / (folds - 1))
    return Interval(float(values.mean()), max(low, 0.0), min(high, 1.0), n, 0.95, CORRECTED)


def difference_over_folds(
    scores: Sequence[float], reference: Sequence[float], repeats: int, n: int, confidence: float = 0.95
) -> Interval | None:
    """The mean of `scores` less that of `reference`, paired fold by fold, with the same correction (the corrected
    repeated k-fold test of Bouckaert & Frank 2004); None where all folds differ by the same, which says nothing about
    other images.
    """
    values, folds = np.asarray(scores, float) - np.asarray(reference, float), len(scores) // repeats
    if np.ptp(values) == 0:
        return None
    low, high = _student(values, 1 / len(values) + 1 / (folds - 1), confidence)
    return Interval(float(values.mean()), low, high, n, confidence, f"{CORRECTED}, paired by fold")


def over_draws(scores: Sequence[float], n: int) -> Interval:
    """The mean of accuracies, one for each random draw of training images, with Student's interval: what other draws
    from the same images would give. One draw has no interval: its bounds are 0 and 1.
    """
    values = np.asarray(scores, float)
    if len(values) == 1:
        return Interval(float(values[0]), 0.0, 1.0, n, 0.95, OVER_DRAWS)
    low, high = _student(values, 1 / len(values))
    return Interval(float(values.mean()), max(low, 0.0), min(high, 1.0), n, 0.95, OVER_DRAWS)


def _student(values: np.ndarray, factor: float, confidence: float = 0.95) -> tuple[float, float]:
    from scipy.stats import t  # half a second that a page without numbers need not wait for

    reach = float(t.ppf((1 + confidence) / 2, len(values) - 1)) * sqrt(float(values.var(ddof=1)) * factor)
    return float(values.mean()) - reach, float(values.mean()) + reach
