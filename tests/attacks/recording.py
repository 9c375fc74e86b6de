"""A network that remembers what it was asked, so that two attacks can be compared step for step."""

import torch
from torch import Tensor, nn

from robust_core.models.loading import LoadedModel
from tests.tiny import as_model


class Recording(nn.Module):
    """`body`, and in `seen` the images of every pass."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body, self.seen = body, list[Tensor]()

    def forward(self, pixels: Tensor) -> Tensor:
        self.seen.append(pixels.detach().clone(memory_format=torch.contiguous_format))
        return self.body(pixels)


def recorded(model: LoadedModel) -> tuple[LoadedModel, list[Tensor]]:
    """The same model, and what its network sees from now on; unfolded, since a trace and a check of a copy are seen
    too.
    """
    body = Recording(model.network.body)
    return as_model(body).unfolded(), body.seen
