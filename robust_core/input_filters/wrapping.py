"""A loaded model behind an input filter. The model itself stays as it is."""

import copy

from torch import Tensor, nn

from robust_core.input_filters.filters import filtered
from robust_core.models.loading import LoadedModel, Normalised


class _Filtered(Normalised):
    """The same network, which sees every image through a filter."""

    def __init__(self, network: Normalised, key: str, strength: float):
        nn.Module.__init__(self)  # what Normalised holds, `network` has already
        self.network, self.key, self.strength = network, key, strength
        self.body, self.finite = network.body, network.finite

    def forward(self, pixels: Tensor) -> Tensor:
        """Its logits (B,K)."""
        return self.network(filtered(pixels, self.key, self.strength))


def looking_through(model: LoadedModel, key: str, strength: float | None) -> LoadedModel:
    """The same model, sharing its weights, which looks through the filter `key`; the very same one for None."""
    if strength is None:
        return model
    twin = copy.copy(model)
    twin.network = _Filtered(model.serving, key, strength)
    return twin
