"""Images on one grid of pixels for models of other input sizes: a model resizes them inside itself, so that gradients
reach the grid, and a ball on it is one ball for all models.
"""

import copy

from torch import Tensor, nn
from torch.nn import functional

from robust_core.models.loading import LoadedModel, Normalised

RESAMPLING = "bilinear, antialiased"


def resized(pixels: Tensor, height_px: int, width_px: int) -> Tensor:
    """`pixels` (B,3,H,W) as (B,3,height,width), by RESAMPLING; the very same tensor where the size is the same."""
    if tuple(pixels.shape[2:]) == (height_px, width_px):
        return pixels
    return functional.interpolate(pixels, (height_px, width_px), mode="bilinear", align_corners=False, antialias=True)


class _Resizing(Normalised):
    """The same network, which takes images of any size as `height_px` × `width_px`."""

    def __init__(self, network: Normalised, height_px: int, width_px: int):
        nn.Module.__init__(self)  # what Normalised holds, `network` has already
        self.network, self.height_px, self.width_px = network, height_px, width_px
        self.body, self.finite = network.body, network.finite

    def forward(self, pixels: Tensor) -> Tensor:
        """Its logits (B,K)."""
        return self.network(resized(pixels, self.height_px, self.width_px))


def resizing(model: LoadedModel, height_px: int, width_px: int) -> LoadedModel:
    """The same model, sharing its weights, which resizes what it is given to its input size."""
    twin = copy.copy(model)
    twin.network = _Resizing(model.serving, height_px, width_px)
    return twin
