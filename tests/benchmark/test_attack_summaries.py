"""From predictions about attacks and certificates, written down by hand, to numbers that are known."""

from math import inf, isnan

import numpy as np
import pytest

from robust_core.attacks.config import AttackConfig
from robust_core.benchmark.attack_summaries import RADIUS_STEP, certificates, smallest_changes, under_attacks
from robust_core.benchmark.experiments_imagenet import EPS_IN_255
from robust_core.certificates.smoothing import Smoothing
from robust_core.intervals import ORDER_STATISTICS, median, median_bounds
from robust_core.results import BenchmarkCondition

# radii and what is certified at each, in percent
NARROW = (("0", "0.25", "0.5"), (60, 40, 20))
WIDE = (("0", "0.25", "0.5", "0.75", "1"), (60, 40, 40, 20, 20))
PGD, FGSM = AttackConfig.of("pgd", "linf", 8 / 255, 7), AttackConfig.of("fgsm", "linf", 8 / 255)


def by_metric(numbers):
    return {(number.metric, number.condition): number for number in numbers}


def smallest(*in_255ths):
    eps = np.array(in_255ths, np.float32) / np.float32(255)
    return by_metric(smallest_changes(EPS_IN_255)({BenchmarkCondition(): {"smallest_eps": eps}}))


def test_every_attack_has_its_own_steps_and_the_clean_images_are_counted_once():
    clean = np.array([True, True, True, False])
    predictions = {
        BenchmarkCondition("attack=fgsm"): {"clean_correct": clean, "correct": np.array([True, True, False, False])},
        BenchmarkCondition("attack=pgd"): {"clean_correct": clean, "correct": np.array([True, False, False, False])},
    }
    numbers = list(under_attacks((PGD, FGSM))(predictions))
    assert [(one.metric, one.condition, one.value, one.n) for one in numbers] == [
        ("top1", "", 75, 4),
        ("top1_under_attack", "attack=fgsm steps=1", 50, 4),
        ("top1_under_attack", "attack=pgd steps=7", 25, 4),
    ]
    assert {one.unit for one in numbers} == {"%"}
    alone = list(under_attacks((PGD, FGSM))({BenchmarkCondition("attack=pgd"): predictions["attack=pgd"]}))
    assert [one.value for one in alone] == [75, 25]


def test_accuracy_falls_at_each_smallest_eps_and_the_median_is_of_what_was_right():
    found = smallest(0, 0, 0.5, 1.5, 3, 3.5, 5, 9, 30, inf)
    left = {condition: one.value for (metric, condition), one in found.items() if metric == "top1_under_attack"}
    assert left == dict(zip(EPS_IN_255, (70, 60, 40, 30), strict=True))
    assert found["top1", ""].value == 80
    number = found["median_smallest_eps", ""]
    assert (number.value, number.unit, number.n) == (pytest.approx(3.5, rel=1e-6), "255ths", 8)
    assert (number.low, number.high) == (None, None), "the upper bound of eight values is the last, which is not known"
    assert all(one.n == 10 for one in found.values() if one is not number)


def test_a_median_has_the_bounds_of_its_order_statistics():
    each = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 20.0]
    number = smallest(*each)["median_smallest_eps", ""]
    assert (number.value, number.low, number.high) == pytest.approx((6, *median_bounds(each)), rel=1e-6)
    assert number.interval_method == ORDER_STATISTICS


@pytest.mark.parametrize("never", [(inf, inf, inf, 1), (0, 0), (0, inf, inf)])
def test_where_half_of_them_are_never_fooled_there_is_no_median(never):
    found = smallest(*never)
    assert {metric for metric, _ in found} == {"top1", "top1_under_attack"}


def test_the_median_is_reached_by_half():
    assert [median(of) for of in ([4], [3, 1], [5, 1, 3], [inf, 2, 1, inf])] == [4, 1, 3, 2]
    assert isnan(median([]))


def test_certified_accuracy_falls_with_the_radius_up_to_the_ceiling_and_a_wrong_class_certifies_nothing():
    smoothings = (Smoothing(0.25), Smoothing(0.5))
    wide = {
        "correct": np.array([True, True, True, False, False]),
        "abstains": np.array([False, False, False, False, True]),
        "radius": np.array([1.1, 0.5, 0.2, 0.9, 0.0]),
    }
    narrow = {**wide, "radius": np.array([0.6, 0.25, 0.2, 0.5, 0.0])}
    predictions = {BenchmarkCondition("sigma=0.25"): narrow, BenchmarkCondition("sigma=0.50"): wide}
    numbers = [(one.metric, one.condition, one.value) for one in certificates(smoothings)(predictions)]
    assert numbers == [
        *(("certified_accuracy", f"sigma=0.25 radius={radius}", share) for radius, share in zip(*NARROW, strict=True)),
        ("abstention_rate", "sigma=0.25", 20),
        *(("certified_accuracy", f"sigma=0.50 radius={radius}", share) for radius, share in zip(*WIDE, strict=True)),
        ("abstention_rate", "sigma=0.50", 20),
    ]
    assert 0.5 < smoothings[0].ceiling < 0.5 + RADIUS_STEP
    assert 1 < smoothings[1].ceiling < 1 + RADIUS_STEP
