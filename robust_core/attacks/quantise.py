"""An attacked image as a PNG can hold it: in 8 bits, and still inside the ball.

Rounding can undo an attack. What is exported is therefore predicted again by the model, after this and not before.
"""

import math

import torch
from torch import Tensor

from robust_core.errors import BadInput, UnknownName

LEVELS = 255
ROUNDING = 1e-3  # of a level: how far float32 pixels may lie from the 8-bit level that they stand for


def quantise(pixels: Tensor, clean: Tensor, norm: str, eps: float) -> Tensor:
    """For each of `pixels` (B,3,H,W), attacked within eps, an 8-bit image near it within eps of `clean` (B,3,H,W);
    k/255 each.

    "linf": the nearest, at most as many whole levels from the clean image as eps holds; below eps = 1/255 that is the
    clean image itself. "l2": every value goes to the next level towards the clean image; then the largest
    remainders go one level further instead, as long as the change grows no longer than it was.

    Raises BadInput when `clean` is no 8-bit image of the same shape, UnknownName for another norm.
    """
    if norm not in _ROUND:
        raise UnknownName("norm", norm, _ROUND)
    if pixels.shape != clean.shape:
        raise BadInput(
            f"The attacked and the clean images must have one shape; got {tuple(pixels.shape)} and "
            f"{tuple(clean.shape)}."
        )
    levels = (clean * LEVELS).round()
    if (clean * LEVELS - levels).abs().amax() > ROUNDING:
        raise BadInput(
            "Only the attack on an 8-bit image has an 8-bit image in its ball; this clean image lies between "
            "the levels."
        )
    return (levels + _ROUND[norm]((pixels - clean) * LEVELS, eps * LEVELS)).clamp(0, LEVELS) / LEVELS


def _round_linf(change: Tensor, radius: float) -> Tensor:
    whole_radius = math.floor(radius + ROUNDING)
    return change.round().clamp(-whole_radius, whole_radius)


def _round_l2(change: Tensor, radius: float) -> Tensor:
    wanted = change.flatten(1).double()
    towards_clean = wanted.trunc()
    budget = wanted.square().sum(1, keepdim=True).clamp_max(radius * radius) - towards_clean.square().sum(
        1, keepdim=True
    )
    by_remainder = (wanted - towards_clean).abs().argsort(dim=1, descending=True)
    cost = (2 * towards_clean.abs() + 1).gather(1, by_remainder)  # of one more level: (n + 1)² - n²
    moves_on = torch.zeros_like(wanted).scatter(1, by_remainder, (cost.cumsum(1) <= budget).double())
    return (towards_clean + moves_on * wanted.sign()).to(change).view_as(change)


_ROUND = {"linf": _round_linf, "l2": _round_l2}
