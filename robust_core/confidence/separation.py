"""How well a score tells known images from unknown ones: AUROC, the false positive rate at 95% true positives, AUPR.

A score is higher for what a model takes for known. Nothing here needs PyTorch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from robust_core.errors import BadInput
from robust_core.intervals import WILSON, Interval, wilson

DELONG = "DeLong"
TRUE_POSITIVE_RATE = 0.95


@dataclass(frozen=True)
class Score:
    """One way to score logits (N, K): `of` gives (N,), higher for what a model takes for known."""

    key: str
    title: str
    of: Callable[[np.ndarray], np.ndarray]
    source: str


def _logsumexp(logits: np.ndarray) -> np.ndarray:
    largest = logits.max(1)
    return largest + np.log(np.exp(logits - largest[:, None]).sum(1))


SCORES = (
    Score(
        "max_softmax",
        "Largest softmax probability",
        lambda logits: np.exp(logits.max(1) - _logsumexp(logits)),
        "Hendrycks and Gimpel 2017",
    ),
    Score("max_logit", "Largest logit", lambda logits: logits.max(1), "Hendrycks et al. 2022"),
    Score("energy", "Negative energy, T = 1", _logsumexp, "Liu et al. 2020"),
)


@dataclass(frozen=True)
class Separation:
    """`known` (M,) and `unknown` (N,) scores, finite, M and N at least 1; raises BadInput for others."""

    known: np.ndarray
    unknown: np.ndarray

    def __post_init__(self) -> None:
        for scores in (self.known, self.unknown):
            if scores.ndim != 1 or not len(scores) or not np.isfinite(scores).all():
                raise BadInput("Expected one finite score for each of at least one known and one unknown image.")

    @property
    def auroc(self) -> Interval:
        """The probability that a known image scores higher than an unknown one, a tie counting one half, with
        DeLong's 95% interval on the scale of the logit (DeLong et al. 1988).

        Where all images are told apart, all the wrong way round, or none at all, that interval has no width; then the
        bounds are Wilson's for as many images as the smaller set has.
        """
        m, n = len(self.known), len(self.unknown)
        below = self._ranks[:m] - _ranks(self.known)  # how many unknown images each known one beats
        above = self._ranks[m:] - _ranks(self.unknown)
        area = float(below.sum() / (m * n))
        variance = _variance_of_mean(below / n) + _variance_of_mean(above / m)
        if area in (0, 1) or not variance:
            bound = wilson(round(area * min(m, n)), min(m, n))
            return Interval(area, bound.low, bound.high, m + n, 0.95, WILSON)  # type: ignore[union-attr]  # n is at least 1
        reach = NormalDist().inv_cdf(0.975) * math.sqrt(variance) / (area * (1 - area))
        low, high = (1 / (1 + math.exp(-(math.log(area / (1 - area)) + shift))) for shift in (-reach, reach))
        return Interval(area, low, high, m + n, 0.95, DELONG)

    @property
    def _ranks(self) -> np.ndarray:
        return _ranks(np.concatenate([self.known, self.unknown]))

    @property
    def threshold(self) -> float:
        """The largest score that at least 95% of the known images reach."""
        kept = math.ceil(TRUE_POSITIVE_RATE * len(self.known))
        return float(np.sort(self.known)[len(self.known) - kept])

    @property
    def fpr95(self) -> Interval:
        """The share of unknown images that reach `threshold`, with Wilson's interval, which takes the threshold as
        given.
        """
        found = wilson(int((self.unknown >= self.threshold).sum()), len(self.unknown))
        assert found is not None
        return found

    @property
    def aupr(self) -> float:
        """The area under precision over recall for known images, summed over steps as average precision is; it
        depends on how many unknown images there are.
        """
        scores = np.concatenate([self.known, self.unknown])
        is_known = np.arange(len(scores)) < len(self.known)
        order = np.argsort(-scores, kind="stable")
        hits, last_of_tie = np.cumsum(is_known[order]), np.append(np.diff(scores[order]) != 0, True)
        hits, accepted = hits[last_of_tie], np.flatnonzero(last_of_tie) + 1
        return float((np.diff(hits, prepend=0) * hits / accepted).sum() / len(self.known))


def _ranks(values: np.ndarray) -> np.ndarray:
    """From 1 on; equal values share the mean of their ranks."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def _variance_of_mean(values: np.ndarray) -> float:
    """The variance of the mean of `values`; of a single one, the most that a share can have."""
    return float(values.var(ddof=1) / len(values)) if len(values) > 1 else 0.25
