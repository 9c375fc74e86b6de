from math import inf

import pytest
from scipy.stats import binom, binomtest

from robust_core.intervals import median_bounds, newcombe, share_in_words, simultaneous_half_width, wilson


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
    assert str(wilson(20, 40)) == "50.0% [35.2%, 64.8%], n = 40"


def test_few_images_are_counted():
    assert str(wilson(5, 10)) == "5 of 10 [23.7%, 76.3%]"
    assert [share_in_words(share, n) for share, n in ((3 / 7, 7), (0, 19), (1, 1), (0.5, 20), (0.5, 0))] == [
        "3 of 7",
        "0 of 19",
        "1 of 1",
        "50.0%",
        "50.0%",
    ]
    assert share_in_words(0.123, 7) == "12.3%", "what is no count of 7 images is not called one"
    assert share_in_words(float("nan"), 7) == "nan%"


# Newcombe's interval of the second less the first: published examples as counts of both, the first only, the second
# only, neither. Newcombe 1998, table III; Bentur et al. 2009 and Cavo et al. 2012 as in Fagerland, Lydersen and Laake
# 2014, BMC Medical Research Methodology 14, and the R package contingencytables.
PUBLISHED = [
    ((36, 2, 12, 0), (0.0569, 0.3404), 5e-5),
    ((1, 1, 7, 12), (0.026, 0.507), 5e-4),
    ((59, 6, 16, 80), (0.0046, 0.1186), 5e-5),
]


@pytest.mark.parametrize(("counts", "bounds", "within"), PUBLISHED)
def test_newcombe_is_the_published_one(counts, bounds, within):
    interval = newcombe(*counts)
    assert (interval.low, interval.high) == pytest.approx(bounds, abs=within)
    assert interval.estimate == pytest.approx((counts[2] - counts[1]) / sum(counts))
    assert (interval.n, interval.confidence) == (sum(counts), 0.95)
    assert "Newcombe" in interval.method


def test_the_difference_turns_with_the_models_and_has_no_ends_beyond_1():
    one, other = newcombe(5, 3, 9, 2), newcombe(5, 9, 3, 2)
    assert (other.estimate, other.low, other.high) == pytest.approx((-one.estimate, -one.high, -one.low))
    for counts in ((0, 0, 4, 0), (0, 4, 0, 0)):
        interval = newcombe(*counts)
        assert -1 <= interval.low <= interval.high <= 1


def test_models_that_always_agree_still_differ_on_other_images():
    """The bootstrap has no width here."""
    interval = newcombe(6, 0, 0, 4)
    assert interval.low < interval.estimate == 0 < interval.high


def test_without_images_there_is_no_difference_and_no_count_is_below_0():
    assert newcombe(0, 0, 0, 0) is None
    with pytest.raises(ValueError, match="-1"):
        newcombe(3, -1, 2, 2)


@pytest.mark.parametrize("n", [6, 10, 25, 101])
def test_a_medians_interval_covers_it_as_often_as_said(n):
    low, high = (int(bound) for bound in median_bounds(range(n)))
    assert binom.cdf(low, n, 0.5) <= 0.025, "the median is below the lower bound"
    assert binom.cdf(low + 1, n, 0.5) > 0.025, "one value further in would be too narrow"
    assert low == n - 1 - high


def test_few_values_bound_no_median():
    assert median_bounds([3, 1, 2, 5, 4]) == (0, inf)
    assert median_bounds([]) == (0, inf)
    assert median_bounds([1, 2, 3, 4, 5, inf])[1] == inf


def test_the_band_of_a_distribution_is_massarts():
    assert simultaneous_half_width(100) == pytest.approx(0.1358, abs=1e-4)
    assert simultaneous_half_width(1) == 1
