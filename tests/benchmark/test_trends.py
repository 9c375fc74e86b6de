import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import linregress

from robust_core.benchmark.trends import Trend, fit
from robust_core.errors import BadInput


def on_a_line(x_percent, slope, intercept):
    return 100 * expit(slope * logit(np.asarray(x_percent) / 100) + intercept)


@given(st.floats(0.2, 3), st.floats(-2, 2))
def test_points_on_a_line_are_all_predicted(slope, intercept):
    x = [40.0, 55.0, 70.0, 85.0]
    y = on_a_line(x, slope, intercept)
    trend = fit(x, y)
    assert (trend.slope, trend.intercept, trend.n) == (pytest.approx(slope), pytest.approx(intercept, abs=1e-9), 4)
    assert trend.predicted(x) == pytest.approx(y)
    assert trend.effective_robustness(x, y) == pytest.approx(np.zeros(4), abs=1e-9)


def test_the_line_is_that_of_least_squares_in_logit_axes():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(20, 90, 30), rng.uniform(5, 80, 30)
    oracle = linregress(logit(x / 100), logit(y / 100))
    trend = fit(x, y)
    assert (trend.slope, trend.intercept) == (pytest.approx(oracle.slope), pytest.approx(oracle.intercept))
    assert trend.r_squared == pytest.approx(oracle.rvalue**2)
    predicted = 100 * expit(oracle.slope * logit(x / 100) + oracle.intercept)
    assert trend.rmse_points == pytest.approx(np.sqrt(((y - predicted) ** 2).mean()))


def test_a_line_through_its_points_explains_everything():
    trend = fit([40, 55, 70], on_a_line([40, 55, 70], 1.5, -1))
    assert (trend.r_squared, trend.rmse_points) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    flat = fit([40, 55, 70], [30, 30, 30])
    assert (flat.slope, flat.r_squared, flat.rmse_points) == (pytest.approx(0), 1, pytest.approx(0, abs=1e-9))


def test_effective_robustness_is_in_points_above_the_line():
    same = Trend(slope=1.0, intercept=0.0, n=3)
    assert same.predicted([0.0, 30.0, 100.0]) == pytest.approx([0, 30, 100])
    assert same.effective_robustness([30.0, 30.0], [42.0, 20.0]) == pytest.approx([12, -10])


def test_where_lower_is_better_the_sign_is_turned():
    """An error below the line is as robust as the accuracy that far above it."""
    x, y = np.array([40.0, 55, 70, 60]), np.array([20.0, 30, 50, 45])
    as_accuracy = fit(x, y).effective_robustness(x, y)
    as_error = fit(x, 100 - y).effective_robustness(x, 100 - y, higher_is_better=False)
    assert as_error == pytest.approx(as_accuracy)
    assert np.abs(as_accuracy).max() > 1


def test_who_has_no_logit_is_left_out_of_the_fit():
    x = [40.0, 55.0, 70.0]
    y = list(on_a_line(x, 1.5, -1))
    assert fit([*x, 60.0, 100.0, 50.0, -3.0], [*y, 0.0, 90.0, 112.0, 40.0]) == fit(x, y), "an mCE may pass 100%"


@pytest.mark.parametrize(
    ("x", "y"), [([], []), ([40, 50], [1, 2]), ([40, 40, 40], [1, 2, 3]), ([40, 50, 60], [0, 0, 2])]
)
def test_too_little_for_a_line_is_none(x, y):
    assert fit(x, y) is None


NO_PERCENTAGES = [
    ([1, 2], [1]),
    ([[1, 2, 3]], [[1, 2, 3]]),
    ([1, np.nan, 3], [1, 2, 3]),
    ([1, 2, 3], [1, np.inf, 3]),
]


@pytest.mark.parametrize(("x", "y"), NO_PERCENTAGES)
def test_what_is_no_pair_of_percentages_is_refused(x, y):
    with pytest.raises(BadInput):
        fit(x, y)
