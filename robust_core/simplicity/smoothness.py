"""Total variation, relative to that of the same values in random order.

Chen et al. 2020 (shape-bias@e26753b, tv_obs.py) sum the absolute differences between neighbours, which doubles when a
layer's output does: networks cannot be compared by it. Here the mean difference of neighbours is divided by the mean
difference of any two values (Gini's), which is what neighbours differ by on average once the values are shuffled. So 1
is as rough as chance, 0 is flat, and neither scale, offset nor sparsity matters.
"""

import torch
from torch import Tensor


def total_variation(maps: Tensor) -> Tensor:
    """The total variation (...) of maps (..., H, W), H and W at least 2, relative to that of their values in random
    order; NaN for a map that does not vary.
    """
    return _ratio(_neighbours_differ(maps), _values_differ(maps))


def kernel_variation(kernels: Tensor) -> Tensor:
    """The same (F,) of the filters (F, C, H, W): the differences of all C planes together, so that planes count by
    their contrast.
    """
    return _ratio(_neighbours_differ(kernels).sum(1), _values_differ(kernels).sum(1))


def _neighbours_differ(maps: Tensor) -> Tensor:
    """The mean absolute difference of vertical and horizontal neighbours."""
    height, width = maps.shape[-2:]
    vertical, horizontal = maps.diff(dim=-2).abs().sum((-2, -1)), maps.diff(dim=-1).abs().sum((-2, -1))
    return (vertical + horizontal) / ((height - 1) * width + height * (width - 1))


def _values_differ(maps: Tensor) -> Tensor:
    """The mean absolute difference of any two places (Gini's mean difference), from the sorted values."""
    values = maps.flatten(-2).sort(-1).values
    n = values.shape[-1]
    weights = 2 * torch.arange(n, device=maps.device, dtype=values.dtype) - n + 1
    return 2 * (values * weights).sum(-1) / (n * (n - 1))


def _ratio(neighbours: Tensor, chance: Tensor) -> Tensor:
    return torch.where(neighbours > 0, neighbours / chance, torch.nan)
