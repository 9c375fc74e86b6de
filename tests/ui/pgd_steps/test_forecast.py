from dataclasses import replace

import pytest

from robust_core.data.image_set import ImageSet
from robust_core.models.catalogue import get_spec
from robust_core.studies.attack_curve import AttackCurveRequest, Trajectory
from robust_core.ui.pgd_steps import forecast
from tests.attacks.steps import trajectory
from tests.attacks.threats import threat

SPEC, OTHER = get_spec("mini_resnext"), get_spec("mini_resnext_wsl")
IMAGES = ImageSet(tuple("abcd"), {}.__getitem__, "Test", "made in a test", names=tuple("ABCD"))


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch):
    monkeypatch.setattr(forecast, "_seconds", type(forecast._seconds)(forecast.Durations))


def took(spec, seconds, steps):
    attacked = threat(steps=steps)
    return Trajectory(spec, "cpu", tuple(trajectory([3, 4], [[3, 4]] * (steps + 1), threat_model=attacked)), seconds)


def test_twice_the_images_and_twice_the_passes_take_four_times_as_long():
    forecast.note([took(SPEC, 3.0, steps=2)])  # two images, three passes each
    request = AttackCurveRequest((SPEC,), IMAGES, (threat(steps=5),))
    assert forecast.seconds(request) == pytest.approx(12.0)
    twice = replace(request, threats=(threat(steps=5, start="random", restarts=2),))
    assert forecast.seconds(twice) == pytest.approx(24.0)


def test_a_model_that_was_never_measured_has_no_forecast():
    forecast.note([took(SPEC, 3.0, steps=2)])
    assert forecast.seconds(AttackCurveRequest((SPEC, OTHER), IMAGES, (threat(),))) is None


def test_a_result_that_is_drawn_again_counts_once():
    first, second = took(SPEC, 3.0, steps=2), took(SPEC, 9.0, steps=2)
    forecast.note([first, first, second])
    assert forecast.seconds(AttackCurveRequest((SPEC,), IMAGES[:2], (threat(steps=2),))) == pytest.approx(6.0)


def test_each_precision_has_its_own_pace_and_begins_with_the_usual_one():
    def asked(precision):
        return AttackCurveRequest((SPEC,), IMAGES[:2], (threat(steps=2, precision=precision),))

    forecast.note([took(SPEC, 3.0, steps=2)])
    assert forecast.seconds(asked("float32")) == pytest.approx(3.0)
    unfolded = took(SPEC, 4.0, steps=2)
    threats = [replace(one, threat=asked("float32").threats[0]) for one in unfolded.steps]
    forecast.note([replace(unfolded, steps=tuple(threats))])
    assert forecast.seconds(asked("float32")) == pytest.approx(4.0)
    assert forecast.seconds(asked("float32_folded")) == pytest.approx(3.0)
