"""Passes of many images through a network, forward and backward to the pixels, in batches that fit the device.

Never a gradient for a parameter, and no `.grad` anywhere: `torch.autograd.grad` is asked for the pixels' gradient
alone. All in float32, on GPUs too, whose convolutions run in TF32 by PyTorch's own default: a step in half precision
would need one more forward pass in float32, as its own labels may not be reported; whether that pays has not been
measured.
"""

from collections.abc import Callable, Generator

import torch
from torch import Tensor, nn

from robust_core.events import Progress
from robust_core.models.loading import LoadedModel


class Passes:
    """The passes through one model, of images of one size."""

    def __init__(self, model: LoadedModel, height_px: int, width_px: int):
        self.network = model.network
        self.batches = model.batches(height_px, width_px)

    def forward(self, pixels: Tensor) -> Generator[Progress, None, Tensor]:
        """Logits (N,K), on the CPU, of `pixels` (N,3,H,W); a Progress comes between batches.

        Raises DeviceOutOfMemory when not even one image fits.
        """
        parts = yield from self.batches.run(len(pixels), lambda places: forward(self.network, pixels[_rows(places)]))
        return torch.cat(parts)

    def forward_backward(
        self, pixels: Tensor, loss: Callable[[Tensor, slice], Tensor]
    ) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
        """As `forward`, and the gradients (N,3,H,W), on the device, of each image's own loss.

        `loss(logits, rows)` gives the losses (B,) of one batch from its logits (B,K), on the device, and its place in
        `pixels`.
        """

        def work(places: range) -> tuple[Tensor, Tensor]:
            rows = _rows(places)
            return forward_backward(self.network, pixels[rows], lambda logits: loss(logits, rows))

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
