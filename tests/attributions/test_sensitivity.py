"""Sensitivity: an oracle, known networks, and draws that count."""

import captum.metrics
import numpy as np
import pytest
import torch

from robust_core.attributions.sensitivity import NEARBY, max_sensitivity
from robust_core.events import result_of
from tests import tiny
from tests.attributions.networks import attribute, curved, linear


@pytest.fixture
def weights() -> torch.Tensor:
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


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


def test_the_noise_of_the_draws_counts():
    """Of 4 draws little stays with another seed; of 512 nearly all."""
    model, pixels = curved(), tiny.images(1)
    few, many = (attribute(model, pixels, "vargrad", samples=samples) for samples in (4, 512))
    assert result_of(max_sensitivity(model, pixels, few)) > 2 * result_of(max_sensitivity(model, pixels, many))


def test_each_image_nearby_has_a_seed_of_its_own(monkeypatch):
    model, pixels, seeds = curved(), tiny.images(1), []
    found = attribute(model, pixels, "smoothgrad", samples=8, seed=5)

    def noted(*of, **settings):
        seeds.append(settings["seed"])
        yield from ()
        return found

    monkeypatch.setattr("robust_core.attributions.sensitivity.explain", noted)
    assert result_of(max_sensitivity(model, pixels, found)) == 0
    assert seeds == [6, 7, 8, 9]


def test_a_map_of_zeros_has_no_size_to_compare_with(weights):
    model, pixels = linear(0 * weights), tiny.images(1)
    assert result_of(max_sensitivity(model, pixels, attribute(model, pixels, "saliency"))) == np.inf
