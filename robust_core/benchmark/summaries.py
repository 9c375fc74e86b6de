"""From the predictions of a run to its numbers: one function for each way in which an experiment is counted; none
touches a tensor.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from robust_core.benchmark import metrics
from robust_core.benchmark.image_means import CLEAN, Bounds, ByCondition, Means, Statistic, means_of
from robust_core.benchmark.metrics import IMAGES_PER_BIN, aurra, rms_calibration_error
from robust_core.benchmark.tasks import UnitPredictions
from robust_core.corruptions.table import BENCHMARK_15
from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import tally
from robust_core.intervals import WILSON, Interval
from robust_core.results import BenchmarkCondition

SEVERITIES = 5
PERTURBATIONS_OF_MEAN = 10
OVER_ALL = BenchmarkCondition()
REAL, NO_REAL_LABEL = "real", -1  # by the ReaL labels 1 is right, 0 wrong
REAL_NOTE = "right is what is among the ReaL labels, images without any left out"
OVER_SEVERITIES = "mean of severities 1 to 5"
BESIDE_ALEXNET = "% of AlexNet"
CORRUPTION, PERTURBATION = "corruption", "perturbation"
SHAPE_EXEMPLAR, TEXTURE_EXEMPLAR = "shape_exemplar", "texture_exemplar"  # fields of predictions, numbers from 0
Ratios = TypeVar("Ratios")


@dataclass(frozen=True)
class Number:
    """A result that does not know yet whose it is; `note` is added to the protocol, `suffix` to the benchmark's
    name. The bounds are as in `results.Result`.
    """

    condition: BenchmarkCondition
    metric: str
    value: float
    unit: str
    n: int
    note: str = ""
    suffix: str = ""
    low: float | None = None
    high: float | None = None
    interval_method: str = ""


Summary = Callable[[ByCondition], Iterator[Number]]


def accuracy(predictions: ByCondition) -> Iterator[Number]:
    """top1 and top5 in percent, and real_accuracy of what is known to be a validation image."""
    for condition, prediction in predictions.items():
        n = len(prediction["correct"])
        yield Number(condition, "top1", percent(prediction["correct"]), "%", n)
        yield Number(condition, "top5", percent(prediction["in_top5"]), "%", n)
        real = prediction.get(REAL, np.empty(0))
        labelled = real[real != NO_REAL_LABEL]
        if len(labelled):
            yield Number(condition, "real_accuracy", percent(labelled), "%", len(labelled), REAL_NOTE)


def calibrated_accuracy(predictions: ByCondition) -> Iterator[Number]:
    """top1, top5, and RMS calibration error and AURRA, each as published with its quirk and corrected."""
    yield from accuracy(predictions)
    for condition, prediction in predictions.items():
        confidence, correct = prediction["confidence"], prediction["correct"]
        for suffix, as_published in (("", True), ("_corrected", False)):
            number = partial(Number, condition, n=len(correct))
            if len(correct) >= 2 * IMAGES_PER_BIN:
                value = 100 * rms_calibration_error(confidence, correct, as_published=as_published)
                note = "bins of 100, the last one left out" if as_published else "bins of 100"
                yield number(metric=f"rms_calibration_error{suffix}", value=value, unit="percentage points", note=note)
            value = 100 * aurra(confidence, correct, as_published=as_published)
            note = (
                "mean accuracy over all response rates"
                if as_published
                else "mean accuracy over all response rates, ties shared"
            )
            yield number(metric=f"aurra{suffix}", value=value, unit="% over response rates", note=note)


def corruption_errors(predictions: ByCondition) -> Iterator[Number]:
    """The top-1 error by severity; its mean over severities 1 to 5, and over the 15 corruptions, wherever all of them
    are there.
    """
    for condition, prediction in predictions.items():
        error, n = 100 - percent(prediction["correct"]), len(prediction["correct"])
        yield Number(condition, "top1_error", error, "%", n)
    means = _mean_errors(predictions)
    yield from _by_name(means, CORRUPTION, "mean_error", "%", dict)
    if set(means.values) == set(BENCHMARK_15):
        yield _over_all(means, "mean_error", "%", lambda errors: sum(errors.values()) / len(errors), OVER_SEVERITIES)


def corruptions(predictions: ByCondition) -> Iterator[Number]:
    """What `corruption_errors` gives, and beside AlexNet: CE by corruption, and mCE over all 15; relative CE and mCE
    too where each image's prediction without a corruption is known.
    """
    yield from corruption_errors(predictions)
    means = _mean_errors(predictions)
    yield from _by_name(means, CORRUPTION, "ce", BESIDE_ALEXNET, metrics.corruption_errors)
    whole = set(means.values) == set(BENCHMARK_15)
    if whole:
        yield _over_all(means, "mce", BESIDE_ALEXNET, metrics.mce, OVER_SEVERITIES)
    if all(CLEAN in prediction for prediction in predictions.values()):
        added = _with_clean(predictions)
        yield from _by_name(
            added, CORRUPTION, "relative_ce", BESIDE_ALEXNET, _relative(metrics.relative_corruption_errors)
        )
        if whole:
            yield _over_all(added, "relative_mce", BESIDE_ALEXNET, _relative(metrics.relative_mce), OVER_SEVERITIES)


def prediction_stability(predictions: ByCondition) -> Iterator[Number]:
    """Flip probability and top-5 distance by perturbation, and their means over the ten; n counts frame sequences."""
    for metric, unit in (("flip_probability", "%"), ("top5_distance", "ranks")):
        means = _mean_stability(predictions, metric)
        yield from _by_name(means, PERTURBATION, metric, unit, dict)
        if len(means.values) == PERTURBATIONS_OF_MEAN:
            yield _over_all(means, metric, unit, lambda of: sum(of.values()) / len(of), "mean of 10 perturbations")


def perturbations(predictions: ByCondition) -> Iterator[Number]:
    """What `prediction_stability` gives, and beside AlexNet: FR and T5D by perturbation, mFR and mT5D over all ten."""
    yield from prediction_stability(predictions)
    for metric, ratio, ratios, mean_ratio, mean in (
        ("flip_probability", "flip_rate", metrics.flip_rates, "mfr", metrics.mfr),
        ("top5_distance", "top5_ratio", metrics.top5_ratios, "mt5d", metrics.mt5d),
    ):
        means = _mean_stability(predictions, metric)
        yield from _by_name(means, PERTURBATION, ratio, BESIDE_ALEXNET, ratios)
        if len(means.values) == PERTURBATIONS_OF_MEAN:
            yield _over_all(means, mean_ratio, BESIDE_ALEXNET, mean)


def _mean_errors(predictions: ByCondition) -> Means:
    """The top-1 error in percent by corruption, the mean of severities 1 to 5, where all of them are there."""
    return means_of(predictions, _severities(predictions), _error)


def _with_clean(predictions: ByCondition) -> Means:
    """The same, and under "" the error on the images as they were."""
    some = next(iter(predictions.values()))
    clean = {**some, "correct": some[CLEAN]}
    return means_of({**predictions, OVER_ALL: clean}, {**_severities(predictions), "": [OVER_ALL]}, _error)


def _severities(predictions: ByCondition) -> dict[str, list[BenchmarkCondition]]:
    """The conditions of each corruption of which all severities are there."""
    conditions: defaultdict[str, list[BenchmarkCondition]] = defaultdict(list)
    for condition in predictions:
        conditions[condition.words[CORRUPTION]].append(condition)
    return {name: of_name for name, of_name in conditions.items() if len(of_name) == SEVERITIES}


def _error(prediction: UnitPredictions) -> np.ndarray:
    """The top-1 error of each image (N,) in percent, 0 or 100."""
    return 100.0 * ~prediction["correct"]


def _relative(of: Callable[[Mapping[str, float], float], Ratios]) -> Callable[[Mapping[str, float]], Ratios]:
    """A function of mean errors and a clean error as one of errors that have the clean one under ""."""
    return lambda errors: of({name: error for name, error in errors.items() if name}, errors[""])


def _mean_stability(predictions: ByCondition, metric: str) -> Means:
    """The mean over sequences by perturbation: flip probabilities in percent, top-5 distances in ranks."""
    parts = {condition.words[PERTURBATION]: [condition] for condition in predictions}
    scale = 100.0 if metric == "flip_probability" else 1.0
    return means_of(predictions, parts, lambda prediction: scale * prediction[metric].astype(np.float64))


def _by_name(
    means: Means, kind: str, metric: str, unit: str, ratios: Callable[[Mapping[str, float]], Mapping[str, float]]
) -> Iterator[Number]:
    """A number for each corruption or perturbation, from what `ratios` makes of the means."""
    note = OVER_SEVERITIES if kind == CORRUPTION else ""
    for name in filter(None, means.values):
        bounded = means.bounded(_of_one(name, ratios), means.n[name])
        yield Number(BenchmarkCondition.of(**{kind: name}), metric, unit=unit, n=means.n[name], note=note, **bounded)


def _of_one(name: str, ratios: Callable[[Mapping[str, float]], Mapping[str, float]]) -> Statistic:
    """What `ratios` makes of the mean called `name`, and of the clean one where there is one."""
    return lambda means: ratios({one: mean for one, mean in means.items() if one in (name, "")})[name]


def _over_all(means: Means, metric: str, unit: str, mean: Statistic, note: str = "") -> Number:
    n = min(means.n.values())
    return Number(OVER_ALL, metric, unit=unit, n=n, note=note, **means.bounded(mean, n))


def by_steps(recorded: tuple[int, ...]) -> Summary:
    """Accuracy under attack after each of the `recorded` numbers of steps, and without an attack (steps=0)."""
    return partial(_by_steps, recorded)


def _by_steps(recorded: tuple[int, ...], predictions: ByCondition) -> Iterator[Number]:
    for condition, prediction in predictions.items():
        for step in (0, *recorded):
            yield Number(
                condition.and_at(steps=step),
                "top1_under_attack",
                percent(prediction["correct"][:, step]),
                "%",
                len(prediction["correct"]),
            )


def after_attack(steps: int) -> Summary:
    """Accuracy on images that were attacked elsewhere in `steps` steps."""
    return partial(_after_attack, steps)


def _after_attack(steps: int, predictions: ByCondition) -> Iterator[Number]:
    for condition, prediction in predictions.items():
        yield Number(
            condition.and_at(steps=steps),
            "top1_under_attack",
            percent(prediction["correct"]),
            "%",
            len(prediction["correct"]),
        )


@dataclass(frozen=True)
class RuleName:
    """How results under a decision rule, by its `key`, are named: what is added to the benchmark's name, and the
    protocol in words.
    """

    key: str
    suffix: str
    protocol: str


def shape_bias(rules: tuple[RuleName, ...]) -> Summary:
    """Shape bias, whose n are the decided images, and coverage, under each of `rules`.

    An image without a conflict counts as Orhan 2019 counted it, twice, in rows of its own; all other rows leave it
    out.
    """
    return partial(_shape_bias, rules)


def _shape_bias(rules: tuple[RuleName, ...], predictions: ByCondition) -> Iterator[Number]:
    for condition, prediction in predictions.items():
        conflict = prediction["shape"] != prediction["texture"]
        for kept in [conflict, np.ones_like(conflict)] if not conflict.all() else [conflict]:
            yield from _shape_bias_of(rules, condition, prediction, kept)


def _shape_bias_of(
    rules: tuple[RuleName, ...], condition: BenchmarkCondition, prediction: UnitPredictions, kept: np.ndarray
) -> Iterator[Number]:
    """Of the `kept` rows (N,) bool of a prediction under one condition."""
    stimuli = _stimuli(prediction, kept)
    counted = condition.and_at(pictures=len(stimuli))
    all_conflict = (prediction["shape"] != prediction["texture"])[kept].all()
    twice = "" if all_conflict else ", of which the one without a conflict counts twice where it is answered"
    for rule in rules:
        votes = tally(prediction[rule.key][kept].tolist(), stimuli)
        note = f"{rule.protocol}; {len(stimuli):,} images{twice}"
        number = partial(Number, counted, unit="%", note=note, suffix=rule.suffix)
        if votes.shape_bias is not None:
            bounds = _bounds(votes.shape_bias_interval)
            yield number(metric="shape_bias", value=100 * votes.shape_bias, n=votes.decided, **bounds)
        if votes.coverage is not None:
            yield number(metric="coverage", value=100 * votes.coverage, n=votes.n, **_bounds(votes.coverage_interval))


def _stimuli(prediction: UnitPredictions, kept: np.ndarray) -> list[Stimulus]:
    """What the `kept` rows (N,) bool of a prediction were about, with their exemplars where these are known."""
    cues = [prediction[name][kept].tolist() for name in ("shape", "texture")]
    exemplars = [prediction.get(name) for name in (SHAPE_EXEMPLAR, TEXTURE_EXEMPLAR)]
    known = [one[kept].astype(str).tolist() for one in exemplars if one is not None]
    of_each: Sequence[tuple[str, str] | None] = list(zip(*known, strict=True)) if known else [None] * len(cues[0])
    return [
        Stimulus("", "", NAMES[shape], NAMES[texture], pair)
        for shape, texture, pair in zip(*cues, of_each, strict=True)
    ]


def _bounds(interval: Interval | None) -> Bounds:
    """The bounds of an interval in percent; Wilson's follow from value and n."""
    if interval is None or interval.method == WILSON:
        return Bounds()
    low, high = (round(100 * bound, 6) for bound in (interval.low, interval.high))
    return Bounds(low=low, high=high, interval_method=interval.method)


def percent(correct: np.ndarray) -> float:
    """How many of `correct` (N,) are true, or 1."""
    return 100 * float(correct.mean(dtype=np.float64))
