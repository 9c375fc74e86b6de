"""From predictions written down by hand to numbers that are known."""

import numpy as np
import pytest

from robust_core.benchmark import metrics, summaries
from robust_core.benchmark.experiments_imagenet import RULE_NAMES
from robust_core.benchmark.experiments_mini import RULE_OF_MINI
from robust_core.benchmark.image_means import CLEAN, IMAGE
from robust_core.benchmark.summaries import SHAPE_EXEMPLAR, TEXTURE_EXEMPLAR, RuleName
from robust_core.corruptions.sequences import PERTURBATIONS
from robust_core.corruptions.table import BENCHMARK_15
from robust_core.cue_conflict.decisions import NAMES
from robust_core.intervals import wilson
from robust_core.resampling import OVER_EXEMPLARS, OVER_IMAGES
from robust_core.results import BenchmarkCondition

ALONE = BenchmarkCondition()
AS_MANY = 1_000_000


def values(numbers):
    return {(number.condition, number.metric): number.value for number in numbers}


def right(n, of):
    """The first `n` of `of` predictions are right."""
    return np.arange(of) < n


def wrong_in(percent, of=AS_MANY):
    """Predictions of which `percent` are wrong, to one image."""
    return {"correct": ~right(round(percent / 100 * of), of)}


def along(perturbation):
    return BenchmarkCondition.of(perturbation=perturbation)


def corrupted(error_percent, corruptions=BENCHMARK_15):
    """Predictions at five severities; `error_percent(name)` at severity 3, and the same distance to both sides at the
    others.
    """
    spread = {1: -0.02, 2: -0.01, 3: 0, 4: 0.01, 5: 0.02}
    return {
        BenchmarkCondition.of(corruption=name, severity=severity): wrong_in(error_percent(name) * (1 + factor))
        for name in corruptions
        for severity, factor in spread.items()
    }


# Accuracy


def test_accuracy_in_percent():
    predictions = {ALONE: {"correct": right(1, 4), "in_top5": right(3, 4)}}
    assert list(summaries.accuracy(predictions)) == [
        summaries.Number("", "top1", 25.0, "%", 4),
        summaries.Number("", "top5", 75.0, "%", 4),
    ]


def test_calibration_is_that_of_metrics_as_published_and_corrected():
    draw = np.random.default_rng(0)
    confidence, correct = draw.random(450, np.float32).round(2), draw.random(450) < 0.5
    found = values(
        summaries.calibrated_accuracy({ALONE: {"correct": correct, "in_top5": correct, "confidence": confidence}})
    )
    for suffix, as_published in (("", True), ("_corrected", False)):
        error = metrics.rms_calibration_error(confidence, correct, as_published=as_published)
        assert found["", f"rms_calibration_error{suffix}"] == pytest.approx(100 * error)
        assert found["", f"aurra{suffix}"] == pytest.approx(
            100 * metrics.aurra(confidence, correct, as_published=as_published)
        )
    assert found["", "rms_calibration_error"] != found["", "rms_calibration_error_corrected"]
    assert found["", "aurra"] != found["", "aurra_corrected"]


def test_fewer_images_than_two_bins_have_no_calibration_error():
    predictions = {
        ALONE: {"correct": right(99, 199), "in_top5": right(99, 199), "confidence": np.full(199, 0.5, np.float32)}
    }
    assert {number.metric for number in summaries.calibrated_accuracy(predictions)} == {
        "top1",
        "top5",
        "aurra",
        "aurra_corrected",
    }


# Corruptions


def test_the_mean_error_is_over_severities_and_then_over_the_fifteen():
    found = values(summaries.corruption_errors(corrupted(lambda name: 10.0 + BENCHMARK_15.index(name))))
    assert found["corruption=fog severity=5", "top1_error"] == pytest.approx(
        1.02 * (10 + BENCHMARK_15.index("fog")), abs=1e-3
    )
    assert found["corruption=fog", "mean_error"] == pytest.approx(10 + BENCHMARK_15.index("fog"), abs=1e-3)
    assert found["", "mean_error"] == pytest.approx(10 + 7, abs=1e-3)


def test_mini_is_not_measured_against_alexnet():
    assert {number.metric for number in summaries.corruption_errors(corrupted(lambda name: 40.0))} == {
        "top1_error",
        "mean_error",
    }


def test_alexnets_own_errors_give_an_mce_of_100():
    found = values(summaries.corruptions(corrupted(metrics.alexnet("ImageNet-C", "mean_error").get)))
    assert found["", "mce"] == pytest.approx(100, abs=1e-3)
    assert all(found[f"corruption={name}", "ce"] == pytest.approx(100, abs=1e-3) for name in BENCHMARK_15)


def test_a_mean_needs_all_of_its_parts():
    predictions = corrupted(lambda name: 50.0)
    del predictions["corruption=fog severity=2"]
    found = values(summaries.corruptions(predictions))
    assert ("corruption=fog severity=1", "top1_error") in found
    assert ("corruption=fog", "mean_error") not in found
    assert ("corruption=fog", "ce") not in found
    assert ("corruption=snow", "ce") in found
    assert ("", "mean_error") not in found
    assert ("", "mce") not in found


# Perturbations


def sequences(flip, distance, n=8):
    """`n` frame sequences around these means."""
    around = np.linspace(-0.1, 0.1, n)
    return {
        "flip_probability": (flip * (1 + around)).astype(np.float32),
        "top5_distance": (distance * (1 + around)).astype(np.float32),
    }


def test_sequences_are_means_over_sequences_and_then_over_the_ten():
    predictions = {along(name): sequences((place + 1) / 100, place + 1) for place, name in enumerate(PERTURBATIONS)}
    numbers = list(summaries.prediction_stability(predictions))
    found = values(numbers)
    tilt = list(PERTURBATIONS).index("tilt") + 1
    assert found["perturbation=tilt", "flip_probability"] == pytest.approx(tilt, rel=1e-5)
    assert found["perturbation=tilt", "top5_distance"] == pytest.approx(tilt, rel=1e-5)
    assert found["", "flip_probability"] == pytest.approx(5.5, rel=1e-5)
    assert found["", "top5_distance"] == pytest.approx(5.5, rel=1e-5)
    assert {number.n for number in numbers} == {8}
    assert {number.metric for number in numbers} == {"flip_probability", "top5_distance"}


def test_alexnets_own_sequences_give_100():
    flips, distances = (metrics.alexnet("ImageNet-P", metric) for metric in ("flip_probability", "top5_distance"))
    found = values(
        summaries.perturbations({along(name): sequences(flips[name] / 100, distances[name]) for name in PERTURBATIONS})
    )
    assert found["", "mfr"] == pytest.approx(100, rel=1e-5)
    assert found["", "mt5d"] == pytest.approx(100, rel=1e-5)
    assert found["perturbation=snow", "flip_rate"] == pytest.approx(100, rel=1e-5)
    assert found["perturbation=snow", "top5_ratio"] == pytest.approx(100, rel=1e-5)


def test_some_of_the_perturbations_have_no_mean():
    found = values(summaries.perturbations({along("snow"): sequences(0.1, 2.0), along("tilt"): sequences(0.2, 3.0)}))
    assert {condition for condition, _ in found} == {"perturbation=snow", "perturbation=tilt"}
    assert found["perturbation=tilt", "flip_probability"] == pytest.approx(20, rel=1e-5)


# Attacks


def test_accuracy_after_the_recorded_steps_and_without_an_attack():
    correct = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]], bool)
    numbers = list(summaries.by_steps((1, 3))({BenchmarkCondition("eps=0.1"): {"correct": correct}}))
    assert values(numbers) == {
        ("eps=0.1 steps=0", "top1_under_attack"): 75.0,
        ("eps=0.1 steps=1", "top1_under_attack"): 50.0,
        ("eps=0.1 steps=3", "top1_under_attack"): 0.0,
    }
    assert {(number.unit, number.n) for number in numbers} == {("%", 4)}


def test_accuracy_on_images_attacked_elsewhere():
    numbers = list(summaries.after_attack(10)({BenchmarkCondition("eps=0.1"): {"correct": right(3, 4)}}))
    assert numbers == [summaries.Number("eps=0.1 steps=10", "top1_under_attack", 75.0, "%", 4)]


# Cue conflicts

DOG, CAT, BEAR = (NAMES.index(name) for name in ("dog", "cat", "bear"))
ONE_RULE = (RuleName("restricted_argmax", "", "a rule"),)


def votes(shape, texture, decisions):
    return {ALONE: {"shape": np.array(shape), "texture": np.array(texture), "restricted_argmax": np.array(decisions)}}


def test_shape_bias_is_of_the_decided_and_coverage_of_all():
    numbers = {
        number.metric: number
        for number in summaries.shape_bias(ONE_RULE)(votes([DOG] * 4, [CAT] * 4, [DOG, CAT, DOG, BEAR]))
    }
    assert (numbers["shape_bias"].value, numbers["shape_bias"].n) == (pytest.approx(100 * 2 / 3), 3)
    assert (numbers["coverage"].value, numbers["coverage"].n) == (75, 4)
    assert {number.condition for number in numbers.values()} == {"pictures=4"}
    assert {number.note for number in numbers.values()} == {"a rule; 4 images"}


def test_the_image_without_a_conflict_counts_twice_in_rows_of_its_own():
    numbers = list(summaries.shape_bias(ONE_RULE)(votes([DOG, DOG, DOG], [CAT, DOG, CAT], [DOG, DOG, CAT])))
    found = {(number.condition, number.metric): (number.value, number.n) for number in numbers}
    assert found == {
        ("pictures=2", "shape_bias"): (50.0, 2),
        ("pictures=2", "coverage"): (100.0, 2),
        ("pictures=3", "shape_bias"): (50.0, 4),
        ("pictures=3", "coverage"): (pytest.approx(400 / 3), 3),
    }
    assert {number.note for number in numbers if "twice" in number.note} == {
        "a rule; 3 images, of which the one without a conflict counts twice where it is answered"
    }
    assert all(("twice" in number.note) == (number.condition == "pictures=3") for number in numbers)


def test_the_image_without_a_conflict_counts_only_where_it_is_predicted():
    numbers = list(summaries.shape_bias(ONE_RULE)(votes([DOG, DOG], [CAT, DOG], [DOG, BEAR])))
    assert {(number.condition, number.metric): number.n for number in numbers}["pictures=2", "shape_bias"] == 1


def test_nothing_decided_has_a_coverage_and_no_shape_bias():
    numbers = list(summaries.shape_bias(ONE_RULE)(votes([DOG], [CAT], [BEAR])))
    assert [(number.metric, number.value) for number in numbers] == [("coverage", 0)]


def test_every_rule_has_rows_of_its_own_and_mini_one():
    predictions = votes([DOG], [CAT], [DOG])
    predictions[""]["mean_probability"] = np.array([CAT])
    numbers = list(summaries.shape_bias(RULE_NAMES)(predictions))
    biases = {number.suffix: number.value for number in numbers if number.metric == "shape_bias"}
    assert biases == {" by the best class": 100, " by the mean probability": 0}
    assert {number.suffix for number in summaries.shape_bias(RULE_OF_MINI)(predictions)} == {""}


# Intervals

MANY = 60
DIFFICULTY = np.random.default_rng(0).normal(0, 1.5, MANY)


def of_the_same_images(errors, clean=None):
    """Predictions for the same 60 images, some of them harder than others; `errors` by corruption and severity say how
    hard a condition is, `clean` whether each image is right as it was.
    """
    draw = np.random.default_rng(1)
    known = {} if clean is None else {CLEAN: clean}
    return {
        BenchmarkCondition.of(corruption=name, severity=severity): {
            "correct": draw.normal(0, 1, MANY) + 2 > DIFFICULTY + shift,
            IMAGE: np.arange(MANY, dtype=np.int32),
            **known,
        }
        for name, shift in errors.items()
        for severity in range(1, 6)
    }


def by_metric(numbers, condition=""):
    return {number.metric: number for number in numbers if number.condition == condition}


def mean_errors(predictions, images):
    """The mean error of each corruption over these images, in percent."""
    by_name = {}
    for condition, one in predictions.items():
        by_name.setdefault(condition.words["corruption"], []).append(100 * (1 - one["correct"][images].mean()))
    return {name: float(np.mean(errors)) for name, errors in by_name.items()}


SHIFTS = {name: 0.2 * place for place, name in enumerate(BENCHMARK_15)}


def test_mean_errors_and_mce_have_the_bootstrap_over_images():
    """Beside 4,000 resamples drawn by other code: images are drawn, and each counts under all conditions at once."""
    predictions = of_the_same_images(SHIFTS)
    draw = np.random.default_rng(7)
    again = [mean_errors(predictions, draw.integers(0, MANY, MANY)) for _ in range(4_000)]
    found = by_metric(summaries.corruptions(predictions))
    for metric, statistic in (("mce", metrics.mce), ("mean_error", lambda errors: np.mean(list(errors.values())))):
        number = found[metric]
        low, high = np.quantile([statistic(errors) for errors in again], [0.025, 0.975])
        assert number.value == pytest.approx(statistic(mean_errors(predictions, np.arange(MANY))))
        assert (number.low, number.high) == pytest.approx((low, high), abs=0.12 * (high - low))
        assert (number.n, number.interval_method) == (MANY, OVER_IMAGES)


def test_a_corruptions_ce_has_the_bounds_of_its_mean_error_beside_alexnet():
    found = by_metric(summaries.corruptions(of_the_same_images(SHIFTS)), "corruption=fog")
    of_alexnet = metrics.alexnet("ImageNet-C", "mean_error")["fog"] / 100
    mean, ce = found["mean_error"], found["ce"]
    assert (ce.value, ce.low, ce.high) == pytest.approx(
        tuple(one / of_alexnet for one in (mean.value, mean.low, mean.high)), rel=1e-6
    )
    assert mean.low < mean.value < mean.high


def test_images_that_count_under_all_conditions_leave_more_doubt_than_as_many_predictions():
    predictions = of_the_same_images(dict.fromkeys(BENCHMARK_15, 0.0))
    number = by_metric(summaries.corruption_errors(predictions))["mean_error"]
    correct = sum(int(one["correct"].sum()) for one in predictions.values())
    as_if_all_were_images = wilson(correct, MANY * len(predictions))
    assert number.high - number.low > 300 * (as_if_all_were_images.high - as_if_all_were_images.low)


def test_images_that_are_not_known_to_be_the_same_have_no_interval():
    unknown = of_the_same_images(SHIFTS)
    for one in unknown.values():
        del one[IMAGE]
    others = of_the_same_images(SHIFTS)
    others[BenchmarkCondition("corruption=fog severity=3")][IMAGE] = np.arange(MANY)[::-1]
    for predictions in (unknown, others):
        means = [number for number in summaries.corruptions(predictions) if number.metric != "top1_error"]
        assert {number.condition for number in means if number.metric == "ce"}
        assert all(number.low is None and not number.interval_method for number in means)


def test_alexnets_own_errors_give_a_relative_mce_of_100():
    predictions = corrupted(metrics.alexnet("ImageNet-C", "mean_error").get)
    clean = wrong_in(metrics.alexnet("ImageNet", "top1_error")[""])["correct"]
    found = values(summaries.corruptions({condition: {**one, CLEAN: clean} for condition, one in predictions.items()}))
    assert found["", "relative_mce"] == pytest.approx(100, abs=0.01)
    assert all(found[f"corruption={name}", "relative_ce"] == pytest.approx(100, abs=0.01) for name in BENCHMARK_15)
    assert not {"relative_mce", "relative_ce"} & {metric for _, metric in values(summaries.corruptions(predictions))}


def test_relative_mce_is_bounded_with_the_clean_error_of_the_same_resample():
    clean = np.random.default_rng(2).normal(0, 1, MANY) + 3 > DIFFICULTY
    predictions = of_the_same_images(SHIFTS, clean)
    draw = np.random.default_rng(7)
    again = [
        metrics.relative_mce(mean_errors(predictions, images), 100 * (1 - clean[images].mean()))
        for images in draw.integers(0, MANY, (4_000, MANY))
    ]
    number = by_metric(summaries.corruptions(predictions))["relative_mce"]
    low, high = np.quantile(again, [0.025, 0.975])
    assert number.value == pytest.approx(
        metrics.relative_mce(mean_errors(predictions, np.arange(MANY)), 100 * (1 - clean.mean()))
    )
    assert (number.low, number.high) == pytest.approx((low, high), abs=0.12 * (high - low))


def test_some_of_the_corruptions_have_relative_ces_and_no_mean():
    found = by_metric(summaries.corruptions(of_the_same_images({"fog": 0.5}, DIFFICULTY < 1)), "corruption=fog")
    assert {"ce", "relative_ce"} <= set(found)
    numbers = summaries.corruptions(of_the_same_images({"fog": 0.5}, DIFFICULTY < 1))
    assert not [number for number in numbers if not number.condition]


def test_mfr_and_mt5d_have_the_bootstrap_over_sequences():
    draw = np.random.default_rng(0)
    predictions = {
        along(name): {
            "flip_probability": draw.beta(1, 9, MANY).astype(np.float32),
            "top5_distance": draw.gamma(2, 2, MANY).astype(np.float32),
            IMAGE: np.arange(MANY),
        }
        for name in PERTURBATIONS
    }
    found = by_metric(summaries.perturbations(predictions))
    assert all(found[metric].interval_method == OVER_IMAGES for metric in ("mfr", "mt5d", "flip_probability"))
    base = metrics.alexnet("ImageNet-P", "flip_probability")
    of_each = np.mean(
        [100 * one["flip_probability"] / base[name.values[0]] for name, one in predictions.items()], axis=0
    )
    half = 1.96 * 100 * of_each.std(ddof=1) / MANY**0.5
    assert found["mfr"].value == pytest.approx(100 * of_each.mean(), rel=1e-5)
    assert found["mfr"].high - found["mfr"].value == pytest.approx(half, rel=0.15)
    assert found["mfr"].value - found["mfr"].low == pytest.approx(half, rel=0.15)


def test_a_model_that_never_flips_has_no_interval():
    still = {along("tilt"): {**sequences(0.0, 0.0), IMAGE: np.arange(8)}}
    numbers = {number.metric: number for number in summaries.perturbations(still)}
    assert (numbers["flip_rate"].value, numbers["flip_rate"].low) == (0, None)


def test_shape_bias_of_known_exemplars_stores_the_cluster_bootstraps_bounds():
    shape, texture = np.repeat([DOG, CAT], 20), np.tile([CAT, DOG], 20)
    texture[shape == texture] = BEAR
    predictions = votes(shape, texture, np.where(np.arange(40) % 20 < 8, shape, texture))
    alone = {number.metric: number for number in summaries.shape_bias(ONE_RULE)(predictions)}
    assert all(number.low is None for number in alone.values()), "Wilson's follow from value and n"
    predictions[ALONE] |= {SHAPE_EXEMPLAR: np.arange(40) // 4, TEXTURE_EXEMPLAR: np.arange(40) % 3}
    found = {number.metric: number for number in summaries.shape_bias(ONE_RULE)(predictions)}
    assert {number.interval_method for number in found.values()} == {OVER_EXEMPLARS}
    plain = wilson(16, 40)
    assert found["shape_bias"].value == pytest.approx(40)
    assert found["shape_bias"].low < 100 * plain.low
    assert found["shape_bias"].high > 100 * plain.high
