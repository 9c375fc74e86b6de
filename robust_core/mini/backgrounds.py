"""What lies behind the objects: one function per kind.

Each goes from image coordinates x (1, 1, W) and y (1, H, 1) to RGB (n, 3, H, W), or to what broadcasts to it.
"""

import math

import torch
from torch import Tensor

from robust_core.mini.batch_rng import BatchRng, mix
from robust_core.mini.noise import noise
from robust_core.mini.profiles import cell, ridge, step

CLUTTER_PIECES = 6


def flat(x: Tensor, y: Tensor, draws: BatchRng) -> Tensor:
    return _paint(draws)


def gradient(x: Tensor, y: Tensor, draws: BatchRng) -> Tensor:
    angle = draws.between(0, 2 * math.pi)
    return mix(_paint(draws), _paint(draws), (0.5 + 0.5 * (x * angle.cos() + y * angle.sin())).clamp(0, 1))


def horizon(x: Tensor, y: Tensor, draws: BatchRng) -> Tensor:
    return mix(_paint(draws), _paint(draws), step(y - draws.between(-0.2, 0.5), 0.04))


def clouds(x: Tensor, y: Tensor, draws: BatchRng) -> Tensor:
    return mix(_paint(draws), _paint(draws), torch.sigmoid(1.5 * noise(x, y, 0, draws, 0.8, 0.8)))


def clutter(x: Tensor, y: Tensor, draws: BatchRng) -> Tensor:
    scene = mix(_paint(draws), _paint(draws), torch.sigmoid(1.5 * noise(x, y, 1, draws, 0.8, 0.8)))
    for _ in range(CLUTTER_PIECES):
        along, across = turned(x - draws.between(-1, 1), y - draws.between(-1, 1), draws.between(0, math.pi))
        along, across = along / draws.between(0.05, 0.35), across / draws.between(0.05, 0.5)
        distance = torch.hypot(along, across)
        angular = draws.some(0.5)
        distance[angular] = torch.maximum(along[angular].abs(), across[angular].abs())
        scene.lerp_(_paint(draws), step(1 - distance, 0.05)[:, None])
    return scene


def pattern(x: Tensor, y: Tensor, draws: BatchRng) -> Tensor:
    """Bricks, grass or tiles; none of them is the texture of a category."""
    rate = draws.between(2, 5)
    row = torch.floor(y * rate)
    column = x * rate * 0.5 + cell(row / 2)
    bricks = step(torch.maximum(ridge(column), ridge(y * rate)) - 0.88, 0.04)
    grass = torch.sigmoid(noise(x, y, 2, draws, 3, 0.8))
    tiles = 2 * cell((torch.floor(x * rate) + row) / 2)
    kind = draws.choice((0.0, 1.0, 2.0))
    light, dark = _paint(draws), _paint(draws)
    return mix(light, 0.65 * light + 0.35 * dark, torch.where(kind == 0, bricks, torch.where(kind == 1, grass, tiles)))


def turned(x: Tensor, y: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """The coordinates in a frame that is turned by `angle`."""
    return x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()


def _paint(draws: BatchRng) -> Tensor:
    return draws.colour(0.1, 0.95)


BACKGROUNDS = {
    "flat": flat,
    "gradient": gradient,
    "horizon": horizon,
    "clouds": clouds,
    "clutter": clutter,
    "pattern": pattern,
}
