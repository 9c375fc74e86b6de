"""The passes that maps are made of, in batches that fit the device, with news between them."""

from collections.abc import Callable, Generator
from typing import TypeVar

import torch
from torch import Tensor

from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Part = TypeVar("Part")


def in_batches(
    model: LoadedModel, pixels: Tensor, n: int, work: Callable[[range], Part]
) -> Generator[Progress, None, list[Part]]:
    """`work(places)` over the places 0 to n - 1, a batch at a time, where each place costs one pass of an image like
    `pixels` (1,3,H,W).

    Returns the parts in order; raises DeviceOutOfMemory when not even one image fits.
    """
    return model.batches(*pixels.shape[2:]).run(n, work, "passes", "explaining")


def once(model: LoadedModel, pixels: Tensor, work: Callable[[], Part]) -> Generator[Progress, None, Part]:
    """`work()`, which is one pass of `pixels`."""
    (part,) = yield from in_batches(model, pixels, 1, lambda _: work())
    return part


def gradients(model: LoadedModel, pixels: Tensor, target: int) -> Tensor:
    """(B,3,H,W) the gradient of the target's logit with respect to each of `pixels` (B,3,H,W), which may leave [0,
    1].
    """
    from captum.attr import Saliency  # not before it is needed: a page shows results sooner

    return Saliency(lambda leaf: model.network(_laid_out(leaf))).attribute(as_leaf(pixels), target, abs=False).detach()


def logits(model: LoadedModel, pixels: Tensor) -> Tensor:
    """(B,K) the logits of `pixels` (B,3,H,W), which may leave [0, 1]."""
    with torch.inference_mode():
        return model.network(_laid_out(pixels))


def as_leaf(pixels: Tensor) -> Tensor:
    """A copy that takes gradients, so that Captum leaves the caller's tensor alone."""
    return pixels.detach().clone().requires_grad_()


def _laid_out(pixels: Tensor) -> Tensor:
    return pixels.contiguous(memory_format=torch.channels_last)
