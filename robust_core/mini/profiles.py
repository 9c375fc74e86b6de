"""Profiles across one coordinate, of which surfaces and backgrounds are made: steps, cells and ridges, elementwise on
tensors of any shape.
"""

import torch
from torch import Tensor

# exp(-60) is nothing to an image. Numbers far below it are denormal, and a processor is ten times slower with those.
LOWEST = -60.0


def step(field: Tensor, width: float) -> Tensor:
    """A soft threshold at zero, from 0 to 1."""
    return (field / width).clamp_(min=LOWEST).sigmoid_()


def cell(x: Tensor) -> Tensor:
    """The place within a cell of width 1, from 0 to 1; of half an integer, whether that is odd, as 0 or 0.5."""
    return x - torch.floor(x)


def ridge(x: Tensor) -> Tensor:
    """1 at the integers, 0 in the middle between them."""
    return (cell(x) - 0.5).abs() * 2
