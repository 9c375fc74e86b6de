"""Gaussian noise on images, and how much of its energy passes a layer."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

ROUNDING = 1e-12  # of the energy of a float32 map around its own mean


def with_noise(pixels: Tensor, sigma: float, seed: int, places: Sequence[int]) -> Tensor:
    """`pixels` (B,3,H,W) in [0, 1] with Gaussian noise of the standard deviation `sigma`, cut off at 0 and 1.

    Each image has random numbers of its own, from `seed` and its place in the set, so that its neighbours do not
    matter.
    """
    shape = tuple(pixels.shape[1:])
    drawn = [np.random.default_rng([seed, place]).standard_normal(shape, dtype=np.float32) for place in places]
    return (pixels + sigma * torch.from_numpy(np.stack(drawn)).to(pixels)).clamp(0, 1)


def signal_energy(maps: Tensor) -> Tensor:
    """How much each of B images varies (B,) across the places of its maps (B,C,H,W): squared distances from the mean of
    each map, summed; 0 where that is no more than rounding.
    """
    energy = (maps - maps.mean((2, 3), keepdim=True)).square().sum((1, 2, 3))
    return torch.where(energy > ROUNDING * maps.square().sum((1, 2, 3)), energy, 0.0)


def noise_energy(clean: Tensor, noisy: Tensor) -> Tensor:
    """How far noise moves the maps (B,C,H,W) of each image: squared differences, summed (B,)."""
    return (noisy - clean).square().sum((1, 2, 3))


def noise_passed(
    noise: np.ndarray, signal: np.ndarray, input_noise: np.ndarray, input_signal: np.ndarray
) -> np.ndarray | float:
    """The energy of noise relative to the signal's after a layer, as a fraction of that at the input.

    1 lets noise through as well as the image, less holds it back, more amplifies it. A linear layer without neighbours,
    such as a 1 x 1 convolution of one colour, has exactly 1. Sums or means over the same images, in arrays of one
    shape.
    """
    return (noise / signal) / (input_noise / input_signal)
