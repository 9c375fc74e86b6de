"""The bounds against their definitions, and against values that can be computed by hand."""

import math

import pytest
from scipy.stats import binom, norm

from robust_core.certificates import bounds


@pytest.mark.parametrize(("count", "n", "alpha"), [(1, 1, 0.05), (80, 100, 0.1), (999, 1000, 0.001), (51, 100, 0.5)])
def test_the_lower_bound_is_where_so_many_votes_are_as_rare_as_alpha(count, n, alpha):
    assert binom.sf(count - 1, n, bounds.lower_bound(count, n, alpha)) == pytest.approx(alpha, rel=1e-6)


def test_without_a_vote_nothing_is_known():
    assert bounds.lower_bound(0, 10, 0.05) == 0


def test_where_all_agree_the_bound_is_alpha_to_the_nth_and_its_radius_the_ceiling():
    assert bounds.lower_bound(1000, 1000, 0.001) == pytest.approx(0.001 ** (1 / 1000), rel=1e-9)
    assert bounds.ceiling(0.5, 1000, 0.001) == pytest.approx(bounds.radius(0.001 ** (1 / 1000), 0.5))
    assert bounds.ceiling(0.25, 100_000, 0.001) == pytest.approx(0.953, abs=1e-3)


@pytest.mark.parametrize("p", [0.51, 0.8, 0.999])
def test_the_radius_is_the_normal_quantile(p):
    assert bounds.radius(p, 0.25) == pytest.approx(0.25 * norm.ppf(p))


def test_a_radius_needs_a_majority():
    assert bounds.radius(0.5, 1) == bounds.radius(0.2, 1) == 0
    assert bounds.radius(1, 1) == math.inf


@pytest.mark.parametrize(("count", "other"), [(10, 0), (60, 40), (7, 7)])
def test_the_p_value_is_of_a_fair_coin(count, other):
    assert bounds.p_value(count, other) == pytest.approx(min(1, 2 * binom.sf(count - 1, count + other, 0.5)))


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.5, 0.9])
def test_the_fewest_draws_are_those_that_can_certify_anything(alpha):
    fewest = bounds.fewest_draws(alpha)
    assert bounds.ceiling(1, fewest, alpha) > 0
    assert fewest == 1 or bounds.ceiling(1, fewest - 1, alpha) == 0
