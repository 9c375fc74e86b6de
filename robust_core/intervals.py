"""How sure a fraction is: Wilson's score interval for successes out of n."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Interval:
    """A fraction `estimate` = successes / n with its `low` and `high` bound, all in [0, 1], at `confidence`."""

    estimate: float
    low: float
    high: float
    n: int
    confidence: float

    def __str__(self) -> str:
        return f"{self.estimate:.1%} [{self.low:.1%}, {self.high:.1%}], n = {self.n}"


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Wilson's score interval (Wilson 1927) for `successes` out of `n`; None when n is 0, since nothing was measured.

    Raises ValueError when `successes` is not between 0 and `n`.
    """
    if n == 0:
        return None
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n}")
    # Not scipy.stats.binomtest, whose import takes half a second and a call 0.2 ms: a leaderboard needs hundreds at
    # once.
    estimate, z = successes / n, NormalDist().inv_cdf((1 + confidence) / 2)
    shrink = 1 + z * z / n
    centre = (estimate + z * z / (2 * n)) / shrink
    reach = z * sqrt(estimate * (1 - estimate) / n + (z / (2 * n)) ** 2) / shrink
    low = 0.0 if successes == 0 else centre - reach  # exactly, which rounding misses
    high = 1.0 if successes == n else centre + reach
    return Interval(estimate, low, high, int(n), confidence)
