"""From predictions to numbers, as in `summaries.py`, where attacks of the table, smallest changes or certificates were
asked for.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from math import isfinite

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.benchmark.attack_tasks import ABSTAINS, ATTACK, RADIUS, SIGMA, SMALLEST_EPS
from robust_core.benchmark.image_means import CLEAN, Bounds, ByCondition
from robust_core.benchmark.summaries import OVER_ALL, Number, Summary, percent
from robust_core.certificates.smoothing import Smoothing
from robust_core.intervals import ORDER_STATISTICS, median, median_bounds
from robust_core.results import IN_255THS, BenchmarkCondition

LEVELS = 255
RADIUS_STEP = 0.25  # from one radius to the next, the same at every sigma
WITHOUT_ATTACK = "the same images without an attack"
RIGHT_WHEN_CLEAN = "of the images that are right when clean"


def under_attacks(attacks: tuple[AttackConfig, ...]) -> Summary:
    """Accuracy under each of `attacks` after its own number of steps, and without any."""
    return partial(_under_attacks, {one.attack: one.steps for one in attacks})


def _under_attacks(steps: dict[str, int], predictions: ByCondition) -> Iterator[Number]:
    clean = next(iter(predictions.values()))[CLEAN]  # the same under every attack
    yield _top1(clean)
    for condition, prediction in predictions.items():
        at_its_end = condition.and_at(steps=steps[condition.words[ATTACK]])
        yield _left(at_its_end, prediction["correct"])


def smallest_changes(at: Sequence[BenchmarkCondition]) -> Summary:
    """The median of the smallest eps over the images that are right when clean; accuracy at each eps of the conditions
    `at`, and without an attack.
    """
    return partial(_smallest_changes, at)


def _smallest_changes(at: Sequence[BenchmarkCondition], predictions: ByCondition) -> Iterator[Number]:
    (prediction,) = predictions.values()
    smallest = prediction[SMALLEST_EPS].astype(np.float64)
    right = smallest > 0
    yield _top1(right)
    yield from _median(smallest[right].tolist())
    for condition in at:
        yield _left(condition, smallest > float(condition.words["eps"]))


def _median(smallest: list[float]) -> Iterator[Number]:
    """Nothing where half of the images are never fooled, or none is right; no bounds where they are not finite."""
    middle = median(smallest)
    if not isfinite(middle):
        return
    low, high = (round(LEVELS * bound, 6) if isfinite(bound) else bound for bound in median_bounds(smallest))
    bounds = Bounds(low=low, high=high, interval_method=ORDER_STATISTICS) if isfinite(high) else Bounds()
    value = round(LEVELS * middle, 6)
    yield Number(OVER_ALL, "median_smallest_eps", value, IN_255THS, len(smallest), RIGHT_WHEN_CLEAN, **bounds)


def certificates(smoothings: tuple[Smoothing, ...]) -> Summary:
    """Certified accuracy at each radius that can be certified, and how often the smoothed model abstains."""
    return partial(_certificates, {one.sigma: one.ceiling for one in smoothings})


def _certificates(ceilings: dict[float, float], predictions: ByCondition) -> Iterator[Number]:
    for condition, prediction in predictions.items():
        right, n = prediction["correct"], len(prediction["correct"])
        for radius in np.arange(0, ceilings[float(condition.words[SIGMA])], RADIUS_STEP).tolist():
            held = right & (prediction[RADIUS] >= radius)
            yield Number(condition.and_at(radius=f"{radius:g}"), "certified_accuracy", percent(held), "%", n)
        yield Number(condition, "abstention_rate", percent(prediction[ABSTAINS]), "%", n)


def _top1(right: np.ndarray) -> Number:
    return Number(OVER_ALL, "top1", percent(right), "%", len(right), WITHOUT_ATTACK)


def _left(condition: BenchmarkCondition, right: np.ndarray) -> Number:
    return Number(condition, "top1_under_attack", percent(right), "%", len(right))
