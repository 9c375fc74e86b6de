"""All the evidence about a map, on planted cases."""

from dataclasses import replace

import numpy as np
import pytest

from robust_core.attributions.costs import FORWARD, passes
from robust_core.attributions.quality import (
    AttributionMetrics,
    add_controls,
    evaluate,
    evidence_passes,
    rank_correlation,
)
from robust_core.attributions.random_controls import MOST, random_map
from robust_core.attributions.sensitivity import NEARBY
from robust_core.errors import UnknownName
from robust_core.events import Progress, result_of
from tests import tiny
from tests.attributions.networks import attribute, blob, curved, red_finder
from tests.outcomes import events_and_result


@pytest.mark.parametrize("method", ["grad_cam", "occlusion", "integrated_gradients"])
def test_on_a_planted_case_insertion_beats_deletion_and_random_maps(method):
    model, pixels = red_finder(), blob()
    metrics = result_of(evaluate(model, pixels, attribute(model, pixels, method)))
    assert metrics.curves.insertion_area > metrics.curves.deletion_area
    assert metrics.controls.beaten
    assert metrics.infidelity.best_scale < 0.6


def test_a_random_map_does_not_beat_random_maps():
    model, pixels = red_finder(), blob()
    found = attribute(model, pixels, "saliency")
    spectrum = np.abs(np.fft.rfft2(found.map.astype(np.float64)))
    random = replace(found, values=random_map(spectrum, found.map.shape, 1)[None])
    assert not result_of(evaluate(model, pixels, random)).controls.beaten


def test_random_maps_come_when_they_are_asked_for_and_change_nothing_else():
    model, pixels = curved(), tiny.images(1)
    found = attribute(model, pixels, "saliency")
    without = result_of(evaluate(model, pixels, found, controls=False))
    assert without.controls is None
    assert without.most_passes_of_controls == MOST * 2 * 17
    assert without.seconds_a_pass > 0
    added = result_of(add_controls(model, pixels, found, without))
    assert (added.infidelity, added.sensitivity, added.curves) == (
        without.infidelity,
        without.sensitivity,
        without.curves,
    )
    at_once = result_of(evaluate(model, pixels, found))
    assert [one.score for one in added.controls.curves] == [one.score for one in at_once.controls.curves]


def test_the_evidence_is_the_same_each_time_and_reports_on_the_way():
    model, pixels = curved(), tiny.images(1)
    found = attribute(model, pixels, "smoothgrad", samples=8)
    news, first = events_and_result(evaluate(model, pixels, found))
    second = result_of(evaluate(model, pixels, found))
    assert isinstance(first, AttributionMetrics)
    assert all(isinstance(event, Progress) for event in news)
    assert (first.infidelity, first.sensitivity) == (second.infidelity, second.sensitivity)
    np.testing.assert_array_equal(first.curves.insertion, second.curves.insertion)


@pytest.mark.parametrize("method", ["saliency", "occlusion"])
def test_a_forecast_counts_every_pass_of_the_evidence(method):
    model, pixels = curved(), tiny.images(1)
    found, seen = attribute(model, pixels, method), []
    hook = model.network.register_forward_hook(lambda _network, inputs, _logits: seen.append(len(inputs[0])))
    result_of(evaluate(model, pixels, found, controls=False))
    hook.remove()
    explained = NEARBY * (1 if method == "saliency" else passes(method, dict(found.settings)) / FORWARD)
    assert evidence_passes(found, "16_steps") >= sum(seen) - explained
    assert evidence_passes(found, "16_steps") <= 2 * sum(seen)


def test_an_unknown_protocol_is_refused():
    model, pixels = curved(), tiny.images(1)
    with pytest.raises(UnknownName, match="16_steps"):
        result_of(evaluate(model, pixels, attribute(model, pixels, "saliency"), protocol="16 steps"))


def test_rank_correlation_sees_order_alone():
    one = np.random.default_rng(0).standard_normal((8, 8))
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert abs(rank_correlation(one, np.random.default_rng(1).standard_normal((8, 8)))) < 0.3
    assert rank_correlation(one, np.zeros((8, 8))) is None
