"""How sure a number is that is no plain share: images are drawn anew from those of a benchmark, exemplars of shape and
texture from those of cue conflicts.

Every draw is seeded, so that a number keeps its interval.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

import numpy as np

from robust_core.intervals import Interval, score_bounds

RESAMPLES, SEED = 1_000, 0
OVER_IMAGES = f"bootstrap over images, {RESAMPLES:,} resamples"
OVER_EXEMPLARS = (
    f"Wilson at the effective n of a cluster bootstrap over shape and texture exemplars, {RESAMPLES:,} resamples"
)
DRAWS_AT_ONCE = 2_000_000


def resampled_means(scores: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """The means of `scores` (N,K) over N images that are drawn with replacement, (resamples,K); all columns of a row
    are of the same images (Efron 1979).
    """
    rng, n = np.random.default_rng(seed), len(scores)
    at_once = max(1, DRAWS_AT_ONCE // n)
    parts = []
    for first in range(0, resamples, at_once):
        rows = min(at_once, resamples - first)
        drawn = rng.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        parts.append(np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n) @ scores / n)
    return np.concatenate(parts)


def percentile_bounds(resampled: np.ndarray, n: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """The percentile interval of a statistic's values (resamples,) for resamples of `n` images; None where they are all
    the same, which says nothing about other images.

    The percentiles lie further out than the plain ones, by which the interval of a mean is as wide as Student's
    (Hesterberg 2015, What teachers should know about the bootstrap, section 5.3).
    """
    if n < 2 or np.ptp(resampled) == 0:
        return None
    from scipy.stats import t  # half a second that a page without numbers need not wait for

    outside = NormalDist().cdf(-sqrt(n / (n - 1)) * float(t.ppf((1 + confidence) / 2, n - 1)))
    low, high = np.quantile(resampled, [outside, 1 - outside])
    return float(low), float(high)


def clustered_share(
    hits: np.ndarray, of: np.ndarray, clusterings: Sequence[np.ndarray], method: str, confidence: float = 0.95
) -> Interval | None:
    """The share hits.sum() / of.sum() where stimuli (N,) that have a cluster in common tend to agree; each of
    `clusterings` (N,) numbers the clusters of one kind. None when `of` is all 0.

    The variance is that of a cluster bootstrap over each kind, less that of independent stimuli, which all of them
    contain (Cameron, Gelbach and Miller 2011); the interval is Wilson's at the n whose variance that is, and never
    narrower than at the n itself. Drawing both kinds at once and multiplying (the pigeonhole bootstrap, Owen 2007)
    makes it 1.7 times as wide where hardly two stimuli share both, as here, and covers 99 to 100%.
    """
    n = float(of.sum())
    if not n:
        return None
    share = float(hits.sum()) / n
    within = float(((hits - share * of) ** 2).sum()) / n**2
    between = [_variance_between(hits, of, clusters) for clusters in clusterings]
    variance = max(sum(between) - (len(between) - 1) * within, within, *between)
    effective = min(share * (1 - share) / variance, n) if variance else n
    return Interval(share, *score_bounds(share, effective, confidence), int(n), confidence, method)


def _variance_between(hits: np.ndarray, of: np.ndarray, clusters: np.ndarray) -> float:
    """The variance of the share when whole clusters are drawn with replacement."""
    count = int(clusters.max()) + 1
    weights = _drawn(count)
    resampled_hits, resampled_of = (weights @ np.bincount(clusters, column, count) for column in (hits, of))
    known = resampled_of > 0
    shares = resampled_hits[known] / resampled_of[known]
    return float(shares.var()) * count / (count - 1)


@lru_cache(maxsize=64)
def _drawn(clusters: int) -> np.ndarray:
    """How often each of the clusters is drawn, (RESAMPLES, clusters); a page asks for the same again and again."""
    return np.random.default_rng(SEED).multinomial(clusters, [1 / clusters] * clusters, RESAMPLES).astype(float)
