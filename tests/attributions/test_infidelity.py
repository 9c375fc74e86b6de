"""Infidelity: 0 on linear networks where the numbers claim a scale, an oracle, and maps that say nothing."""

from dataclasses import replace

import captum.metrics
import pytest
import torch

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.infidelity import SQUARES, infidelity, random_squares
from robust_core.attributions.methods import METHODS
from robust_core.events import result_of
from tests import tiny
from tests.attributions.networks import attribute, blob, curved, linear, red_finder

SLOPES = sorted(key for key, row in METHODS.items() if row.claims == "slope")
CONTRIBUTIONS = sorted(key for key, row in METHODS.items() if row.claims == "contribution")
ORDERS = sorted(key for key, row in METHODS.items() if row.claims == "order")


@pytest.fixture
def weights() -> torch.Tensor:
    """Of two classes, of both signs in every colour, so that the sum over the colours says little."""
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("method", SLOPES + CONTRIBUTIONS)
def test_on_a_linear_network_nothing_is_missed(weights, method):
    model, pixels = linear(weights), tiny.images(1)
    found = result_of(infidelity(model, pixels, attribute(model, pixels, method)))
    assert found.own_scale == pytest.approx(0, abs=1e-6)
    assert found.best_scale == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("baseline", ["black", "mean grey", "blurred", "#336699"])
@pytest.mark.parametrize("method", ["integrated_gradients", "deeplift", "gradient_shap"])
def test_a_method_is_covered_by_its_own_baseline(weights, method, baseline):
    model, pixels = linear(weights), tiny.images(1)
    found = attribute(model, pixels, method, baseline=baseline)
    assert result_of(infidelity(model, pixels, found)).own_scale == pytest.approx(0, abs=1e-6)


def test_the_sum_over_the_colours_would_miss_most_of_it(weights):
    """What the kept values are for: the map that is shown is no longer exact."""
    model, pixels = linear(weights), tiny.images(1)
    found = attribute(model, pixels, "saliency")
    summed = replace(found, values=found.map[None].repeat(3, 0) / 3)
    assert result_of(infidelity(model, pixels, summed)).own_scale > 0.1


@pytest.mark.parametrize("method", ORDERS)
def test_a_map_without_a_scale_has_no_infidelity_of_its_own(method):
    model, pixels = red_finder(), blob()
    found = result_of(infidelity(model, pixels, attribute(model, pixels, method)))
    assert found.own_scale is None
    assert 0 <= found.best_scale <= 1


def test_sizes_alone_claim_an_order(weights):
    model, pixels = linear(weights), tiny.images(1)
    found = attribute(model, pixels, "saliency", colours="largest size")
    scores = result_of(infidelity(model, pixels, found))
    assert scores.own_scale is None
    assert scores.best_scale > 0.1
    assert (found.values < 0).any()  # the signs are kept beside what is shown


def test_zeros_score_one_the_wrong_sign_four_and_a_wrong_scale_is_mended_at_best_scale(weights):
    model, pixels = linear(weights), tiny.images(1)
    exact = attribute(model, pixels, "integrated_gradients")
    scores = {
        factor: result_of(infidelity(model, pixels, replace(exact, values=factor * exact.values)))
        for factor in (0, -1, 3)
    }
    assert {factor: one.own_scale for factor, one in scores.items()} == pytest.approx({0: 1, -1: 4, 3: 4}, abs=1e-5)
    assert {factor: one.best_scale for factor, one in scores.items()} == pytest.approx({0: 1, -1: 1, 3: 0}, abs=1e-5)


def test_where_covering_changes_nothing_zeros_are_right_and_anything_else_is_wrong(weights):
    model, pixels = linear(0 * weights), tiny.images(1)
    zeros = attribute(model, pixels, "integrated_gradients")
    assert result_of(infidelity(model, pixels, zeros)).own_scale == 0
    assert result_of(infidelity(model, pixels, replace(zeros, values=zeros.values + 1))).own_scale == float("inf")


@pytest.mark.parametrize("method", ["saliency", "input_x_gradient"])
def test_it_is_captums_divided_by_that_of_zeros(method):
    model, pixels = curved(), tiny.images(1)
    found = attribute(model, pixels, method)
    baseline = METHODS[method].baseline(found.settings)
    squares, instead = random_squares((8, 8)), make_baseline(baseline, pixels, model.spec.preprocess)

    def cover(batch):
        """Captum multiplies a map of slopes by what is taken away, and a map of contributions by 1 where it is."""
        taken = squares * (pixels - instead) if method == "saliency" else squares.expand(-1, 3, -1, -1)
        return taken, torch.where(squares.bool(), instead, batch)

    def captums(values):
        claim = torch.from_numpy(values)[None]
        return float(
            captum.metrics.infidelity(model.network, cover, pixels, claim, target=0, n_perturb_samples=SQUARES)
        )

    expected = captums(found.values) / captums(0 * found.values)
    assert result_of(infidelity(model, pixels, found)).own_scale == pytest.approx(expected, rel=1e-3)
