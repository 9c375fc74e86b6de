"""A network whose first convolution is in float32, while TF32 may round the others: at small ε rounding the input
swallows the change.
"""

from typing import Any

import torch
from torch import Tensor, nn

from robust_core.attributions.shared_copies import shared_copy
from robust_core.models.loading import LoadedModel
from tests.bench.gpu.machine import exactly


class _ExactPass(torch.autograd.Function):
    """A module forward and backward without TF32, whatever holds around it."""

    @staticmethod
    def forward(ctx: Any, given: Tensor, module: nn.Module) -> Tensor:
        ctx.module = module
        ctx.save_for_backward(given)
        with exactly():
            return module(given)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (given,) = ctx.saved_tensors
        with exactly(), torch.enable_grad():
            leaf = given.detach().requires_grad_()
            return torch.autograd.grad(ctx.module(leaf), leaf, grad)[0], None


class _Exact(nn.Module):
    def __init__(self, module: nn.Module):
        super().__init__()
        self.module = module

    def forward(self, given: Tensor) -> Tensor:
        return _ExactPass.apply(given, self.module)


def with_exact_stem(model: LoadedModel) -> LoadedModel:
    """A copy that shares the weights, whose first convolution is exact."""
    duplicate = shared_copy(model)
    body = duplicate.network.body
    name = next(name for name, module in body.named_modules() if isinstance(module, nn.Conv2d))
    body.set_submodule(name, _Exact(body.get_submodule(name)))
    return duplicate
