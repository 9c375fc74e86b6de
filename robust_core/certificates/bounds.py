"""Binomial bounds and tests, and the radius that follows from them (Cohen et al. 2019, section 3.2)."""

import math
from functools import lru_cache
from statistics import NormalDist

REMEMBERED = 4096


@lru_cache(REMEMBERED)  # a page that draws the bound as it grows asks for the same again
def lower_bound(count: int, n: int, alpha: float) -> float:
    """The one-sided lower bound of Clopper and Pearson on a probability of which `count` of `n` draws were seen: it is
    above the truth with probability at most `alpha`.
    """
    from scipy.stats import binomtest

    return float(binomtest(count, n, alternative="greater").proportion_ci(1 - alpha, method="exact").low)


def p_value(count: int, other: int) -> float:
    """The two-sided p-value of the hypothesis that two classes are equally likely, with `count` and `other` votes."""
    from scipy.stats import binomtest

    return float(binomtest(count, count + other, 0.5).pvalue)


def radius(p: float, sigma: float) -> float:
    """σ·Φ⁻¹(p): how far, in L2 and pixel units, the class of a probability of at least `p` keeps the majority; infinite
    at 1, 0 where it has none.
    """
    if p <= 0.5:
        return 0.0
    return sigma * NormalDist().inv_cdf(p) if p < 1 else math.inf


def ceiling(sigma: float, n: int, alpha: float) -> float:
    """σ·Φ⁻¹(α^(1/n)): the largest radius that `n` draws can certify, where all of them agree."""
    return radius(alpha ** (1 / n), sigma)


def fewest_draws(alpha: float) -> int:
    """How many draws must agree before any radius can be certified: those with α^(1/n) above a half."""
    return math.floor(math.log(alpha) / math.log(0.5)) + 1
