"""A network whose smoothed classifier is known: that of a linear network of two classes is the network itself."""

import torch
from torch import Tensor

from robust_core.models.loading import LoadedModel
from tests.tiny import SIDE_PX, VALUES, linear


def grey() -> Tensor:
    """An even image (3,8,8), of the middle of [0, 1]."""
    return torch.full((3, SIDE_PX, SIDE_PX), 0.5)


def away() -> Tensor:
    """(192,) the direction, of length 1, in which images get away from the boundary of `two_sided`."""
    direction = torch.randn(VALUES, generator=torch.Generator().manual_seed(1))
    return direction / direction.norm()


def two_sided(distance: float, classes: int = 2, scale: float = 1.0) -> LoadedModel:
    """Class 0 for `grey`, whose boundary with class 1 is `distance` away; in noise of σ it is predicted with
    probability Φ(distance/σ). Further classes are never predicted. `scale` says how sure it is of itself.
    """
    weights = torch.zeros(classes, VALUES)
    weights[0] = away()
    bias = torch.zeros(classes)
    bias[0] = distance - weights[0].sum() / 2
    bias[2:] = -1e6
    return linear(scale * weights, scale * bias)
