"""Which maps are looked at, and that nothing is left behind."""

import pytest
import torch
from torch import nn

from robust_core.errors import BadInput
from robust_core.simplicity.layers import first_convolution, observe

PIXELS = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


class Twice(nn.Module):
    """One activation that is called twice, and a gate whose maps are single values."""

    def __init__(self):
        super().__init__()
        self.conv, self.act, self.pool, self.gate = nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.SiLU()
        self.head = nn.Linear(4, 2)

    def forward(self, pixels):
        maps = self.act(self.act(self.conv(pixels)) - 0.1)
        return self.head((maps * self.gate(self.pool(maps))).mean((2, 3)))


class Outside(Twice):
    """The same with activations that are no modules."""

    def __init__(self):
        super().__init__()
        del self.act, self.gate
        self.act, self.gate = nn.functional.relu, torch.sigmoid


class Failing(Twice):
    def forward(self, pixels):
        self.act(self.conv(pixels))
        raise RuntimeError("in the middle")


def hooks(network):
    return [hook for module in network.modules() for hook in module._forward_hooks]


def test_every_call_of_an_activation_is_a_layer_in_the_order_of_the_pass():
    network = Twice()
    layers = observe(network, lambda: network(PIXELS), lambda maps: tuple(maps.shape))
    assert [(layer.name, layer.kind, layer.found) for layer in layers] == [
        ("act", "activations", (2, 4, 6, 6)),
        ("act (2)", "activations", (2, 4, 6, 6)),
    ]


def test_what_is_found_is_what_the_layer_gives():
    network = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU())
    (layer,) = observe(network, lambda: network(PIXELS), lambda maps: maps)
    torch.testing.assert_close(layer.found, network(PIXELS))
    assert not layer.found.requires_grad


def test_without_activation_modules_the_convolutions_are_looked_at():
    network = Outside()
    (layer,) = observe(network, lambda: network(PIXELS), lambda maps: tuple(maps.shape))
    assert (layer.name, layer.kind, layer.found) == ("conv", "convolutions", (2, 4, 6, 6))


def refuses(_):
    raise ValueError("while it looks")


@pytest.mark.parametrize(
    ("network", "look", "error"),
    [(Twice(), len, None), (Failing(), len, RuntimeError), (Twice(), refuses, ValueError)],
)
def test_no_hook_is_left_whatever_ends_the_pass(network, look, error):
    if error is None:
        observe(network, lambda: network(PIXELS), look)
    else:
        with pytest.raises(error):
            observe(network, lambda: network(PIXELS), look)
    assert hooks(network) == []


def test_a_network_without_maps_is_refused_in_a_sentence():
    network = nn.Sequential(nn.Flatten(), nn.Linear(192, 4), nn.ReLU())
    with pytest.raises(BadInput, match="no convolution or activation"):
        observe(network, lambda: network(PIXELS), len)
    with pytest.raises(BadInput, match="no convolution whose kernels"):
        first_convolution(network)


def test_the_first_convolution_reads_the_image():
    name, layer = first_convolution(nn.Sequential(nn.Identity(), nn.Sequential(nn.Conv2d(3, 5, 3), nn.Conv2d(5, 2, 1))))
    assert (name, layer.in_channels) == ("1.0", 3)
