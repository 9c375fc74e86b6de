"""DeepLift with the rescale rule, as backward passes of its own for ReLU and max pooling.

Not Captum's: its rule for max pooling drops contributions where windows overlap, it reads a ReLU that stands directly
before a pool before the pool's rule has been applied, and it refuses modules that are used twice. On SqueezeNet, where
the score rises by 17.1 from black to the image, its maps add up to 5.7; these add up to the whole.
"""

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor, nn

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import as_leaf, once
from robust_core.attributions.shared_copies import shared_copy
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

NO_CHANGE = 1e-7  # below this change of a unit's input the ratio is rounding; the gradient stands in


def deeplift(model: LoadedModel, pixels: Tensor, target: int, *, baseline: str) -> Generator[Progress, None, Tensor]:
    """(1,3,H,W) what each pixel adds to the target's logit on the way from the baseline (Shrikumar et al. 2017,
    sections 3.2 and 3.5.2).
    """
    start = make_baseline(baseline, pixels, model.spec.preprocess)
    network = _with_rescale_rule(shared_copy(model).network)

    def multipliers() -> Tensor:
        pair = as_leaf(torch.cat([pixels, start]))  # every layer sees the image first, its baseline second
        (gradient,) = torch.autograd.grad(network(pair)[0, target], pair)
        return gradient[:1]

    return (pixels - start) * (yield from once(model, pixels, multipliers))


class _OnPair(torch.autograd.Function):
    """`function` on a pair (2,…): the image and the baseline; its subclasses say what backward hands back."""

    @staticmethod
    def forward(ctx: Any, pair: Tensor, function: nn.Module) -> Tensor:
        out = function(pair)
        ctx.function = function
        ctx.save_for_backward(pair, out)
        return out


class _Elementwise(_OnPair):
    """Backward hands back change of output over change of input instead of the slope."""

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        pair, out = ctx.saved_tensors
        change_in, change_out = pair[:1] - pair[1:], out[:1] - out[1:]
        slope = _vjp(ctx.function, pair[:1], torch.ones_like(out[:1]))
        ratio = torch.where(change_in.abs() > NO_CHANGE, change_out / change_in, slope)
        return torch.cat([grad[:1] * ratio, torch.zeros_like(grad[:1])]), None


class _Pool(_OnPair):
    """Max pooling on a pair (2,C,H,W).

    A rise of a window's maximum belongs to the place of the image's maximum, a fall to that of the baseline's; a tie
    goes to the first place, as in PyTorch. Where windows overlap, a place gets the sum.
    """

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        pair, out = ctx.saved_tensors
        change = out[:1] - out[1:]
        added = _vjp(
            ctx.function, pair, torch.cat([grad[:1] * change.clamp_min(0), grad[:1] * change.clamp_max(0)])
        ).sum(0, keepdim=True)
        change_in = pair[:1] - pair[1:]
        slope = _vjp(ctx.function, pair[:1], grad[:1])
        multiplier = torch.where(change_in.abs() > NO_CHANGE, added / change_in, slope)
        return torch.cat([multiplier, torch.zeros_like(multiplier)]), None


class _Rescaled(nn.Module):
    """A non-linear module whose backward pass follows `rule`."""

    def __init__(self, function: nn.Module, rule: type[torch.autograd.Function]):
        super().__init__()
        self.function, self.rule = function, rule

    def forward(self, pair: Tensor) -> Tensor:
        return self.rule.apply(pair, self.function)


RULES = {nn.ReLU: _Elementwise, nn.ReLU6: _Elementwise, nn.MaxPool2d: _Pool}


def _with_rescale_rule(network: nn.Module) -> nn.Module:
    for name, module in list(network.named_modules()):
        if type(module) in RULES:
            network.set_submodule(name, _Rescaled(module, RULES[type(module)]))
    return network


def _vjp(function: nn.Module, inputs: Tensor, grad: Tensor) -> Tensor:
    with torch.enable_grad():
        leaf = as_leaf(inputs)
        return torch.autograd.grad(function(leaf), leaf, grad)[0]
