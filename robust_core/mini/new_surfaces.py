"""Ten surfaces that are in no training image, for downstream tasks: functions of object coordinates (n, H, W) like
those of `textures`. Each is a pattern between two random colours, so that colour says nothing about the class.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from robust_core.mini.batch_rng import BatchRng, mix
from robust_core.mini.noise import noise
from robust_core.mini.profiles import cell, ridge, step

ROOT_3 = 3**0.5


def camouflage(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    coarse, other = noise(u, v, 1, draws, 0.7, 0.7), noise(u, v, 1, draws, 0.7, 0.7)
    return 0.6 * step(coarse, 0.06) + 0.4 * step(other, 0.06)


def checkerboard(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = math.pi * draws.between(2.6, 3.6)
    return step(torch.sin(u * rate) * torch.sin(v * rate), 0.08)


def chevrons(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(2.2, 3.0)
    return step(torch.sin(2 * math.pi * (v * rate + 0.7 * ridge(u * rate * 0.7))), 0.2)


def honeycomb(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    """Hexagons with thin walls: a place belongs to the nearer centre of two rectangular lattices."""
    rate = draws.between(2.4, 3.2)
    x, y = u * rate, v * rate / ROOT_3
    first, second = _to_centre(x, y), _to_centre(x + 0.5, y + 0.5)
    reach = torch.minimum(
        *(torch.maximum(across, across / 2 + along * ROOT_3 / 2) for across, along in (first, second))
    )
    return step(0.4 - reach, 0.03)


def marble(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    bent = 1.1 * noise(u, v, 0, draws, 0.8, 0.8) + 0.5 * noise(u, v, 1, draws, 0.8, 0.8)
    vein = torch.sin((u + 0.5 * v) * draws.between(3, 4.5) + 2 * bent)
    return torch.exp(-((vein / 0.22) ** 2))


def plaid(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(1.7, 2.3)
    across, along = cell(u * rate), cell(v * rate)
    wide = 0.5 * step(0.22 - (across - 0.5).abs(), 0.03) + 0.5 * step(0.22 - (along - 0.5).abs(), 0.03)
    thin = step(0.05 - (across - 0.95).abs(), 0.02) + step(0.05 - (along - 0.95).abs(), 0.02)
    return (0.8 * wide + 0.6 * thin).clamp(0, 1)


def polka_dots(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(2.6, 3.4)
    x, y = u * rate, v * rate
    dots = torch.maximum(_dot(x, y), _dot(x + 0.5, y + 0.5))
    return step(dots - 0.72, 0.06)


def ripples(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    """Rings around two places of the object."""
    rate = draws.between(14, 18)
    first = torch.hypot(u - draws.between(-0.8, -0.2), v - draws.between(-0.6, 0.6))
    second = torch.hypot(u - draws.between(0.2, 0.8), v - draws.between(-0.6, 0.6))
    return 0.5 + 0.25 * (torch.sin(rate * first) + torch.sin(rate * second))


def scales(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(2.8, 3.6)
    y = v * rate
    x = u * rate + cell(torch.floor(y) / 2)
    below = torch.hypot(cell(x) - 0.5, cell(y))
    return step((below - 0.52).abs() - 0.09, 0.04)


def speckles(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    return step(noise(u, v, 3, draws, 1, 1) - 1.0, 0.15)


def _to_centre(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """How far the middle of the unit cell is, across, and along in cells that are the root of 3 high."""
    return (cell(x) - 0.5).abs(), (cell(y) - 0.5).abs() * ROOT_3


def _dot(x: Tensor, y: Tensor) -> Tensor:
    """1 at the middles of unit cells, falling with the distance."""
    return 1 - torch.hypot(cell(x) - 0.5, cell(y) - 0.5)


# By the names of the classes in the table of tasks.
NEW_SURFACES: dict[str, Callable[[Tensor, Tensor, BatchRng], Tensor]] = {
    pattern.__name__.replace("_", " "): pattern
    for pattern in (
        camouflage,
        checkerboard,
        chevrons,
        honeycomb,
        marble,
        plaid,
        polka_dots,
        ripples,
        scales,
        speckles,
    )
}


def new_surface(name: str, u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    """The surface called `name` at object coordinates `u`, `v` (n, H, W), turned a little in the object: RGB
    (n, 3, H, W).
    """
    turn = draws.between(-0.35, 0.35)
    cos, sin = turn.cos(), turn.sin()
    first, second = draws.hsv((0, 1), (0.1, 0.9), (0.65, 1.0)), draws.hsv((0, 1), (0.1, 0.9), (0.1, 0.45))
    return mix(first, second, NEW_SURFACES[name](cos * u - sin * v, sin * u + cos * v, draws))
