import math

import pytest

from robust_core.intervals import wilson


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 10), (10, 10), (87, 160), (1, 1)])
def test_wilson_against_its_formula(successes, n):
    """Wilson 1927: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    z, p = 1.959963984540054, successes / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    interval = wilson(successes, n)
    assert interval.low == pytest.approx((middle - half) / (1 + z * z / n), abs=1e-12)
    assert interval.high == pytest.approx((middle + half) / (1 + z * z / n), abs=1e-12)
    assert (interval.estimate, interval.n, interval.confidence) == (p, n, 0.95)


def test_nothing_measured_is_no_interval():
    assert wilson(0, 0) is None


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ValueError):
        wilson(11, 10)


def test_it_reads_as_a_sentence():
    assert str(wilson(5, 10)) == "50.0% [23.7%, 76.3%], n = 10"
