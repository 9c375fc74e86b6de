from dataclasses import replace

import numpy as np
import pytest

from robust_core.attributions.checks import CHECKS, failures
from robust_core.attributions.quality import STEPS, AttributionMetrics, Curves
from tests import tiny
from tests.attributions.networks import attribute, curved


def curves(score: float) -> Curves:
    return Curves(np.full(STEPS + 1, 0.5 + score / 2), np.full(STEPS + 1, 0.5 - score / 2))


GOOD = AttributionMetrics(0.1, 0.2, curves(0.6), (curves(0.1), curves(0.2)))


@pytest.fixture
def complete():
    return attribute(curved(), tiny.images(1), "deeplift")


def test_a_good_map_fails_nothing(complete):
    assert failures(complete, GOOD) == ()
    assert failures(complete, None) == ()


@pytest.mark.parametrize(
    ("key", "metrics"),
    [
        ("random", replace(GOOD, controls=(curves(0.1), curves(0.7)))),
        ("max_sensitivity", replace(GOOD, sensitivity=1.4)),
    ],
)
def test_each_rule_fails_alone(complete, key, metrics):
    assert [check.key for check in failures(complete, metrics)] == [key]


def test_a_map_that_does_not_add_up_fails_before_any_evidence(complete):
    assert [check.key for check in failures(replace(complete, map=0.5 * complete.map), None)] == ["gap"]


def test_every_rule_has_a_sentence():
    assert all(check.sentence.endswith(".") for check in CHECKS)
    assert len({check.key for check in CHECKS}) == len(CHECKS)
