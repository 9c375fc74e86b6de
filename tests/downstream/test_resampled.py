"""Intervals over folds and draws against their formulas, and what they do where nothing varies."""

import numpy as np
import pytest
from scipy import stats

from robust_core.downstream.resampled import CORRECTED, difference_over_folds, over_draws, over_folds
from robust_core.intervals import wilson

SCORES = [0.6, 0.7, 0.65, 0.8, 0.75, 0.6, 0.7, 0.72, 0.69, 0.71]  # two repeats of five folds


def test_the_interval_over_folds_is_nadeau_and_bengios():
    found = over_folds(SCORES, repeats=2, n=100)
    reach = stats.t.ppf(0.975, 9) * np.sqrt((1 / 10 + 1 / 4) * np.var(SCORES, ddof=1))
    assert (found.estimate, found.n, found.method) == (pytest.approx(np.mean(SCORES)), 100, CORRECTED)
    assert (found.low, found.high) == pytest.approx((np.mean(SCORES) - reach, np.mean(SCORES) + reach))


def test_folds_that_all_agree_have_wilsons_interval_over_the_images():
    assert over_folds([1.0] * 10, repeats=2, n=100) == wilson(100, 100)


def test_differences_are_paired_and_widen_with_the_confidence():
    same = difference_over_folds(SCORES, [one - 0.1 for one in SCORES], 2, 100)
    assert same is None or same.high - same.low < 1e-9, "each fold differs by the same"
    other = SCORES[::-1]
    usual, wider = (difference_over_folds(SCORES, other, 2, 100, level) for level in (0.95, 0.99))
    assert usual.estimate == pytest.approx(0, abs=1e-12)
    assert wider.high > usual.high > 0 > usual.low > wider.low
    assert difference_over_folds(SCORES, SCORES, 2, 100) is None


def test_the_interval_over_draws_is_students():
    found = over_draws(SCORES[:4], 50)
    low, high = stats.t.interval(0.95, 3, np.mean(SCORES[:4]), stats.sem(SCORES[:4]))
    assert (found.low, found.high) == pytest.approx((low, high))
    alone = over_draws([0.5], 50)
    assert (alone.low, alone.high) == (0, 1)
    assert over_draws([1.0, 0.9], 50).high == 1
