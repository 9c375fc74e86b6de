import numpy as np
import pytest

from robust_core.confidence.calibration import (
    COLDEST,
    calibration_scores,
    confidences,
    expected_calibration_error,
    fit_temperature,
    nll_nats,
    reliability_bins,
)
from robust_core.errors import BadInput


def two_classes(probability: np.ndarray) -> np.ndarray:
    """Logits (N, 2) whose softmax gives class 0 these probabilities."""
    return np.log(np.stack([probability, 1 - probability], axis=1))


def test_ece_by_hand():
    """Bins (0.6, 0.667] and (0.933, 1]: gaps 0.65 - 0.5 over two predictions and 0.95 - 1 over one."""
    confidence, correct = np.array([0.65, 0.65, 0.95]), np.array([True, False, True])
    assert expected_calibration_error(confidence, correct) == pytest.approx((2 * 0.15 + 0.05) / 3)
    bins = reliability_bins(confidence, correct)
    assert [one.n for one in bins] == [0] * 9 + [2] + [0] * 4 + [1]
    assert bins[9].mean_confidence == pytest.approx(0.65)
    assert (bins[9].accuracy.estimate, bins[14].accuracy.estimate, bins[0].accuracy) == (0.5, 1, None)


def test_a_bin_holds_its_upper_edge():
    bins = reliability_bins(np.array([0.0, 0.2, 0.4, 1.0]), np.ones(4, bool), bins=5)
    assert [one.n for one in bins] == [2, 1, 0, 0, 1]
    assert [(one.low, one.high) for one in bins][:2] == [(0, 0.2), (0.2, 0.4)]


def test_ece_in_one_bin_is_the_gap_of_the_means():
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(200), rng.random(200) < 0.3
    gap = abs(confidence.mean() - correct.mean())
    assert expected_calibration_error(confidence, correct, bins=1) == pytest.approx(gap)


def test_scores_of_two_classes_in_closed_form():
    probability, labels = np.array([0.9, 0.6, 0.3]), np.array([0, 1, 0])
    scores = calibration_scores(two_classes(probability), labels, 1.0, seed=0)
    assert scores.nll_nats.estimate == pytest.approx(-np.log([0.9, 0.4, 0.3]).mean())
    assert scores.brier.estimate == pytest.approx(2 * np.mean([0.1**2, 0.6**2, 0.7**2]))
    assert (scores.accuracy.estimate, scores.n) == (1 / 3, 3)
    for estimate in (scores.ece, scores.nll_nats, scores.brier):
        assert estimate.low <= estimate.high


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_overconfident_logits_is_found(true_temperature):
    """Labels are drawn from softmax(z); a model that says z times a factor needs that factor as its temperature."""
    rng = np.random.default_rng(1)
    z = rng.normal(0, 2, (20000, 5))
    noise = rng.gumbel(size=z.shape)
    labels = (z + noise).argmax(1)  # a draw from softmax(z)
    found = fit_temperature(z * true_temperature, labels)
    assert found == pytest.approx(true_temperature, rel=0.05)
    assert nll_nats(z * true_temperature, labels, found) <= nll_nats(z * true_temperature, labels)


def test_the_fit_is_the_least_of_a_fine_grid():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 4, 60)
    logits = rng.normal(0, 3, (60, 4)) + 2 * np.eye(4)[labels]
    grid = np.geomspace(0.05, 40, 4000)
    best = min(grid, key=lambda temperature: nll_nats(logits, labels, temperature))
    assert fit_temperature(logits, labels) == pytest.approx(best, rel=0.01)


def test_with_every_prediction_right_colder_is_better():
    logits = np.eye(3)[[0, 1, 2, 0]]
    assert fit_temperature(logits, np.array([0, 1, 2, 0])) < 1.5 * COLDEST


def test_a_temperature_changes_confidence_and_no_prediction():
    logits, labels = np.random.default_rng(3).normal(0, 3, (50, 6)), np.arange(50) % 6
    (sharp, right), (flat, as_right) = (confidences(logits, labels, one) for one in (0.5, 4.0))
    assert np.array_equal(right, as_right)
    assert (sharp > flat).all()


def test_huge_logits_stay_finite():
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]])
    scores = calibration_scores(logits, np.array([0, 0]), 1.0, seed=0)
    assert scores.nll_nats.estimate == pytest.approx(1e4)
    assert scores.ece.estimate == pytest.approx(0.5)


@pytest.mark.parametrize(("shape", "n"), [((0, 3), 0), ((4,), 4), ((4, 3), 5)])
def test_what_does_not_belong_together_is_refused(shape, n):
    with pytest.raises(BadInput, match="Expected logits"):
        nll_nats(np.zeros(shape), np.zeros(n, int))
