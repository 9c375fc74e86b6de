"""The geometry of the two norms, as a table: how far, which way, back into the ball, and a random point in it.

All functions treat each picture of a batch (B,3,H,W) on its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

TINY = torch.finfo(torch.float32).tiny


@dataclass(frozen=True)
class Ball:
    """One norm.

    distance   (B,) the norm of each change (B,3,H,W)
    direction  the steepest ascent of length 1 along gradients (B,3,H,W); zero where a gradient is zero
    shrink     the nearest changes (B,3,H,W) no longer than eps
    sample     a change (3,H,W) drawn uniformly from the ball of radius 1
    """

    distance: Callable[[Tensor], Tensor]
    direction: Callable[[Tensor], Tensor]
    shrink: Callable[[Tensor, float], Tensor]
    sample: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def project(pixels: Tensor, clean: Tensor, ball: Ball, eps: float) -> Tensor:
    """`pixels` brought back into the ball around `clean`, then into [0, 1], which leads no farther away as `clean` is in it too."""
    return (clean + ball.shrink(pixels - clean, eps)).clamp(0, 1)


def _linf_distance(change: Tensor) -> Tensor:
    return change.abs().amax(dim=(1, 2, 3))


def _linf_shrink(change: Tensor, eps: float) -> Tensor:
    return change.clamp(-eps, eps)


def _linf_sample(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return 2 * random.random(shape, dtype=np.float32) - 1


def _l2_distance(change: Tensor) -> Tensor:
    return change.flatten(1).norm(dim=1)


def _l2_direction(gradient: Tensor) -> Tensor:
    # A confident network's gradient can be 1e-30, whose square is 0 in float32: so its peak is brought to 1 first.
    gradient = gradient / gradient.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(TINY)
    return gradient / _over_pixels(_l2_distance(gradient)).clamp_min(TINY)


def _l2_shrink(change: Tensor, eps: float) -> Tensor:
    return change * _over_pixels(eps / _l2_distance(change).clamp_min(TINY)).clamp_max(1)


def _l2_sample(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    ray = random.standard_normal(shape, dtype=np.float32)
    return ray / np.linalg.norm(ray) * random.random() ** (1 / ray.size)


def _over_pixels(per_picture: Tensor) -> Tensor:
    return per_picture.view(-1, 1, 1, 1)


BALLS: dict[str, Ball] = {
    "linf": Ball(_linf_distance, torch.sign, _linf_shrink, _linf_sample),
    "l2": Ball(_l2_distance, _l2_direction, _l2_shrink, _l2_sample),
}
