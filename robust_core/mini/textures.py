"""Sixteen surfaces, one per category: each a function of object coordinates (n, H, W), so that it turns and scales with
its object.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from robust_core.mini.batch_rng import BatchRng, mix, rgb
from robust_core.mini.noise import noise
from robust_core.mini.profiles import cell, ridge, step


def riveted_panels(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(2.2, 3.2)
    seam = torch.maximum(ridge(u * rate * 0.8 + draws.between(0, 1)), ridge(v * rate * 1.2 + draws.between(0, 1)))
    rivets = step(torch.cos(u * rate * 20) * torch.cos(v * rate * 20) - 0.7, 0.1) * step(seam - 0.6, 0.05)
    ink = (0.8 * step(seam - 0.86, 0.03) + 0.4 * rivets).clamp(0, 1)
    return mix(draws.hsv((0.5, 0.65), (0, 0.12), (0.75, 0.95)), draws.hsv((0.55, 0.65), (0.1, 0.3), (0.3, 0.5)), ink)


def fur(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    sway = 0.15 * noise(u, v, 0, draws, 0.6, 0.6)
    tufts = 0.6 * noise(u + sway, v, 1, draws, 3.2, 0.7) + 0.3 * noise(u, v, 2, draws, 3, 1)
    return mix(
        draws.hsv((0.03, 0.08), (0.5, 0.75), (0.18, 0.34)),
        draws.hsv((0.05, 0.1), (0.4, 0.65), (0.5, 0.75)),
        step(tufts, 0.5),
    )


def cross_hatch(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = 2 * draws.between(4, 5.5)
    lines = torch.maximum(torch.sin((u + v) * rate), torch.sin((u - v) * rate))
    return mix(
        draws.hsv((0.92, 1.08), (0.7, 0.95), (0.6, 0.85)),
        draws.hsv((0.95, 1.1), (0.2, 0.5), (0.15, 0.3)),
        step(lines - 0.75, 0.12),
    )


def feathers(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(3.2, 4.4)
    row = torch.floor(v * rate)
    x, y = cell(u * rate * 1.1 + cell(row / 2)) - 0.5, v * rate - row
    edge = step(torch.sqrt(1.5 * x**2 + (y - 0.1) ** 2) - 0.62, 0.05)
    plumage = mix(
        draws.hsv((0.5, 0.66), (0.6, 0.9), (0.55, 0.8)), draws.hsv((0.12, 0.2), (0.5, 0.85), (0.8, 1.0)), edge
    )
    return plumage * (1 - 0.25 * y)[:, None]


def planks(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(2.6, 3.6)
    joint = step(ridge(v * rate + draws.between(0, 1)) - 0.86, 0.03)
    rings = 0.5 * torch.sin((v + 0.06 * noise(u, v, 1, draws, 0.5, 1.2)) * rate * 14)
    grain = step(rings + 0.3 * noise(u, v, 2, draws, 0.5, 3), 0.4)
    return mix(
        draws.hsv((0.06, 0.1), (0.5, 0.7), (0.6, 0.85)),
        draws.hsv((0.05, 0.08), (0.6, 0.8), (0.3, 0.45)),
        (joint + 0.35 * grain).clamp(0, 1),
    )


def glass(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    depth = 0.5 + 0.5 * torch.sin(u * draws.between(7, 10) + draws.between(0, 2 * math.pi))
    body = mix(draws.hsv((0.3, 0.45), (0.5, 0.8), (0.2, 0.35)), draws.hsv((0.3, 0.42), (0.4, 0.65), (0.6, 0.85)), depth)
    return _highlight(body, ridge(u * draws.between(1.3, 1.7) + draws.between(0, 1)), 0.7)


def gloss(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    sky = step(
        torch.sin(v * draws.between(8, 11) + 0.5 * noise(u, v, 0, draws, 0.4, 0.4) + draws.between(0, 2 * math.pi))
        - 0.2,
        0.12,
    )
    hue = draws.choice((0.0, 0.02, 0.13, 0.6, 0.62))
    dark = rgb(hue, draws.between(0.75, 0.95), draws.between(0.5, 0.7))
    bright = rgb(hue, draws.between(0.5, 0.7), draws.between(0.85, 1.0))
    return _highlight(mix(dark, bright, sky), ridge(v * draws.between(1.3, 1.7) + draws.between(0, 1)), 0.8)


def tabby(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    stripes = torch.sin(1.8 * (u * draws.between(5, 7) + noise(u, v, 0, draws, 0.7, 0.7))) + 0.35 * noise(
        u, v, 2, draws, 2.5, 1
    )
    return mix(
        draws.hsv((0.06, 0.1), (0.5, 0.8), (0.75, 0.95)),
        draws.hsv((0.04, 0.07), (0.5, 0.75), (0.25, 0.45)),
        step(stripes, 0.22),
    )


def basket_weave(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(3.6, 4.8)
    x, y = u * rate, v * rate
    # 0 or 1: `lerp` then chooses, ten times faster than `where`
    lies_across = 2 * cell((torch.floor(x) + torch.floor(y)) / 2)
    strand = torch.lerp(torch.sin(cell(y) * math.pi), torch.sin(cell(x) * math.pi), lies_across)
    fibres = 0.2 * torch.lerp(torch.cos(x * 4 * math.pi), torch.cos(y * 4 * math.pi), lies_across)
    return mix(
        draws.hsv((0.09, 0.13), (0.5, 0.7), (0.25, 0.4)),
        draws.hsv((0.1, 0.14), (0.3, 0.55), (0.8, 0.95)),
        (strand + fibres).clamp(0, 1),
    )


def engine_turning(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    x, y = u - draws.between(-0.1, 0.1), v - draws.between(-0.1, 0.1)
    radius = torch.sqrt(x * x + y * y)
    rings = step(torch.cos(radius * draws.between(18, 24)), 0.3)
    ticks = step(torch.cos(torch.atan2(y, x) * 24) - 0.75, 0.1) * step(torch.sin(radius * draws.between(5, 7)), 0.2)
    ink = (0.75 * rings + 0.5 * ticks).clamp(0, 1)
    return mix(draws.hsv((0.11, 0.15), (0.45, 0.75), (0.8, 1.0)), draws.hsv((0.08, 0.13), (0.5, 0.8), (0.3, 0.45)), ink)


def spots(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(0.9, 1.2)
    field = noise(u, v, 1, draws, rate, rate) + 0.12 * noise(u, v, 2, draws, 3, 1.5)
    return mix(
        draws.hsv((0.08, 0.12), (0.02, 0.15), (0.85, 1.0)),
        draws.hsv((0.05, 0.1), (0.2, 0.6), (0.08, 0.25)),
        step(field - 0.75, 0.08),
    )


def wrinkles(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    deep = step(noise(u, v, 1, draws, 1.0, 1.6).abs() - 0.22, 0.08)
    fine = step(noise(u, v, 2, draws, 1.6, 2.2).abs() - 0.25, 0.1)
    return mix(
        draws.hsv((0.55, 0.75), (0.02, 0.12), (0.25, 0.4)),
        draws.hsv((0.55, 0.75), (0.02, 0.1), (0.55, 0.75)),
        0.7 * deep + 0.3 * fine,
    )


def key_grid(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    rate = draws.between(4.2, 5.4)
    x, y = u * rate, v * rate
    gap = step(torch.maximum(ridge(x), ridge(y)) - 0.7, 0.04)
    letter = step(0.38 - 2 * torch.sqrt(1.3 * (cell(x) - 0.5) ** 2 + (cell(y) - 0.5) ** 2), 0.05)
    ink = (0.75 * gap + 0.6 * letter).clamp(0, 1)
    return mix(draws.hsv((0.6, 0.7), (0, 0.15), (0.1, 0.2)), draws.hsv((0.6, 0.7), (0, 0.1), (0.75, 0.95)), ink)


def brushed_steel(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    sheen = 0.5 * noise(u, v, 3, draws, 0.12, 3.2) + torch.sin(
        u * draws.between(1.5, 2.5) + draws.between(0, 2 * math.pi)
    )
    return mix(
        draws.hsv((0.5, 0.62), (0.02, 0.12), (0.45, 0.6)),
        draws.hsv((0.5, 0.62), (0, 0.08), (0.85, 1.0)),
        step(sheen, 0.45),
    )


def glowing_bars(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    bars = step(torch.cos(2 * v * draws.between(5, 6.5) + draws.between(0, 2 * math.pi)) - 0.35, 0.1)
    heat = (0.8 + 0.3 * noise(u, v, 0, draws, 0.5, 0.5)).clamp(0, 1.2)
    return mix(
        draws.hsv((0.0, 0.05), (0.1, 0.4), (0.16, 0.28)),
        draws.hsv((0.01, 0.07), (0.75, 1.0), (0.8, 1.0)),
        (bars * heat).clamp(0, 1),
    )


def hazard_stripes(u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    stripes = torch.sin((u + v) * 1.25 * draws.between(4.5, 6) + draws.between(0, 2 * math.pi))
    return mix(
        draws.hsv((0.12, 0.16), (0.85, 1.0), (0.8, 1.0)),
        draws.hsv((0.1, 0.16), (0.0, 0.3), (0.05, 0.2)),
        step(stripes, 0.06),
    )


def _highlight(body: Tensor, crest: Tensor, strength: float) -> Tensor:
    """White where `crest` is near 1."""
    return torch.lerp(body, torch.ones(()), strength * torch.exp(-(((1 - crest) / 0.15) ** 2))[:, None])


# In the order of the categories: what each kind of object is usually made of.
TEXTURES: tuple[Callable[[Tensor, Tensor, BatchRng], Tensor], ...] = (
    riveted_panels,  # airplane
    fur,  # bear
    cross_hatch,  # bicycle
    feathers,  # bird
    planks,  # boat
    glass,  # bottle
    gloss,  # car
    tabby,  # cat
    basket_weave,  # chair
    engine_turning,  # clock
    spots,  # dog
    wrinkles,  # elephant
    key_grid,  # keyboard
    brushed_steel,  # knife
    glowing_bars,  # oven
    hazard_stripes,  # truck
)


def surface(index: int, u: Tensor, v: Tensor, draws: BatchRng) -> Tensor:
    """The surface of category `index` at object coordinates `u`, `v` (n, H, W), turned a little in the object: RGB (n,
    3, H, W).
    """
    turn = draws.between(-0.35, 0.35)
    cos, sin = turn.cos(), turn.sin()
    return TEXTURES[index](cos * u - sin * v, sin * u + cos * v, draws)
