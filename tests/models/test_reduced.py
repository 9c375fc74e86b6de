"""A copy that computes in bfloat16 behind its first layers."""

import copy

import pytest
import torch
from torch import nn

from robust_core.models.folding import folded
from robust_core.models.loading import freeze
from robust_core.models.mini_resnext import mini_resnext
from robust_core.models.reduced import Float32Stem, reduced
from tests.tiny import images


def _network(*stem: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    rest = (nn.Conv2d(4, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
    return freeze(nn.Sequential(*stem, *rest))


def _stem_of(network: nn.Module) -> list[type]:
    (stem,) = (one for one in network.modules() if isinstance(one, Float32Stem))
    return [type(one) for one in stem.layers]


@pytest.mark.parametrize(
    ("stem", "told"),
    [
        ([nn.Conv2d(3, 4, 3)], [nn.Conv2d]),
        ([nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.SiLU()], [nn.Conv2d, nn.BatchNorm2d, nn.SiLU]),
        ([nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2)], [nn.Conv2d, nn.ReLU]),
    ],
)
def test_the_stem_is_the_first_convolution_with_what_follows(stem, told):
    made = reduced(_network(*stem))
    assert _stem_of(made) == told
    (its,) = (one for one in made.modules() if isinstance(one, Float32Stem))
    assert {tensor.dtype for tensor in its.parameters()} == {torch.float32}
    others = {id(one) for one in its.parameters()}
    assert {one.dtype for one in made.parameters() if id(one) not in others} == {torch.bfloat16}


def test_the_stem_of_a_folded_network_takes_in_what_the_norm_left():
    assert _stem_of(reduced(folded(freeze(mini_resnext())))) == [nn.Conv2d, nn.Identity, nn.ReLU]


def test_a_small_change_of_the_image_passes_the_stem_that_bfloat16_rounds_away():
    """The two images differ by 0.1/255 at 0.899, where bfloat16 has steps of 1/256."""
    stem = nn.Conv2d(3, 1, 1, bias=False)
    stem.weight.data.fill_(0.0)
    stem.weight.data[0, 0] = 1.0
    made = reduced(freeze(nn.Sequential(stem, nn.Flatten(), nn.Linear(64, 2))))
    (layer,) = (one for one in made.modules() if isinstance(one, Float32Stem))
    before = torch.full((1, 3, 8, 8), 0.899)
    after = before + 0.1 / 255
    assert torch.equal(before.bfloat16(), after.bfloat16())
    assert not torch.equal(layer.layers(before), layer.layers(after))


def test_logits_are_float32_and_near_and_the_network_stays_as_it_is():
    body = _network(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    before = copy.deepcopy(body.state_dict())
    made = reduced(body)
    logits = made(images(3))
    assert logits.dtype == torch.float32
    assert not torch.equal(logits, body(images(3)))
    assert torch.allclose(logits, body(images(3)), atol=0.02)
    assert all(torch.equal(before[name], value) for name, value in body.state_dict().items())


class _ImageTwice(nn.Module):
    """The image goes past the first convolution, too."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return (self.conv(x) + x).flatten(1)


@pytest.mark.parametrize("body", [_ImageTwice(), nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), nn.Flatten()])
def test_a_network_whose_stem_cannot_be_told_has_no_such_copy(body):
    assert reduced(freeze(body)) is None
