"""Which layers are folded into one, and that the copy computes the same."""

import copy

import pytest
import torch
from timm.layers import BatchNormAct2d, Conv2dSame
from torch import nn
from torch.nn.utils import parametrizations

from robust_core.models.folding import folded, structure
from robust_core.models.loading import freeze
from robust_core.models.mini_resnext import mini_resnext
from tests.tiny import images


def _norm(channels: int, kind: type = nn.BatchNorm2d) -> nn.Module:
    """A norm whose statistics and weights are none that go without saying."""
    norm = kind(channels)
    for values, low, high in (
        (norm.running_mean, -0.5, 0.5),
        (norm.running_var, 0.5, 2.0),
        (norm.weight.data, 0.5, 2.0),
        (norm.bias.data, -0.5, 0.5),
    ):
        values.uniform_(low, high)
    return norm


def _one_pair() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), _norm(4))


class _UsedTwice(nn.Module):
    """What the convolution gives is added to what its norm makes of it."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), _norm(4)

    def forward(self, x):
        raw = self.conv(x)
        return self.norm(raw) + raw


class _SharedNorm(nn.Module):
    """Two convolutions before one norm."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.norm = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3), _norm(4)

    def forward(self, x):
        return self.norm(self.first(x)) + self.norm(self.second(x))


class _SharedConvolution(nn.Module):
    """One convolution before two norms."""

    def __init__(self):
        super().__init__()
        self.conv, self.first, self.second = nn.Conv2d(3, 4, 3), _norm(4), _norm(4)

    def forward(self, x):
        return self.first(self.conv(x)) + self.second(self.conv(x))


class _LooksAtItsWeight(nn.Module):
    """Somebody else reads what the convolution holds."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), _norm(4)

    def forward(self, x):
        return self.norm(self.conv(x)) * self.conv.weight.mean()


class _LooksAtValues(nn.Module):
    """No trace tells which way it goes."""

    def __init__(self):
        super().__init__()
        self.body = _one_pair()

    def forward(self, x):
        return self.body(x) if x.sum() > 0 else self.body(-x)


class _OwnConvolution(nn.Conv2d):
    """Its weights are computed anew at every pass, as those of a weight standardisation are."""

    def forward(self, x):
        return self._conv_forward(x, self.weight - self.weight.mean(), self.bias)


class _Joint(nn.Module):
    """The norm takes more than what the convolution gives."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), _norm(4)

    def forward(self, x):
        return self.norm(self.conv(x) + x.mean())


def _with_hook(place: int, kind: str) -> nn.Sequential:
    pair = _one_pair()
    getattr(pair[place], kind)(lambda *arguments: None)
    return pair


def _without_statistics() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False))


def _patched() -> nn.Sequential:
    pair = _one_pair()
    pair[0].forward = lambda x: nn.functional.conv2d(x, pair[0].weight.abs())
    return pair


LEFT = {
    "output used twice": _UsedTwice,
    "norm shared": _SharedNorm,
    "convolution shared": _SharedConvolution,
    "weight read elsewhere": _LooksAtItsWeight,
    "more than the convolution": _Joint,
    "values decide": _LooksAtValues,
    "own convolution": lambda: nn.Sequential(_OwnConvolution(3, 4, 3), _norm(4)),
    "activation between": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), _norm(4)),
    "hook on the convolution": lambda: _with_hook(0, "register_forward_hook"),
    "hook before the convolution": lambda: _with_hook(0, "register_forward_pre_hook"),
    "hook on the norm": lambda: _with_hook(1, "register_forward_hook"),
    "backward hook": lambda: _with_hook(1, "register_full_backward_hook"),
    "parametrised": lambda: nn.Sequential(parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), _norm(4)),
    "patched": _patched,
    "no statistics": _without_statistics,
    "no norm": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()),
}


def test_a_pair_is_one_convolution_in_closed_form():
    """(2x + 3 − 1) / √(3 + 1) · 5 + 7 = 5x + 12."""
    conv, norm = nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1, eps=1.0)
    for tensor, value in (
        (conv.weight, 2.0),
        (conv.bias, 3.0),
        (norm.running_mean, 1.0),
        (norm.running_var, 3.0),
        (norm.weight, 5.0),
        (norm.bias, 7.0),
    ):
        tensor.data.fill_(value)
    made = folded(freeze(nn.Sequential(conv, norm)))
    assert (made[0].weight.item(), made[0].bias.item()) == (5.0, 12.0)
    assert type(made[1]) is nn.Identity


@pytest.mark.parametrize("convolution", [nn.Conv2d, Conv2dSame])
def test_logits_of_the_copy_are_those_of_the_network(convolution):
    torch.manual_seed(0)
    body = freeze(
        nn.Sequential(
            convolution(3, 4, 3, stride=2, bias=False),
            _norm(4, BatchNormAct2d),
            convolution(4, 4, 3, padding=1, groups=2),
            _norm(4),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4, 5),
        )
    )
    made = folded(body)
    assert not any(isinstance(one, nn.BatchNorm2d) for one in made.modules())
    assert torch.allclose(made(images(3)), body(images(3)), atol=1e-6)


def test_the_activation_of_a_norm_stays():
    body = freeze(nn.Sequential(nn.Conv2d(3, 4, 3), _norm(4, BatchNormAct2d)))
    made = folded(body)
    assert made(images(2)).min() == 0
    assert torch.allclose(made(images(2)), body(images(2)), atol=1e-6)


class _Residual(nn.Module):
    """An activation of a layer's output and of a sum, as in a residual block."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv2d(3, 3, 3, padding=1), _norm(3), nn.ReLU()

    def forward(self, x):
        return self.relu(self.relu(self.norm(self.conv(x))) + x)


class _ActivatedAndKept(_Residual):
    """What is activated is needed once more."""

    def forward(self, x):
        out = self.norm(self.conv(x))
        return self.relu(out) + out


class _Activated(_Residual):
    """The activation of a sigmoid, whose gradient needs its output."""

    def forward(self, x):
        return self.relu(torch.sigmoid(self.norm(self.conv(x))))


@pytest.mark.parametrize(
    ("network", "overwrites"), [(_Residual, True), (_ActivatedAndKept, False), (_Activated, False)]
)
def test_an_activation_overwrites_what_nobody_else_needs_and_nothing_else(network, overwrites):
    torch.manual_seed(0)
    body, pixels = freeze(network()), images(2)
    made = folded(body)
    assert made.relu.inplace is overwrites
    assert not body.relu.inplace
    apart = copy.deepcopy(made)
    apart.relu.inplace = False
    leaves = [pixels.clone().requires_grad_() for _ in range(2)]
    outputs = [one(leaf + 0) for one, leaf in zip((made, apart), leaves, strict=True)]
    assert torch.equal(*outputs)
    assert torch.equal(*(torch.autograd.grad(out.sum(), leaf)[0] for out, leaf in zip(outputs, leaves, strict=True)))


def test_an_activation_with_a_hook_is_left():
    body = freeze(_Residual())
    body.relu.register_forward_hook(lambda *_: None)
    assert not folded(body).relu.inplace


@pytest.mark.parametrize("name", LEFT)
def test_what_may_not_be_folded_is_left(name):
    assert folded(freeze(LEFT[name]())) is None


def test_a_norm_in_training_is_left():
    body = freeze(_one_pair())
    body[1].train()
    assert folded(body) is None


def test_the_network_stays_as_it_is_bit_for_bit():
    body = freeze(mini_resnext())
    before, names = copy.deepcopy(body.state_dict()), [type(one) for one in body.modules()]
    made = folded(body)
    assert made is not body
    assert [type(one) for one in body.modules()] == names
    assert before.keys() == body.state_dict().keys()
    assert all(torch.equal(before[name], value) for name, value in body.state_dict().items())


def test_what_folding_leaves_is_shared_and_what_it_changes_is_not():
    body = freeze(mini_resnext())
    made = folded(body)
    assert made.fc.weight is body.fc.weight
    assert made.conv1.weight is not body.conv1.weight
    assert not any(parameter.requires_grad for parameter in made.parameters())


def test_layers_are_told_in_the_order_in_which_they_are_called():
    found = structure(freeze(_one_pair()))
    assert [str(node.target) for node in found.calls] == ["0", "1"]
    assert [(pair.convolution, pair.norm) for pair in found.pairs()] == [("0", "1")]
    assert structure(_LooksAtValues()) is None
