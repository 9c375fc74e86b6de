"""Ten silhouettes of objects that are in no training image, for downstream tasks; drawn like those of `shapes`."""

from functools import cache

import numpy as np

from robust_core.mini.canvas import Canvas
from robust_core.mini.shapes import SIDES

BANK_SEED = 8


def cup(canvas, rng):
    width, taper, top = rng.uniform(0.42, 0.52), rng.uniform(0.05, 0.15), rng.uniform(-0.6, -0.45)
    canvas.ring(width + 0.12, 0.05, rng.uniform(0.24, 0.3), 0.11, 0.8)
    canvas.polygon([(-width, top), (width, top), (width - taper, 0.7), (-width + taper, 0.7)])
    canvas.ellipse(0, top, width, 0.11, 0.5)
    canvas.ellipse(0, 0.7, width - taper, 0.08, 0.85)


def fish(canvas, rng):
    half, length = rng.uniform(0.3, 0.4), rng.uniform(0.6, 0.7)
    canvas.polygon([(-0.45, 0.0), (-0.95, -0.42), (-0.82, 0.0), (-0.95, 0.42)], 0.85)
    canvas.polygon([(-0.2, -half * 0.8), (0.15, -half - 0.25), (0.3, -half * 0.8)], 0.8)
    canvas.ellipse(0.08, 0, length, half)
    canvas.polygon([(0.05, 0.05), (-0.25, 0.25), (0.0, 0.2)], 0.7)
    canvas.stroke([(0.38, -half * 0.6), (0.32, 0.0), (0.38, half * 0.6)], 0.04, 0.55)
    canvas.disc(0.55, -0.08, 0.06, 1.7)
    canvas.disc(0.56, -0.08, 0.03, 0.1)


def hammer(canvas, rng):
    handle, head, top = rng.uniform(0.07, 0.1), rng.uniform(0.36, 0.46), rng.uniform(-0.75, -0.65)
    canvas.polygon([(-handle, top), (handle, top), (handle * 1.3, 0.92), (-handle * 1.3, 0.92)], 0.8)
    canvas.box(-head, top - 0.14, 0.2, top + 0.18, 1.1)
    canvas.box(-head - 0.12, top - 0.18, -head, top + 0.22, 0.75)
    canvas.polygon([(0.2, top - 0.14), (head + 0.25, top - 0.02), (head + 0.28, top + 0.08), (0.2, top + 0.18)], 0.95)


def house(canvas, rng):
    half, eaves, ridge = rng.uniform(0.55, 0.68), rng.uniform(-0.2, -0.05), rng.uniform(-0.85, -0.7)
    canvas.box(half * 0.35, ridge, half * 0.6, eaves, 0.6)
    canvas.box(-half, eaves, half, 0.8)
    canvas.polygon([(-half - 0.15, eaves), (0, ridge), (half + 0.15, eaves)], 0.65)
    canvas.box(-0.14, 0.3, 0.14, 0.8, 0.4)
    for side in SIDES:
        canvas.box(side * half * 0.62 - 0.12, 0.08, side * half * 0.62 + 0.12, 0.32, 1.7)


def key(canvas, rng):
    bow, shaft = rng.uniform(0.24, 0.31), rng.uniform(0.08, 0.11)
    canvas.stroke([(-0.4, 0), (0.9, 0)], shaft * 1.5)
    canvas.ring(-0.6, 0, bow, 0.14, 0.9)
    for x in np.linspace(0.5, 0.82, rng.integers(2, 4)):
        canvas.box(x - 0.05, 0, x + 0.05, rng.uniform(0.22, 0.36), 0.85)
    canvas.disc(-0.25, 0, shaft * 1.4, 0.7)


def lamp(canvas, rng):
    top, brim, foot = rng.uniform(0.2, 0.3), rng.uniform(0.52, 0.66), rng.uniform(0.3, 0.4)
    canvas.stroke([(0, -0.2), (0, 0.78)], 0.1, 0.6)
    canvas.ellipse(0, 0.82, foot, 0.1, 0.8)
    canvas.polygon([(-top, -0.9), (top, -0.9), (brim, -0.08), (-brim, -0.08)], 1.2)
    canvas.stroke([(-brim, -0.08), (brim, -0.08)], 0.05, 0.7)
    canvas.stroke([(brim * 0.6, -0.08), (brim * 0.6, rng.uniform(0.2, 0.35))], 0.03, 0.4)


def mushroom(canvas, rng):
    cap, height, stem = rng.uniform(0.68, 0.82), rng.uniform(0.5, 0.65), rng.uniform(0.16, 0.22)
    canvas.polygon([(-stem, -0.1), (stem, -0.1), (stem * 1.4, 0.85), (-stem * 1.4, 0.85)], 1.3)
    angle = np.linspace(np.pi, 2 * np.pi, 24)
    canvas.polygon(np.stack([cap * np.cos(angle), -0.05 + (height + 0.2) * np.sin(angle)], 1), 0.9)
    canvas.ellipse(0, -0.05, cap, 0.1, 0.6)
    for x in (-0.4, 0.0, 0.38):
        canvas.disc(x, -0.35 - rng.uniform(0, 0.1), rng.uniform(0.07, 0.11), 1.6)


def scissors(canvas, rng):
    spread, handle = rng.uniform(0.22, 0.36), rng.uniform(0.17, 0.22)
    for side in SIDES:
        canvas.polygon([(side * spread, -0.95), (side * 0.1, 0.1), (-side * 0.06, 0.16), (-side * 0.06, 0.0)], 1.15)
        canvas.stroke([(0, 0.05), (-side * 0.22, 0.4)], 0.11, 0.8)
        canvas.ring(-side * 0.32, 0.62, handle, 0.11, 0.55)
    canvas.disc(0, 0.05, 0.06, 0.3)


def tree(canvas, rng):
    trunk, levels = rng.uniform(0.09, 0.14), rng.integers(3, 5)
    canvas.box(-trunk, 0.5, trunk, 0.95, 0.5)
    tops = np.linspace(-0.95, 0.1, levels)
    for number, top in enumerate(tops):
        half = 0.3 + 0.36 * (number + 1) / levels + rng.uniform(-0.04, 0.04)
        canvas.polygon([(0, top), (half, top + 0.52), (-half, top + 0.52)], 1.15 - 0.1 * number)


def umbrella(canvas, rng):
    half, height, ribs = rng.uniform(0.78, 0.92), rng.uniform(0.55, 0.7), 4
    canvas.stroke([(0, -0.2), (0, 0.75)], 0.07, 0.6)
    angle = np.linspace(np.pi, 0, 12)
    hook = rng.uniform(0.1, 0.15)
    canvas.stroke(np.stack([-hook + hook * np.cos(angle[::-1]), 0.75 + hook * np.sin(angle[::-1])], 1), 0.07, 0.6)
    arc = np.linspace(np.pi, 2 * np.pi, 24)
    canvas.polygon(np.stack([half * np.cos(arc), -0.05 + (height + 0.15) * np.sin(arc)], 1))
    edges = np.linspace(-half, half, ribs + 1)
    for number in range(ribs):
        shade = 0.75 if number % 2 else 1.2
        canvas.detail([(0, -height - 0.18), (edges[number], -0.05), (edges[number + 1], -0.05)], shade)
    canvas.stroke([(0, -height - 0.18), (0, -height - 0.3)], 0.05, 0.6)


NEW_SHAPES = {
    shape.__name__: shape for shape in (cup, fish, hammer, house, key, lamp, mushroom, scissors, tree, umbrella)
}


@cache
def new_silhouette(name: str, variant: int) -> np.ndarray:
    """One drawing, uint8 (2, 96, 96) as `Canvas.planes` gives it."""
    rng = np.random.default_rng([BANK_SEED, list(NEW_SHAPES).index(name), variant])
    canvas = Canvas(rng)
    NEW_SHAPES[name](canvas, rng)
    return canvas.planes()
