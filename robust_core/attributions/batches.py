"""Many passes of one kind through a model, in batches that fit the device, with news between them; and the passes themselves."""

from collections.abc import Callable, Generator
from typing import TypeVar

import torch
from captum.attr import Saliency
from torch import Tensor

from robust_core.errors import DeviceOutOfMemory
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Part = TypeVar("Part")
# As many pictures at once as have this many pixels. On a CPU more are hardly faster, and the user waits longer for news.
PIXELS_AT_ONCE = {"cuda": 64 * 224**2, "mps": 16 * 224**2, "cpu": 4 * 224**2}


def in_batches(model: LoadedModel, pixels: Tensor, n: int, work: Callable[[range], Part]) -> Generator[Progress, None, list[Part]]:
    """`work(places)` over the places 0 to n - 1, a batch at a time, where each place costs one pass of a picture like `pixels` (1,3,H,W).

    Returns the parts in order. When the device runs out of memory the batch is halved, for good; raises DeviceOutOfMemory when not
    even one picture fits.
    """
    batch_size = max(1, PIXELS_AT_ONCE[model.device.type] // pixels[0, 0].numel())
    parts, done = [], 0
    while done < n:
        places = range(done, min(done + batch_size, n))
        try:
            parts.append(work(places))
        except torch.OutOfMemoryError as error:
            if batch_size == 1:
                raise DeviceOutOfMemory("The device ran out of memory with a single picture; choose a smaller model.") from error
            batch_size //= 2
            if model.device.type == "cuda":
                torch.cuda.empty_cache()
            continue
        done = places.stop
        yield Progress(done, n, "passes", "explaining")
    return parts


def once(model: LoadedModel, pixels: Tensor, work: Callable[[], Part]) -> Generator[Progress, None, Part]:
    """`work()`, which is one pass of `pixels`."""
    (part,) = yield from in_batches(model, pixels, 1, lambda _: work())
    return part


def gradients(model: LoadedModel, pixels: Tensor, target: int) -> Tensor:
    """(B,3,H,W) the gradient of the target's logit with respect to each of `pixels` (B,3,H,W), which may leave [0, 1]."""
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
