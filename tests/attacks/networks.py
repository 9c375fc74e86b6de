"""Networks on which a good attack's end is known in closed form, and ways to make an attack fail on them.

All are right about `grey` images as class 0. The class that they can become is 1; class 2 is there because the DLR loss
needs three.
"""

import torch
from torch import Tensor, nn

from robust_core.models.loading import LoadedModel
from tests.tiny import SIDE_PX, as_model

SURE = 1e4  # logits so far apart that float32 holds no probability, and so no gradient, for any class but one


def grey(n: int = 3) -> Tensor:
    """Even images (n,3,8,8), of the middle of [0, 1]."""
    return torch.full((n, 3, SIDE_PX, SIDE_PX), 0.5)


class _OfShift(nn.Module):
    """Class 1 as soon as `score` of the image is more than `margin`; `scale` says how sure of it."""

    def __init__(self, score, margin: float, scale: float = 1.0):
        super().__init__()
        self.score, self.margin, self.scale = score, margin, scale

    def forward(self, pixels: Tensor) -> Tensor:
        score = self.score(pixels)
        return self.scale * torch.stack([score.new_full(score.shape, self.margin), score, score * 0 - 1], 1)


def _shift(pixels: Tensor) -> Tensor:
    return (pixels - 0.5).flatten(1).mean(1)


def _quantised_shift(pixels: Tensor) -> Tensor:
    levels = (pixels * 4).round() / 4
    return _shift(pixels + (levels - pixels).detach())  # its gradient is that of the image itself


def shifted(margin: float) -> LoadedModel:
    """Class 1 where the mean has risen by more than `margin`: the L∞ ball of that radius is the largest without it."""
    return as_model(_OfShift(_shift, margin), "shifted")


def saturated(margin: float) -> LoadedModel:
    """The same classes as `shifted`, so sure of itself that the gradient of its cross-entropy is exactly zero."""
    return as_model(_OfShift(_shift, margin, SURE), "saturated")


def quantised(margin: float) -> LoadedModel:
    """As `shifted`, of the image rounded to four levels: a gradient that is not zero, and a loss that does not move."""
    return as_model(_OfShift(_quantised_shift, margin), "quantised")


def uneven(variance: float) -> LoadedModel:
    """Class 1 where the values' variance is more than `variance`; its gradient at an even image is zero."""
    return as_model(_OfShift(lambda pixels: pixels.flatten(1).var(1, correction=0), variance, SURE), "uneven")


def peaked(shift: float) -> LoadedModel:
    """Nearest to class 1 where the mean has risen by `shift`, and never there: a longer step overshoots."""
    return as_model(_OfShift(lambda pixels: -(_shift(pixels) - shift).abs(), 1.0), "peaked")


def constant() -> LoadedModel:
    """Class 0 for every image."""
    return as_model(_OfShift(lambda pixels: _shift(pixels) * 0, 1.0), "constant")


class _Flickering(nn.Module):
    """Classes 0 and 1 in turn, at every pass."""

    def __init__(self):
        super().__init__()
        self.passes = 0

    def forward(self, pixels: Tensor) -> Tensor:
        self.passes += 1
        return torch.eye(3)[(self.passes + 1) % 2].expand(len(pixels), 3) + _shift(pixels)[:, None]


def flickering() -> LoadedModel:
    """Right at its first pass, wrong at its second, and so on."""
    return as_model(_Flickering(), "flickering")
