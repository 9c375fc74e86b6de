"""From the predictions of a run to its numbers: one function for each way in which an experiment is counted; none
touches a tensor.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from robust_core.benchmark import metrics
from robust_core.benchmark.metrics import IMAGES_PER_BIN, aurra, rms_calibration_error
from robust_core.benchmark.tasks import UnitPredictions
from robust_core.corruptions.table import BENCHMARK_15
from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import tally
from robust_core.results import BenchmarkCondition

SEVERITIES = 5
PERTURBATIONS_OF_MEAN = 10
OVER_ALL = BenchmarkCondition()
REAL, NO_REAL_LABEL = "real", -1  # by the ReaL labels 1 is right, 0 wrong
REAL_NOTE = "right is what is among the ReaL labels, images without any left out"


@dataclass(frozen=True)
class Number:
    """A result that does not know yet whose it is; `note` is added to the protocol, `suffix` to the benchmark's
    name.
    """

    condition: BenchmarkCondition
    metric: str
    value: float
    unit: str
    n: int
    note: str = ""
    suffix: str = ""


ByCondition = Mapping[BenchmarkCondition, UnitPredictions]
Summary = Callable[[ByCondition], Iterator[Number]]


def accuracy(predictions: ByCondition) -> Iterator[Number]:
    """top1 and top5 in percent, and real_accuracy of what is known to be a validation image."""
    for condition, prediction in predictions.items():
        n = len(prediction["correct"])
        yield Number(condition, "top1", _percent(prediction["correct"]), "%", n)
        yield Number(condition, "top5", _percent(prediction["in_top5"]), "%", n)
        real = prediction.get(REAL, np.empty(0))
        labelled = real[real != NO_REAL_LABEL]
        if len(labelled):
            yield Number(condition, "real_accuracy", _percent(labelled), "%", len(labelled), REAL_NOTE)


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
    by_corruption: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for condition, prediction in predictions.items():
        error, n = 100 - _percent(prediction["correct"]), len(prediction["correct"])
        yield Number(condition, "top1_error", error, "%", n)
        words = condition.words
        by_corruption[words["corruption"]][int(words["severity"])] = error
    means = {
        name: float(np.mean(list(errors.values())))
        for name, errors in by_corruption.items()
        if len(errors) == SEVERITIES
    }
    for name, mean in means.items():
        yield Number(BenchmarkCondition.of(corruption=name), "mean_error", mean, "%", n, "mean of severities 1 to 5")
    if set(means) == set(BENCHMARK_15):
        yield Number(OVER_ALL, "mean_error", float(np.mean(list(means.values()))), "%", n, "mean of severities 1 to 5")


def corruptions(predictions: ByCondition) -> Iterator[Number]:
    """What `corruption_errors` gives, and beside AlexNet: CE by corruption, and mCE over all 15."""
    numbers = list(corruption_errors(predictions))
    yield from numbers
    means = {one.condition.words["corruption"]: one for one in numbers if one.metric == "mean_error" and one.condition}
    errors = {name: one.value for name, one in means.items()}
    for name, ratio in metrics.corruption_errors(errors).items():
        yield Number(means[name].condition, "ce", ratio, "% of AlexNet", means[name].n, "mean of severities 1 to 5")
    if set(errors) == set(BENCHMARK_15):
        n = next(iter(means.values())).n
        yield Number(OVER_ALL, "mce", metrics.mce(errors), "% of AlexNet", n, "mean of severities 1 to 5")


def prediction_stability(predictions: ByCondition) -> Iterator[Number]:
    """Flip probability and top-5 distance by perturbation, and their means over the ten; n counts frame sequences."""
    for metric, unit, scale in (("flip_probability", "%", 100), ("top5_distance", "ranks", 1)):
        means = {
            condition: scale * float(prediction[metric].mean(dtype=np.float64))
            for condition, prediction in predictions.items()
        }
        n = min(len(prediction[metric]) for prediction in predictions.values())
        yield from (
            Number(condition, metric, mean, unit, len(predictions[condition][metric]))
            for condition, mean in means.items()
        )
        if len(means) == PERTURBATIONS_OF_MEAN:
            yield Number(OVER_ALL, metric, float(np.mean(list(means.values()))), unit, n, "mean of 10 perturbations")


def perturbations(predictions: ByCondition) -> Iterator[Number]:
    """What `prediction_stability` gives, and beside AlexNet: FR and T5D by perturbation, mFR and mT5D over all ten."""
    numbers = list(prediction_stability(predictions))
    yield from numbers
    for metric, ratio, ratios, mean_ratio, mean in (
        ("flip_probability", "flip_rate", metrics.flip_rates, "mfr", metrics.mfr),
        ("top5_distance", "top5_ratio", metrics.top5_ratios, "mt5d", metrics.mt5d),
    ):
        own = {one.condition.words["perturbation"]: one for one in numbers if one.metric == metric and one.condition}
        values = {name: one.value for name, one in own.items()}
        for name, value in ratios(values).items():
            yield Number(own[name].condition, ratio, value, "% of AlexNet", own[name].n)
        if len(values) == PERTURBATIONS_OF_MEAN:
            yield Number(OVER_ALL, mean_ratio, mean(values), "% of AlexNet", min(one.n for one in own.values()))


def by_steps(recorded: tuple[int, ...]) -> Summary:
    """Accuracy under attack after each of the `recorded` numbers of steps, and without an attack (steps=0)."""
    return partial(_by_steps, recorded)


def _by_steps(recorded: tuple[int, ...], predictions: ByCondition) -> Iterator[Number]:
    for condition, prediction in predictions.items():
        for step in (0, *recorded):
            yield Number(
                condition.and_at(steps=step),
                "top1_under_attack",
                _percent(prediction["correct"][:, step]),
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
            _percent(prediction["correct"]),
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
    (prediction,) = predictions.values()
    conflict = prediction["shape"] != prediction["texture"]
    for kept in [conflict, np.ones_like(conflict)] if not conflict.all() else [conflict]:
        stimuli = [
            Stimulus("", "", NAMES[shape], NAMES[texture])
            for shape, texture in zip(prediction["shape"][kept], prediction["texture"][kept], strict=True)
        ]
        condition = BenchmarkCondition.of(pictures=len(stimuli))
        twice = (
            "" if conflict[kept].all() else ", of which the one without a conflict counts twice where it is answered"
        )
        for rule in rules:
            votes = tally(prediction[rule.key][kept].tolist(), stimuli)
            note = f"{rule.protocol}; {len(stimuli):,} pictures{twice}"
            number = partial(Number, condition, unit="%", note=note, suffix=rule.suffix)
            if votes.shape_bias is not None:
                yield number(metric="shape_bias", value=100 * votes.shape_bias, n=votes.decided)
            if votes.coverage is not None:
                yield number(metric="coverage", value=100 * votes.coverage, n=votes.n)


def _percent(correct: np.ndarray) -> float:
    return 100 * float(correct.mean(dtype=np.float64))
