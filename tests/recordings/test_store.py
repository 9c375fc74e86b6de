from datetime import date

import pytest

from robust_core import settings
from robust_core.events import result_of
from robust_core.recordings import store
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest
from tests.attacks.threats import threat
from tests.recordings.test_codec import known_model
from tests.studies.test_attack_curve import image_set


@pytest.fixture
def request_of_tiny(tiny_model, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "SHIPPED_CACHE", tmp_path)
    monkeypatch.setitem(*known_model(tiny_model))
    return AttackCurveRequest((tiny_model,), image_set([3]), (threat(steps=2),))


def test_a_request_finds_its_recording_and_no_other_does(request_of_tiny, tiny_model):
    assert store.find(request_of_tiny) is None
    result = result_of(attack_curve.run(request_of_tiny))
    store.write(request_of_tiny, result, "2026-01-02")
    found = store.find(request_of_tiny)
    assert date.fromisoformat(found.made_on) == date(2026, 1, 2)
    assert "torch" in found.machine
    assert found.result.frame.equals(result.frame)
    assert store.find(AttackCurveRequest((tiny_model,), image_set([3, 4]), (threat(steps=2),))) is None
    assert store.find(AttackCurveRequest((tiny_model,), image_set([3]), (threat(steps=3),))) is None


def test_a_recording_that_is_made_anew_is_read_anew(request_of_tiny):
    result = result_of(attack_curve.run(request_of_tiny))
    for day in ("2026-01-02", "2026-01-03"):
        store.write(request_of_tiny, result, day)
        assert store.find(request_of_tiny).made_on == day
