"""DeepLift on what Captum's does not cover: the maps add up to the whole change of the score."""

import captum.attr
import pytest
import torch
from torch import nn

from robust_core.models import load
from tests import tiny
from tests.attributions.networks import TwiceUsed, as_model, attribute, curved


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("baseline", ["black", "blurred", "#ffffff"])
def test_it_is_complete_with_overlapping_pools_reused_relus_and_residual_sums(seed, baseline):
    found = attribute(curved(seed), tiny.images(1, seed), "deeplift", 2, baseline=baseline)
    assert found.gap_fraction < 1e-4


def test_it_is_complete_on_a_trained_network():
    found = attribute(load("mini_resnext_wsl", "cpu"), tiny.images(1, side_px=64), "deeplift", 5)
    assert found.gap_fraction < 1e-4


def test_it_covers_relu6():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU6(), nn.Flatten(), nn.Linear(144, 2))
    body[0].weight.data *= 30
    assert attribute(as_model(body), tiny.images(1), "deeplift").gap_fraction < 1e-4


def test_captums_own_refuses_a_module_used_twice_and_loses_what_overlapping_pools_pass_on():
    """The reason why this one exists; when it fails, Captum may do."""
    pixels = tiny.images(1)
    with pytest.raises(RuntimeError, match="more than once"):
        captum.attr.DeepLift(TwiceUsed().eval()).attribute(pixels, target=0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 1), nn.MaxPool2d(3, 1), nn.Flatten(), nn.Linear(64, 2)
        ).eval()
    change = (body(pixels) - body(torch.zeros_like(pixels)))[0, 0].item()
    captums = captum.attr.DeepLift(body).attribute(pixels, target=0).sum().item()
    assert abs(captums - change) > 0.05 * abs(change)
    assert attribute(as_model(body), pixels, "deeplift").gap_fraction < 1e-4


def test_an_image_that_is_its_own_baseline_has_a_map_of_zeros():
    body = nn.Sequential(nn.Flatten(), nn.Linear(tiny.VALUES, 1), nn.ReLU(), nn.Linear(1, 2))
    pixels = torch.zeros(1, 3, 8, 8)
    assert not attribute(as_model(body), pixels, "deeplift").map.any()
