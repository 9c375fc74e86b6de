"""Passes of many images through a network, forward and backward to the pixels, in batches that fit the device.

Never a gradient for a parameter, and no `.grad` anywhere: `torch.autograd.grad` is asked for the pixels' gradient
alone. What is reported is float32, on GPUs too, whose convolutions run in TF32 by PyTorch's own default. Gradients may
come from a copy in bfloat16; a pass in float32, forward alone and without TF32, gives the logits then.
"""

from collections.abc import Callable, Generator
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from robust_core.attacks.precision import FLOAT32_FOLDED, Precision
from robust_core.events import Progress
from robust_core.models.device import without_tf32
from robust_core.models.loading import LoadedModel


class Passes:
    """The passes through one model, of images of one size, in one precision.

    Raises BadInput where the model's row or its device does not allow gradients in bfloat16, DeviceOutOfMemory where a
    copy of the model does not fit.
    """

    def __init__(self, model: LoadedModel, height_px: int, width_px: int, precision: Precision = FLOAT32_FOLDED):
        self.network = model.serving if precision.folded else model.network
        self.reduced = model.in_bfloat16() if precision.bfloat16 else None
        self.exact = without_tf32 if precision.bfloat16 else nullcontext
        self.batches = model.batches(height_px, width_px)

    def forward(self, pixels: Tensor) -> Generator[Progress, None, Tensor]:
        """Logits (N,K), on the CPU, of `pixels` (N,3,H,W); a Progress comes between batches.

        Raises DeviceOutOfMemory when not even one image fits.
        """

        def work(places: range) -> Tensor:
            with self.exact():
                return forward(self.network, pixels[_rows(places)])

        return torch.cat((yield from self.batches.run(len(pixels), work)))

    def forward_backward(
        self, pixels: Tensor, loss: Callable[[Tensor, slice], Tensor], *, in_float32: bool = False
    ) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
        """As `forward`, and the gradients (N,3,H,W), on the device, of each image's own loss.

        `loss(logits, rows)` gives the losses (B,) of one batch from its logits (B,K), on the device, and its place in
        `pixels`. With `in_float32` the gradients are of that precision whatever the others are.
        """

        def work(places: range) -> tuple[Tensor, Tensor]:
            rows = _rows(places)
            with self.exact():
                if self.reduced is None or in_float32:
                    return forward_backward(self.network, pixels[rows], lambda logits: loss(logits, rows))
                _, gradient = forward_backward(self.reduced, pixels[rows], lambda logits: loss(logits, rows))
                return forward(self.network, pixels[rows]), gradient

        logits, gradients = zip(*(yield from self.batches.run(len(pixels), work)), strict=True)
        return torch.cat(logits), torch.cat(gradients)


def _rows(places: range) -> slice:
    return slice(places.start, places.stop)


def forward(network: nn.Module, pixels: Tensor) -> Tensor:
    """Logits (B,K) on the CPU."""
    with torch.no_grad():
        return network(_laid_out(pixels)).cpu()


def forward_backward(network: nn.Module, pixels: Tensor, loss: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Logits (B,K) on the CPU, and the gradient (B,3,H,W) of each image's own loss, which is one of its logits."""
    with torch.enable_grad():
        leaf = _laid_out(pixels).detach().requires_grad_()
        logits = network(leaf)
        (gradient,) = torch.autograd.grad(loss(logits).sum(), leaf)
    return logits.detach().cpu(), gradient


def _laid_out(pixels: Tensor) -> Tensor:
    return pixels.contiguous(memory_format=torch.channels_last)
