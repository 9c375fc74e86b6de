"""Metrics against their definitions written out, hand-made cases, other libraries, and what Orhan 2019 published."""

import csv
import os
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from robust_core.benchmark import metrics
from robust_core.corruptions import BENCHMARK_15
from robust_core.corruptions.sequences import PERTURBATIONS, flip_probability
from robust_core.errors import BadInput, UnknownName
from robust_core.intervals import newcombe
from robust_core.results import published

FACTS = Path(os.environ.get("ROBUST_LAB_TEST_DATA") or ".").parent / "facts" / "orhan2019_summary_wide.csv"
PAPER = ("resnext101_32x8d", *(f"resnext101_32x{width}d_wsl" for width in (8, 16, 32, 48)))
RNG = np.random.default_rng(0)
CONFIDENCE, CORRECT = RNG.random(1234), RNG.random(1234) < 0.6


def orhan(model, metric, *, of_parts):
    """The numbers of one model: by corruption or perturbation, or the one without."""
    rows = [row for row in published("orhan2019_benchmarks") if (row.model, row.metric) == (model, metric)]
    return {row.condition.partition("=")[2]: row.value for row in rows if bool(row.condition) == of_parts}


# Accuracy


def test_in_top_is_pytorchs_topk():
    logits, labels = torch.randn(200, 30, generator=torch.Generator().manual_seed(0)), torch.arange(200) % 30
    for k in (1, 5):
        expected = (logits.topk(k).indices == labels[:, None]).any(1)
        assert (metrics.in_top(logits, labels, k) == expected.numpy()).all()


def test_equal_logits_rank_by_class_number():
    logits = np.zeros((3, 3))
    assert metrics.in_top(logits, [0, 1, 2], 1).tolist() == [True, False, False]
    assert metrics.in_top(logits, [0, 1, 2], 2).tolist() == [True, True, False]


def test_accuracy_is_a_share_with_its_interval():
    measured = metrics.accuracy(np.array([True, False, False, True]))
    assert (measured.estimate, measured.n) == (0.5, 4)
    assert metrics.accuracy(np.array([], bool)) is None


@pytest.mark.parametrize(
    ("logits", "labels", "k"),
    [
        ([[1.0, 2.0]], [0, 1], 1),
        ([[1.0, 2.0]], [0], 3),
        ([[1.0, 2.0]], [0], 0),
        ([1.0], [0], 1),
        ([[1.0, np.nan]], [0], 1),
        ([[1.0, 2.0]], [2], 1),
    ],
)
def test_predictions_that_do_not_belong_together_are_refused(logits, labels, k):
    with pytest.raises(BadInput):
        metrics.in_top(logits, labels, k)


def test_accuracy_wants_right_or_wrong():
    with pytest.raises(BadInput, match="bool"):
        metrics.accuracy([0.5, 1.0])


# Ratios to AlexNet


def test_alexnet_is_100_everywhere():
    errors, clean = metrics.alexnet("ImageNet-C", "mean_error"), metrics.alexnet("ImageNet", "top1_error")[""]
    assert metrics.mce(errors) == pytest.approx(100)
    assert metrics.relative_mce(errors, clean) == pytest.approx(100)
    assert metrics.mfr(metrics.alexnet("ImageNet-P", "flip_probability")) == pytest.approx(100)
    assert metrics.mt5d(metrics.alexnet("ImageNet-P", "top5_distance")) == pytest.approx(100)


def test_the_yardsticks_cover_what_this_project_computes():
    assert set(metrics.alexnet("ImageNet-C", "mean_error")) == set(BENCHMARK_15)
    assert (
        set(metrics.alexnet("ImageNet-P", "flip_probability"))
        == set(metrics.alexnet("ImageNet-P", "top5_distance"))
        == set(PERTURBATIONS)
    )


def test_half_of_alexnets_errors_is_50_and_an_extra_corruption_has_a_ce_but_no_part_in_the_mean():
    errors = {name: value / 2 for name, value in metrics.alexnet("ImageNet-C", "mean_error").items()}
    assert metrics.mce(errors) == pytest.approx(50)
    extra = {"speckle_noise": metrics.alexnet("ImageNet-C extra", "mean_error")["speckle_noise"] / 4}
    assert metrics.corruption_errors(extra) == {"speckle_noise": pytest.approx(25)}
    with pytest.raises(BadInput, match="speckle_noise"):
        metrics.mce(errors | extra)


def test_relative_ce_is_zero_where_a_corruption_adds_nothing():
    assert metrics.relative_mce(dict.fromkeys(BENCHMARK_15, 20.0), 20.0) == 0
    assert metrics.relative_mce(dict.fromkeys(BENCHMARK_15, 15.0), 20.0) < 0


def test_flips_of_sequences_become_a_flip_rate():
    sequences = torch.tensor([[1, 1, 2, 2, 1], [3, 3, 3, 3, 3]])
    percent = 100 * float(flip_probability(sequences, "previous").mean())
    assert percent == 25
    assert metrics.flip_rates({"tilt": percent}) == {
        "tilt": pytest.approx(100 * 25 / metrics.alexnet("ImageNet-P", "flip_probability")["tilt"])
    }


@pytest.mark.parametrize("model", PAPER)
def test_the_papers_ratios_come_from_its_raw_numbers(model):
    errors = orhan(model, "mean_error", of_parts=True)
    flips, distances = orhan(model, "flip_probability", of_parts=True), orhan(model, "top5_distance", of_parts=True)
    # The stored ratios have four or more digits.
    assert metrics.corruption_errors(errors) == pytest.approx(orhan(model, "ce", of_parts=True), abs=1e-3)
    assert metrics.flip_rates(flips) == pytest.approx(orhan(model, "flip_rate", of_parts=True), abs=1e-3)
    assert metrics.top5_ratios(distances) == pytest.approx(orhan(model, "top5_ratio", of_parts=True), abs=1e-3)
    for computed, metric in (
        (metrics.mce(errors), "mce"),
        (metrics.mfr(flips), "mfr"),
        (metrics.mt5d(distances), "mt5d"),
    ):
        assert computed == pytest.approx(orhan(model, metric, of_parts=False)[""], abs=1e-3)


def test_the_papers_headline_numbers():
    assert [round(metrics.mce(orhan(model, "mean_error", of_parts=True)), 2) for model in PAPER] == [
        66.65,
        51.74,
        48.79,
        46.99,
        45.70,
    ]
    mfr = [round(metrics.mfr(orhan(model, "flip_probability", of_parts=True)), 2) for model in PAPER]
    assert (mfr[0], mfr[-1]) == (46.15, 27.83)


@pytest.mark.skipif(not FACTS.is_file(), reason="needs the raw facts beside ROBUST_LAB_TEST_DATA")
def test_every_summary_number_of_the_paper_is_reproduced():
    with FACTS.open(newline="", encoding="utf-8") as file:
        summary = {row["model_id"]: row for row in csv.DictReader(file)}
    assert tuple(summary) == PAPER
    for model, row in summary.items():
        errors = orhan(model, "mean_error", of_parts=True)
        clean = [
            found
            for found in published("orhan2019_benchmarks")
            if (found.benchmark, found.model) == ("ImageNet", model)
        ]
        (clean_error,) = [100 - found.value for found in clean if "rounded" not in found.protocol]
        assert metrics.mce(errors) == pytest.approx(float(row["mCE"]), abs=1e-3)
        assert metrics.relative_mce(errors, clean_error) == pytest.approx(
            float(row["relative_mCE_same_preproc_clean"]), abs=1e-3
        )
        assert metrics.mfr(orhan(model, "flip_probability", of_parts=True)) == pytest.approx(
            float(row["mFR"]), abs=1e-3
        )
        assert metrics.mt5d(orhan(model, "top5_distance", of_parts=True)) == pytest.approx(float(row["mT5D"]), abs=1e-3)


def test_what_cannot_be_compared_with_alexnet_is_refused():
    errors = metrics.alexnet("ImageNet-C", "mean_error")
    with pytest.raises(UnknownName, match="gaussian_noise"):
        metrics.corruption_errors({"gausian_noise": 50.0})
    with pytest.raises(BadInput, match="fog"):
        metrics.mce({name: value for name, value in errors.items() if name != "fog"})
    with pytest.raises(BadInput, match="0 to 100"):
        metrics.flip_rates({"tilt": 100.5})
    with pytest.raises(BadInput, match="0 to 18"):
        metrics.mt5d(orhan(PAPER[0], "top5_ratio", of_parts=True))
    with pytest.raises(BadInput, match="clean error"):
        metrics.relative_mce(errors, -1)
    with pytest.raises(UnknownName, match="mean_error on ImageNet-C"):
        metrics.alexnet("ImageNet-C", "mean_eror")


# Calibration


def bins_by_hand(confidence, correct, skip_last):
    """The definition: sorted images, hundreds, the rest in the last bin."""
    pairs = sorted(zip(confidence, correct, strict=True))
    bins = [pairs[start : start + 100] for start in range(0, len(pairs) // 100 * 100, 100)]
    bins[-1] += pairs[len(bins) * 100 :]
    squares = [
        len(one) * (np.mean([c for c, _ in one]) - np.mean([r for _, r in one])) ** 2
        for one in bins[: -1 if skip_last else None]
    ]
    return (sum(squares) / len(pairs)) ** 0.5


@pytest.mark.parametrize("as_published", [True, False])
@pytest.mark.parametrize("n", [200, 299, 300, 1234])
def test_rms_calibration_error_is_its_definition(n, as_published):
    expected = bins_by_hand(CONFIDENCE[:n], CORRECT[:n], as_published)
    assert metrics.rms_calibration_error(CONFIDENCE[:n], CORRECT[:n], as_published=as_published) == pytest.approx(
        expected, abs=1e-12
    )


def test_the_published_error_does_not_see_the_most_confident_images():
    confidence = np.repeat([0.5, 1.0], 100) - np.linspace(0, 0.01, 200)[::-1]
    correct = np.arange(200) % 2 == 0
    correct[100:] = False
    seen = metrics.rms_calibration_error(confidence, correct, as_published=False)
    assert seen == pytest.approx(0.5**0.5, abs=0.01)
    assert metrics.rms_calibration_error(confidence, correct, as_published=True) < 0.01


def test_aurra_by_hand():
    confidence, correct = np.array([0.2, 0.9, 0.5]), np.array([True, True, False])
    for as_published in (True, False):
        assert metrics.aurra(confidence, correct, as_published=as_published) == pytest.approx((1 + 1 / 2 + 2 / 3) / 3)


def test_without_ties_both_aurras_agree():
    assert metrics.aurra(CONFIDENCE, CORRECT, as_published=True) == pytest.approx(
        metrics.aurra(CONFIDENCE, CORRECT, as_published=False)
    )


def test_tied_confidences_have_the_mean_aurra_of_all_their_orders():
    confidence, correct = np.array([0.9, 0.7, 0.7, 0.7, 0.1]), np.array([False, True, False, True, True])
    orders = [[0, *middle, 4] for middle in permutations((1, 2, 3))]
    every = [np.mean(np.cumsum(correct[order]) / np.arange(1, 6)) for order in orders]
    assert metrics.aurra(confidence, correct, as_published=False) == pytest.approx(np.mean(every))
    assert any(metrics.aurra(confidence, correct, as_published=True) == pytest.approx(one) for one in every), (
        "whichever order NumPy chooses"
    )


@pytest.mark.parametrize("measure", [metrics.rms_calibration_error, metrics.aurra])
@pytest.mark.parametrize(
    ("confidence", "correct"),
    [
        (np.array([]), np.array([], bool)),
        (np.full(300, 0.5), np.ones(299, bool)),
        (np.full(300, 1.5), np.ones(300, bool)),
        (np.full(300, 0.5), np.ones(300)),
    ],
)
def test_calibration_refuses_what_is_no_confidence(measure, confidence, correct):
    with pytest.raises(BadInput):
        measure(confidence, correct, as_published=False)


def test_one_bin_is_no_calibration():
    with pytest.raises(BadInput, match="200"):
        metrics.rms_calibration_error(CONFIDENCE[:199], CORRECT[:199], as_published=False)


# Two models


def test_paired_predictions_and_mcnemar():
    first, second = np.array([1, 1, 1, 1, 1, 1, 0, 0, 1, 0], bool), np.array([1, 0, 0, 0, 0, 0, 1, 0, 1, 0], bool)
    predictions = metrics.paired(first, second)
    assert (predictions.both, predictions.only_first, predictions.only_second, predictions.neither) == (2, 5, 1, 2)
    assert predictions.p_value == pytest.approx(binomtest(5, 6).pvalue) == pytest.approx(2 * 7 / 64)
    assert metrics.paired(first, first).p_value is None


def test_the_difference_of_two_models_is_newcombes():
    first, second = np.array([1, 1, 1, 0, 0, 0, 0, 1], bool), np.array([1, 0, 0, 1, 0, 0, 0, 1], bool)
    assert metrics.paired(first, second).difference == newcombe(2, 2, 1, 3)
    assert metrics.paired(first, second).difference.estimate == pytest.approx(-1 / 8)
    assert metrics.paired(first[:0], second[:0]).difference is None


def test_pairing_narrows_the_interval_of_models_that_err_alike():
    alike = CORRECT.copy()
    alike[:20] = ~alike[:20]
    paired = metrics.paired(CORRECT, alike).difference
    unpaired = metrics.paired(CORRECT, RNG.permutation(alike)).difference
    assert paired.high - paired.low < (unpaired.high - unpaired.low) / 3


def test_models_on_different_images_are_refused():
    with pytest.raises(BadInput, match="per image"):
        metrics.paired(CORRECT, CORRECT[1:])


@pytest.mark.parametrize("places", [6, 7, 12])
def test_no_top5_distance_is_larger_than_the_largest(places):
    """All ways to move five classes to other places, those behind the fifth counting as the sixth."""
    distances = (sum(abs(r - min(s, 5)) for r, s in enumerate(now)) for now in permutations(range(places), 5))
    largest = max(distances)
    assert largest <= metrics.LARGEST_TOP5_DISTANCE
    assert (largest == metrics.LARGEST_TOP5_DISTANCE) == (places > 8)
