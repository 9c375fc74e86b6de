"""The evidence about a map: oracles, planted cases and controls."""

from dataclasses import replace

import captum.metrics
import numpy as np
import pytest
import torch

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.quality import (
    NEARBY,
    SQUARES,
    AttributionMetrics,
    evaluate,
    infidelity,
    insertion_deletion,
    max_sensitivity,
    random_map,
    random_squares,
    rank_correlation,
)
from robust_core.events import Progress, result_of
from tests import tiny
from tests.attributions.networks import attribute, blob, curved, linear, red_finder
from tests.outcomes import events_and_result

NOISE = np.random.default_rng(7).standard_normal((8, 8)).astype(np.float32)


@pytest.fixture
def weights() -> torch.Tensor:
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def test_an_exact_map_of_a_linear_network_predicts_everything(weights):
    model, pixels = linear(weights), tiny.images(1)
    exact = attribute(model, pixels, "integrated_gradients", baseline="mean grey")
    assert result_of(infidelity(model, pixels, exact)) == pytest.approx(0, abs=1e-6)
    assert result_of(infidelity(model, pixels, replace(exact, map=1000 * exact.map))) == pytest.approx(0, abs=1e-6)


def test_a_map_of_zeros_or_of_the_wrong_sign_predicts_nothing(weights):
    model, pixels = linear(weights), tiny.images(1)
    exact = attribute(model, pixels, "integrated_gradients", baseline="mean grey")
    assert result_of(infidelity(model, pixels, replace(exact, map=0 * exact.map))) == 1
    assert result_of(infidelity(model, pixels, replace(exact, map=-exact.map))) == 1


def test_infidelity_is_captums_normalised_one_over_that_of_zeros():
    model, pixels = curved(), tiny.images(1)
    found = attribute(model, pixels, "occlusion")
    squares, grey = random_squares((8, 8)), make_baseline("mean grey", pixels, model.spec.preprocess)

    def cover(batch):
        return squares.expand(-1, 3, -1, -1), torch.where(squares.bool(), grey, batch)

    def captums(claim):
        spread = torch.from_numpy(claim).expand(1, 3, 8, 8) / 3
        return float(
            captum.metrics.infidelity(
                model.network, cover, pixels, spread, target=0, n_perturb_samples=SQUARES, normalize=True
            )
        )

    assert result_of(infidelity(model, pixels, found)) == pytest.approx(
        captums(found.map) / captums(0 * found.map), rel=1e-3
    )


def test_a_linear_network_has_a_steady_saliency_and_a_constant_one_for_input_times_gradient(weights):
    model, pixels = linear(weights), tiny.images(1)
    assert result_of(max_sensitivity(model, pixels, attribute(model, pixels, "saliency"))) < 1e-6
    moved = result_of(max_sensitivity(model, pixels, attribute(model, pixels, "input_x_gradient")))
    assert 0 < moved < 0.1


def test_sensitivity_is_captums_on_the_same_images():
    model, pixels = curved(), tiny.images(1) * 0.9 + 0.05  # so that nothing is clipped
    found = attribute(model, pixels, "input_x_gradient")
    draws = [
        torch.from_numpy(np.random.default_rng([0, n]).uniform(-0.02, 0.02, (3, 8, 8)).astype(np.float32))
        for n in range(NEARBY)
    ]

    def tensor(batch):
        return batch[0] if isinstance(batch, tuple) else batch

    def maps(batch):
        one = [attribute(model, image[None], "input_x_gradient").map for image in tensor(batch)]
        # not a bare tensor: Captum would compare every map with every other
        return (torch.from_numpy(np.stack(one))[:, None],)

    def perturb(batch, _radius):
        return tensor(batch) + torch.stack(draws)

    oracle = captum.metrics.sensitivity_max(maps, pixels, perturb_func=perturb, n_perturb_samples=NEARBY)
    assert result_of(max_sensitivity(model, pixels, found)) == pytest.approx(float(oracle), rel=1e-3)


def test_the_curves_run_from_the_blurred_to_the_whole_and_from_the_whole_to_the_grey():
    model, pixels = curved(), tiny.images(1)
    curves = result_of(insertion_deletion(model, pixels, 1, NOISE))
    ends = {name: make_baseline(name, pixels, model.spec.preprocess) for name in ("blurred", "mean grey")} | {
        "whole": pixels
    }
    expected = {name: float(model.logits(one).softmax(1)[0, 1]) for name, one in ends.items()}
    assert curves.insertion[[0, -1]] == pytest.approx([expected["blurred"], expected["whole"]], rel=1e-5)
    assert curves.deletion[[0, -1]] == pytest.approx([expected["whole"], expected["mean grey"]], rel=1e-5)


def test_an_area_is_the_mean_height():
    curves = result_of(insertion_deletion(red_finder(), blob(), 0, NOISE))
    flat = replace(curves, insertion=np.full(17, 0.75), deletion=np.linspace(1, 0, 17))
    assert (flat.insertion_area, flat.deletion_area, flat.score) == pytest.approx((0.75, 0.5, 0.25))


@pytest.mark.parametrize("method", ["grad_cam", "occlusion", "integrated_gradients"])
def test_on_a_planted_case_insertion_beats_deletion_and_random_maps(method):
    model, pixels = red_finder(), blob()
    metrics = result_of(evaluate(model, pixels, attribute(model, pixels, method)))
    assert metrics.curves.insertion_area > metrics.curves.deletion_area
    assert metrics.beats_random
    assert metrics.infidelity < 0.6


def test_a_random_map_does_not_beat_random_maps():
    model, pixels = red_finder(), blob()
    found = attribute(model, pixels, "saliency")
    metrics = result_of(evaluate(model, pixels, replace(found, map=random_map(found.map, 1))))
    assert not metrics.beats_random


def test_the_evidence_is_the_same_each_time_and_reports_on_the_way():
    model, pixels = curved(), tiny.images(1)
    found = attribute(model, pixels, "smoothgrad", samples=8)
    news, first = events_and_result(evaluate(model, pixels, found))
    second = result_of(evaluate(model, pixels, found))
    assert isinstance(first, AttributionMetrics)
    assert all(isinstance(event, Progress) for event in news)
    assert (first.infidelity, first.sensitivity) == (second.infidelity, second.sensitivity)
    np.testing.assert_array_equal(first.curves.insertion, second.curves.insertion)


def test_rank_correlation_sees_order_alone():
    one = np.random.default_rng(0).standard_normal((8, 8))
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert abs(rank_correlation(one, np.random.default_rng(1).standard_normal((8, 8)))) < 0.3
    assert rank_correlation(one, np.zeros((8, 8))) is None


@pytest.mark.parametrize("shape", [(8, 8), (9, 7)])
def test_a_control_has_the_grain_of_the_map_and_nothing_else_of_it(shape):
    one = np.random.default_rng(0).standard_normal(shape).cumsum(0).astype(np.float32)
    control, again, other = (random_map(one, number) for number in (0, 0, 1))
    np.testing.assert_allclose(np.abs(np.fft.rfft2(control)), np.abs(np.fft.rfft2(one)), atol=1e-3)
    np.testing.assert_array_equal(control, again)
    assert control.shape == shape
    assert abs(rank_correlation(control, other)) < 0.9
    assert abs(rank_correlation(control, one)) < 0.9
