"""Passes of many pictures through a network, forward and backward to the pixels, in batches that fit the device.

Never a gradient for a parameter, and no `.grad` anywhere: `torch.autograd.grad` is asked for the pixels' gradient alone. All in
float32, on GPUs too, whose convolutions run in TF32 by PyTorch's own default: a step in half precision would need one more forward
pass in float32, as its own labels may not be reported; whether that pays has not been measured.
"""

from collections.abc import Callable, Generator
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from robust_core.errors import DeviceOutOfMemory
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Part = TypeVar("Part")
# As many pictures at once as have this many pixels. On a CPU more are hardly faster, and the user waits longer for news.
PIXELS_AT_ONCE = {"cuda": 64 * 224**2, "mps": 16 * 224**2, "cpu": 4 * 224**2}


class Passes:
    """The passes through one model. The batch size is halved whenever the device runs out of memory, and stays so."""

    def __init__(self, model: LoadedModel, height_px: int, width_px: int):
        self.network = model.network
        self.device = model.device
        self.batch_size = max(1, PIXELS_AT_ONCE[model.device.type] // (height_px * width_px))

    def forward(self, pixels: Tensor) -> Generator[Progress, None, Tensor]:
        """Logits (N,K), on the CPU, of `pixels` (N,3,H,W); a Progress comes between batches.

        Raises DeviceOutOfMemory when not even one picture fits.
        """
        return torch.cat((yield from self._in_batches(len(pixels), lambda rows: forward(self.network, pixels[rows]))))

    def forward_backward(
        self, pixels: Tensor, choose: Callable[[Tensor, slice], Tensor]
    ) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
        """As `forward`, and the gradients (N,3,H,W), on the device, of the cross-entropy with the chosen classes.

        `choose(logits, rows)` gets the logits of one batch and its place in `pixels`, as the answer itself may be what is chosen.
        """

        def work(rows: slice) -> tuple[Tensor, Tensor]:
            return forward_backward(self.network, pixels[rows], lambda logits: choose(logits, rows))

        logits, gradients = zip(*(yield from self._in_batches(len(pixels), work)), strict=True)
        return torch.cat(logits), torch.cat(gradients)

    def _in_batches(self, n: int, work: Callable[[slice], Part]) -> Generator[Progress, None, list[Part]]:
        parts, done = [], 0
        while done < n:
            rows = slice(done, min(done + self.batch_size, n))
            try:
                parts.append(work(rows))
            except torch.OutOfMemoryError as error:
                self._halve(error)
                continue
            done = rows.stop
            if done < n:
                yield Progress(done, n, "pictures")
        return parts

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        if self.batch_size == 1:
            raise DeviceOutOfMemory("The device ran out of memory with a single picture; choose a smaller model.") from error
        self.batch_size //= 2
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def forward(network: nn.Module, pixels: Tensor) -> Tensor:
    """Logits (B,K) on the CPU."""
    with torch.no_grad():
        return network(_laid_out(pixels)).cpu()


def forward_backward(network: nn.Module, pixels: Tensor, choose: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Logits (B,K) on the CPU, and the gradient (B,3,H,W) of each picture's own cross-entropy with the class chosen for it."""
    with torch.enable_grad():
        leaf = _laid_out(pixels).detach().requires_grad_()
        logits = network(leaf)
        classes = choose(logits.detach()).to(logits.device)
        (gradient,) = torch.autograd.grad(functional.cross_entropy(logits, classes, reduction="sum"), leaf)
    return logits.detach().cpu(), gradient


def _laid_out(pixels: Tensor) -> Tensor:
    return pixels.contiguous(memory_format=torch.channels_last)
