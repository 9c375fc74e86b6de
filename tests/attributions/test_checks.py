from dataclasses import replace

import numpy as np
import pytest

from robust_core.attributions.checks import CHECKS, Light, failures, light
from robust_core.attributions.infidelity import Infidelity
from robust_core.attributions.insertion_deletion import Curves
from robust_core.attributions.quality import AttributionMetrics
from robust_core.attributions.random_controls import MOST, RandomControls
from tests import tiny
from tests.attributions.networks import attribute, curved


def curves(score: float) -> Curves:
    return Curves(np.full(17, 0.5 + score / 2), np.full(17, 0.5 - score / 2))


def controls(*scores: float) -> RandomControls:
    return RandomControls(0.6, tuple(map(curves, scores)))


GOOD = AttributionMetrics(Infidelity(0.1, 0.1), 0.2, curves(0.6), "16_steps", 0.01, controls(*[0.1] * MOST))


@pytest.fixture
def complete():
    return attribute(curved(), tiny.images(1), "deeplift")


def test_a_good_map_fails_nothing(complete):
    assert failures(complete, GOOD) == ()
    assert failures(complete, None) == ()
    assert failures(complete, replace(GOOD, controls=None)) == ()


@pytest.mark.parametrize(
    ("key", "metrics"),
    [
        ("random", replace(GOOD, controls=controls(0.1, 0.7))),
        ("max_sensitivity", replace(GOOD, sensitivity=1.4)),
    ],
)
def test_each_rule_fails_alone(complete, key, metrics):
    assert [check.key for check in failures(complete, metrics)] == [key]


def test_a_map_that_does_not_add_up_fails_before_any_evidence(complete):
    assert [check.key for check in failures(replace(complete, values=0.5 * complete.values), None)] == ["gap"]


def test_a_map_that_another_seed_would_not_draw_fails_before_any_evidence(complete):
    assert [check.key for check in failures(replace(complete, seed_correlation=0.79), None)] == ["seed"]
    assert failures(replace(complete, seed_correlation=0.81), None) == ()


def test_the_light_says_the_worst_that_the_checks_say(complete):
    assert light(complete, GOOD) is Light.PASSED
    assert light(complete, None) is Light.UNCHECKED
    assert light(complete, replace(GOOD, controls=None)) is Light.PART
    assert light(complete, replace(GOOD, sensitivity=0.6)) is Light.DOUBTFUL
    assert light(complete, replace(GOOD, infidelity=Infidelity(0.1, 0.51), controls=None)) is Light.DOUBTFUL
    assert light(complete, replace(GOOD, sensitivity=1.1, controls=None)) is Light.FAILED


def test_a_map_that_hardly_adds_up_is_doubtful_before_it_fails(complete):
    for factor, expected in ((0.97, Light.PASSED), (0.93, Light.DOUBTFUL), (0.85, Light.FAILED)):
        assert light(replace(complete, values=factor * complete.values), GOOD) is expected


def test_a_method_that_ignores_the_weights_is_doubtful_whatever_its_numbers(complete):
    assert light(replace(complete, method="guided_grad_cam", baseline_score=None), GOOD) is Light.DOUBTFUL


def test_every_rule_has_a_sentence():
    assert all(check.sentence.endswith(".") and check.source for check in CHECKS)
    assert all(check.doubtful_above <= check.fails_above for check in CHECKS)
    assert len({check.key for check in CHECKS}) == len(CHECKS)
