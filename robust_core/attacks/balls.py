"""The geometry of the two norms, as a table: how far, which way, back into the ball, and a random point in it.

All functions treat each image of a batch (B,3,H,W) on its own. Squares leave float32 above 1e19 and below 1e-22,
where neither ε nor a gradient has to be wrong: so whatever is squared is brought to a peak of 1 first.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Radius = float | Tensor  # of all images, or (B,1,1,1) one for each
TINY, HUGE = torch.finfo(torch.float32).tiny, torch.finfo(torch.float32).max


@dataclass(frozen=True)
class Ball:
    """One norm.

    distance   (B,) the norm of each change (B,3,H,W)
    direction  the steepest ascent of length 1 along gradients (B,3,H,W); zero where a gradient is zero
    shrink     the nearest changes (B,3,H,W) no longer than eps, which may be one radius for each (B,1,1,1)
    sample     a change (3,H,W) drawn uniformly from the ball of radius 1
    diameter   the distance between the two images of shape (3,H,W) that are farthest apart; a larger ball is no limit
    """

    distance: Callable[[Tensor], Tensor]
    direction: Callable[[Tensor], Tensor]
    shrink: Callable[[Tensor, Radius], Tensor]
    sample: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
    diameter: Callable[[tuple[int, ...]], float]


def project(pixels: Tensor, clean: Tensor, ball: Ball, eps: Radius) -> Tensor:
    """`pixels` brought back into the ball around `clean`, then into [0, 1], which leads no farther away as `clean` is
    in it too.

    A ball that holds all images, from its diameter on, is no limit to what [0, 1] limits anyway.
    """
    change = pixels - clean
    unlimited = not isinstance(eps, Tensor) and eps >= ball.diameter(clean.shape[1:])
    return (clean + (change if unlimited else ball.shrink(change, eps))).clamp(0, 1)


def ascend(pixels: Tensor, gradient: Tensor, clean: Tensor, ball: Ball, step_size: Radius, eps: Radius) -> Tensor:
    """One step of projected gradient ascent (Madry et al. 2018, section 2.1): `step_size`, or (B,1,1,1) of them, along
    the steepest direction, then back into the ball; a negative one descends.
    """
    return project(pixels + step_size * ball.direction(gradient), clean, ball, eps)


def _linf_distance(change: Tensor) -> Tensor:
    return change.abs().amax(dim=(1, 2, 3))


def _linf_shrink(change: Tensor, eps: Radius) -> Tensor:
    if isinstance(eps, Tensor):
        return change.clamp(-eps, eps)
    radius = min(eps, HUGE)  # what float32 cannot hold, `clamp` does not take
    return change.clamp(-radius, radius)


def _linf_sample(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return 2 * random.random(shape, dtype=np.float32) - 1


def _l2_distance(change: Tensor) -> Tensor:
    scaled, peak = _to_peak_one(change)
    return (_norm(scaled) * peak).flatten()


def _l2_direction(gradient: Tensor) -> Tensor:
    scaled, _ = _to_peak_one(gradient)
    return scaled / _norm(scaled).clamp_min(TINY)


def _l2_shrink(change: Tensor, eps: Radius) -> Tensor:
    scaled, peak = _to_peak_one(change)
    length = _norm(scaled)
    return torch.where(length > eps / peak, scaled * (eps / length.clamp_min(TINY)), change)


def _l2_sample(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    ray = random.standard_normal(shape, dtype=np.float32)
    return ray / np.linalg.norm(ray) * random.random() ** (1 / ray.size)


def _to_peak_one(change: Tensor) -> tuple[Tensor, Tensor]:
    """`change` divided by the largest size of its values, and that (B,1,1,1); zeros stay zeros."""
    peak = change.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(TINY)
    return change / peak, peak


def _norm(change: Tensor) -> Tensor:
    return change.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


BALLS: dict[str, Ball] = {
    "linf": Ball(_linf_distance, torch.sign, _linf_shrink, _linf_sample, diameter=lambda shape: 1.0),
    "l2": Ball(_l2_distance, _l2_direction, _l2_shrink, _l2_sample, diameter=lambda shape: math.sqrt(math.prod(shape))),
}
