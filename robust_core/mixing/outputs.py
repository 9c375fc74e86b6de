"""What models say, mixed: one network that asks all of them, with gradients through each."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from robust_core.models.loading import Normalised

Combine = Callable[[Tensor, Tensor], Tensor]  # of logits (M,B,K) of M models and their alphas (M,1,1)


def mixed_probabilities(logits: Tensor, alphas: Tensor) -> Tensor:
    """The logarithm of the mean softmax (B,K): logits whose own softmax is the mixture, so that every loss of them is
    one of the mixture. No probability is too small for float32.
    """
    return torch.logsumexp(logits.log_softmax(2) + alphas.log(), 0)


def mixed_logits(logits: Tensor, alphas: Tensor) -> Tensor:
    """The mean logits (B,K)."""
    return (alphas * logits).sum(0)


class MixedOutputs(Normalised):
    """Several networks of the same classes as one, whose logits `combine` makes of theirs; `alphas` (M,) are
    above 0 and on their device.
    """

    alphas: Tensor

    def __init__(self, networks: Sequence[Normalised], alphas: Tensor, combine: Combine):
        nn.Module.__init__(self)  # what Normalised holds, the networks have already
        self.networks, self.combine = nn.ModuleList(networks), combine
        self.body, self.finite = networks[0].body, networks[0].finite
        self.register_buffer("alphas", alphas.view(-1, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """Its logits (B,K)."""
        return self.combine(torch.stack([network(pixels) for network in self.networks]), self.alphas)
