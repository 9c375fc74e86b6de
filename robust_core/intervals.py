"""How sure a fraction is: Wilson's score interval for successes out of n."""

from dataclasses import dataclass


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
    from scipy.stats import binomtest  # half a second that a page without numbers need not wait for

    bounds = binomtest(int(successes), int(n)).proportion_ci(confidence, method="wilson")
    return Interval(successes / n, float(bounds.low), float(bounds.high), int(n), confidence)
