"""The two parts of a network are the whole, and neither leaves anything behind."""

import pytest
import torch
from torch import nn

from robust_core.attributions.shared_copies import shared_copy
from robust_core.craft.split_network import SplitNetwork, require_maps
from robust_core.errors import BadInput
from robust_core.models.catalogue import get_spec
from robust_core.models.loading import load
from tests import tiny
from tests.craft.networks import SIDE_PX, colours

LINEAR = [[3.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_both_parts_of_a_real_network_are_the_whole():
    model = load("mini_resnext")
    pixels = tiny.images(3, side_px=64)
    network = SplitNetwork(shared_copy(model), 64, 64)
    maps, logits = network.maps(pixels)
    assert maps.shape == (3, 256, 8, 8)
    torch.testing.assert_close(logits, model.logits(pixels))
    torch.testing.assert_close(network.logits(maps), logits)
    assert not any(module._forward_hooks for module in model.network.modules())


def test_given_maps_count_and_not_the_last_image():
    network = SplitNetwork(colours(LINEAR), SIDE_PX, SIDE_PX)
    network.maps(torch.ones(1, 3, SIDE_PX, SIDE_PX))
    maps = torch.zeros(2, 3, 4, 4)
    maps[1, 0, 0, 0] = 1
    torch.testing.assert_close(network.logits(maps), torch.tensor([[0.0, 0.0], [3 / 16, 0.0]]))
    again = network.maps(torch.ones(1, 3, SIDE_PX, SIDE_PX))[1]
    torch.testing.assert_close(again, torch.tensor([[4.0, 1.0]]), msg="maps that were given are gone")


@pytest.mark.parametrize("act", [nn.Tanh, nn.Identity])
def test_activations_that_are_nowhere_negative_are_taken_whatever_makes_them(act):
    maps, _ = SplitNetwork(colours(LINEAR, act=act), SIDE_PX, SIDE_PX).maps(tiny.images(1))
    assert maps.min() >= 0


class Centred(nn.Module):
    def forward(self, pixels):
        return pixels - 0.5


def test_activations_below_zero_are_refused():
    network = SplitNetwork(colours(LINEAR, act=Centred), SIDE_PX, SIDE_PX)
    with pytest.raises(BadInput, match="fall below zero"):
        network.maps(tiny.images(1))


@pytest.mark.parametrize("spec", [tiny.convolutional().spec, get_spec("vit_b_16")], ids=["none", "tokens"])
def test_models_without_maps_are_refused(spec):
    with pytest.raises(BadInput, match="no layer with channels over places"):
        require_maps(spec)
