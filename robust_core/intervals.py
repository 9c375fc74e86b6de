"""How sure a share or a difference of shares is, in closed form: Wilson's interval, and Newcombe's for two models on
the same images, with the test that these are equal; a median's interval, and the band of a whole distribution.

What takes resampling is in `resampling.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, inf, isclose, isfinite, log, nan, sqrt
from statistics import NormalDist

WILSON = "Wilson"
NEWCOMBE = "Newcombe, paired"
ORDER_STATISTICS = "order statistics"
AS_COUNTED = 20  # a share of fewer is written as what was counted, "3 of 7"


@dataclass(frozen=True)
class Interval:
    """A share from 0 to 1 of `n`, or a difference of two from -1 to 1, with its `low` and `high` bound at `confidence`
    by a `method`, in words.
    """

    estimate: float
    low: float
    high: float
    n: int
    confidence: float
    method: str = WILSON

    def __str__(self) -> str:
        return f"{share_in_words(self.estimate, self.n)} [{self.low:.1%}, {self.high:.1%}]" + (
            "" if self.n < AS_COUNTED else f", n = {self.n}"
        )


def share_in_words(share: float, n: int, decimals: int = 1) -> str:
    """A share from 0 to 1 of `n`: "3 of 7" below 20, where it is a whole count, else "42.9%"."""
    count = share * n
    if 0 < n < AS_COUNTED and isfinite(count) and isclose(count, round(count), abs_tol=1e-4):
        return f"{round(count)} of {n}"
    return f"{share:.{decimals}%}"


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Wilson's score interval (Wilson 1927) for `successes` out of `n`; None when n is 0, since nothing was measured.

    Raises ValueError when `successes` is not between 0 and `n`.
    """
    if n == 0:
        return None
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n}")
    return Interval(successes / n, *score_bounds(successes / n, n, confidence), int(n), confidence)


def score_bounds(share: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """The bounds of Wilson's interval around a `share` of `n`, which need not be whole: the effective n of a sample in
    clusters.
    """
    # Not scipy.stats.binomtest, whose import takes half a second and a call 0.2 ms: a leaderboard needs hundreds at
    # once.
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    shrink = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    reach = z * sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2) / shrink
    # The ends exactly, which rounding misses.
    return 0.0 if share == 0 else centre - reach, 1.0 if share == 1 else centre + reach


def newcombe(both: int, only_first: int, only_second: int, neither: int, confidence: float = 0.95) -> Interval | None:
    """The share of the second less that of the first, both counted on the same images, with Newcombe's interval for
    paired proportions (Newcombe 1998, Statistics in Medicine 17: 2635-2650, method 10); None without images.

    `both`, `only_first`, `only_second` and `neither` are how many images succeed with whom. Raises ValueError for a
    count below 0.
    """
    n = both + only_first + only_second + neither
    if min(both, only_first, only_second, neither) < 0:
        raise ValueError(f"counts of {both}, {only_first}, {only_second} and {neither} images")
    if n == 0:
        return None
    first, second = (both + only_first) / n, (both + only_second) / n
    (low_1, high_1), (low_2, high_2) = (score_bounds(share, n, confidence) for share in (first, second))
    phi = _correlation(both, only_first, only_second, neither)

    def reach(one: float, other: float) -> float:
        return sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))

    difference = (only_second - only_first) / n
    low = difference - reach(second - low_2, high_1 - first)
    high = difference + reach(high_2 - second, first - low_1)
    return Interval(difference, low, high, n, confidence, NEWCOMBE)


def mcnemar(only_first: int, only_second: int) -> float | None:
    """McNemar's exact test (two-sided binomial, McNemar 1947) that two shares of the same images are equal, from how
    many count with one of them alone; None where nothing divides them.
    """
    divided = only_first + only_second
    if not divided:
        return None
    from scipy.stats import binomtest  # half a second that a page without numbers need not wait for

    return float(binomtest(only_first, divided).pvalue)


def _correlation(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Phi of the 2 x 2 table, drawn towards 0 by half an image where it is positive; 0 where a margin is empty."""
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if not margins:
        return 0.0
    product: float = both * neither - only_first * only_second
    if product > 0:
        product = max(product - (both + only_first + only_second + neither) / 2, 0.0)
    return product / sqrt(margins)


def median(values: Sequence[float]) -> float:
    """The smallest of the `values` that half of them do not exceed; NaN without any.

    Values may be infinite: what lies beyond all that was measured.
    """
    return sorted(values)[(len(values) - 1) // 2] if values else nan


def median_bounds(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The bounds of the distribution-free interval for a median, which two of the sorted `values` are (David & Nagaraja
    2003, section 7.1); unbounded, 0 and infinity for lengths, where fewer than six are not enough for 95%.

    Values may be infinite: what lies beyond all that was measured.
    """
    ordered, n = sorted(values), len(values)
    below, tail = 0.0, 0  # P(fewer than `tail` of the n lie below the median)
    while tail < n and below + comb(n, tail) * 0.5**n <= (1 - confidence) / 2:
        below += comb(n, tail) * 0.5**n
        tail += 1
    return (ordered[tail - 1], ordered[n - tail]) if tail else (0.0, inf)


def simultaneous_half_width(n: int, confidence: float = 0.95) -> float:
    """How far a whole distribution function may lie from that of `n` values, everywhere at once (Dvoretzky, Kiefer and
    Wolfowitz 1956, with the constant of Massart 1990).
    """
    return min(1.0, sqrt(log(2 / (1 - confidence)) / (2 * n)))
