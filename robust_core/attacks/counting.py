"""How often images go through a network, forward and backward, whoever sends them."""

import copy
from dataclasses import dataclass

from torch import Tensor, nn

from robust_core.models.loading import LoadedModel, Normalised


@dataclass
class PassCount:
    """Images that went forward, and images for whose logits a gradient was asked; each gradient counts."""

    forward: int = 0
    backward: int = 0


class _Counting(Normalised):
    """The same network, which adds to `count` as it is used."""

    def __init__(self, network: Normalised, count: PassCount):
        nn.Module.__init__(self)  # what Normalised holds, `network` has already
        self.network, self.count = network, count
        self.body, self.finite = network.body, network.finite

    def forward(self, pixels: Tensor) -> Tensor:
        """Its logits (B,K)."""
        logits = self.network(pixels)
        self.count.forward += len(pixels)
        if logits.requires_grad:
            logits.register_hook(self._note_backward)
        return logits

    def _note_backward(self, gradient: Tensor) -> None:
        self.count.backward += len(gradient)


def counted(model: LoadedModel) -> tuple[LoadedModel, PassCount]:
    """The same model, sharing its weights, and the count of what goes through it from now on."""
    count, twin = PassCount(), copy.copy(model)
    twin.network = _Counting(model.serving, count)
    return twin, count
