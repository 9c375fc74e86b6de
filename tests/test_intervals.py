import pytest
from scipy.stats import binomtest

from robust_core.intervals import wilson


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (10, 10), (87, 160), (1, 1), (39_656, 50_000)])
def test_wilson_is_scipys(successes, n, confidence):
    bounds = binomtest(successes, n).proportion_ci(confidence, method="wilson")
    interval = wilson(successes, n, confidence)
    assert (interval.low, interval.high) == pytest.approx((bounds.low, bounds.high), abs=1e-12)
    assert (interval.estimate, interval.n, interval.confidence) == (successes / n, n, confidence)


def test_all_and_nothing_end_at_the_very_end():
    assert wilson(0, 7).low == 0
    assert wilson(7, 7).high == 1


def test_nothing_measured_is_no_interval():
    assert wilson(0, 0) is None


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ValueError):
        wilson(11, 10)


def test_it_reads_as_a_sentence():
    assert str(wilson(5, 10)) == "50.0% [23.7%, 76.3%], n = 10"
