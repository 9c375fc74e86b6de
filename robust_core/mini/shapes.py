"""Sixteen silhouettes, one short function per entry-level category; numbers are object coordinates, x to the right and
y down, -1 to 1.
"""

from functools import cache

import numpy as np

from robust_core.errors import BadInput
from robust_core.mini.canvas import Canvas

VARIANTS = 96  # per category
SIDES = (-1, 1)
BANK_SEED = 7


def airplane(canvas, rng):
    nose, body, span, sweep = (
        rng.uniform(0.82, 0.95),
        rng.uniform(0.10, 0.14),
        rng.uniform(0.7, 0.9),
        rng.uniform(0.25, 0.5),
    )
    engines = rng.random() < 0.8
    for side in SIDES:
        canvas.polygon(
            [(0.28, side * 0.05), (0.28 - sweep, side * span), (0.11 - sweep, side * span), (-0.14, side * 0.05)]
        )
        canvas.polygon([(-0.62, side * 0.04), (-0.8, side * 0.36), (-0.95, side * 0.36), (-0.86, side * 0.03)], 0.9)
        if engines:
            canvas.ellipse(0.14 - sweep * 0.3, side * span * 0.42, 0.13, 0.05, 0.75)
    canvas.ellipse(0, 0, nose, body, 1.08)
    canvas.polygon([(-nose, -0.03), (-nose, 0.03), (-0.55, 0.025), (-0.55, -0.025)], 0.6)
    canvas.ellipse(nose - 0.14, 0, 0.06, body * 0.55, 0.35)


def bear(canvas, rng):
    _legs(canvas, (-0.5, -0.3, 0.2, 0.4), 0.1, rng.uniform(0.62, 0.75), rng.uniform(0.2, 0.26), foot=0.1)
    canvas.ellipse(-0.1, -0.05, 0.62, rng.uniform(0.36, 0.44))
    canvas.ellipse(0.22, -0.22, 0.36, 0.34)
    x, y = rng.uniform(0.55, 0.61), rng.uniform(-0.3, -0.1)
    canvas.ellipse(x, y, 0.27, 0.25)
    for ear in (-0.16, 0.08):
        canvas.disc(x + ear, y - 0.22, 0.085, 0.85)
    canvas.ellipse(x + 0.24, y + 0.08, 0.15, 0.12, 1.3)
    canvas.disc(x + 0.34, y + 0.04, 0.05, 0.2)
    canvas.disc(x + 0.1, y - 0.05, 0.035, 0.15)
    canvas.ellipse(-0.7, -0.12, 0.07, 0.06)


def bicycle(canvas, rng):
    radius, tube = rng.uniform(0.33, 0.4), rng.uniform(0.065, 0.085)
    rear, front, pedals, saddle, head = (-0.52, 0.32), (0.52, 0.32), (-0.08, 0.32), (-0.2, -0.22), (0.33, -0.25)
    for x, y in (rear, front):
        canvas.ring(x, y, radius, tube, 0.7)
        canvas.disc(x, y, 0.06)
    for frame in ((rear, saddle), (rear, pedals), (pedals, saddle), (saddle, head), (pedals, head), (head, front)):
        canvas.stroke(frame, tube)
    canvas.stroke([saddle, (-0.24, -0.4)], tube)
    canvas.stroke([(-0.38, -0.42), (-0.1, -0.42)], tube * 1.5, 0.4)
    canvas.stroke([head, (0.28, -0.5), (0.46, -0.56)], tube, 0.8)
    canvas.disc(*pedals, 0.09, 0.6)


def bird(canvas, rng):
    canvas.polygon([(-0.35, 0.0), (-0.95, 0.25 + rng.uniform(-0.05, 0.2)), (-0.9, 0.42), (-0.25, 0.25)], 0.85)
    for x in (-0.02, 0.14):
        canvas.stroke([(x, 0.3), (x + 0.03, 0.72), (x + 0.18, 0.74)], 0.05, 0.5)
    canvas.ellipse(-0.02, 0.05, 0.5, 0.3, tilt=rng.uniform(-0.5, -0.2))
    x, y = rng.uniform(0.38, 0.45), rng.uniform(-0.42, -0.32)
    canvas.ellipse(x, y, 0.22, 0.21)
    canvas.polygon([(x + 0.16, y - 0.09), (x + 0.5, y + 0.04), (x + 0.16, y + 0.1)], 1.5)
    canvas.disc(x + 0.07, y - 0.05, 0.04, 0.1)
    canvas.polygon([(0.15, -0.1), (-0.25, -0.12), (-0.75, 0.3), (-0.2, 0.26), (0.1, 0.12)], 0.68)


def boat(canvas, rng):
    mast, deck, top = rng.uniform(-0.1, 0.1), rng.uniform(0.3, 0.4), rng.uniform(-0.92, -0.8)
    canvas.polygon([(-0.85, deck), (0.9, deck), (0.6, 0.75), (-0.62, 0.75)], 0.8)
    canvas.stroke([(mast, deck), (mast, top)], 0.06, 0.5)
    canvas.polygon([(mast + 0.06, top + 0.04), (mast + 0.06, deck - 0.1), (rng.uniform(0.68, 0.85), deck - 0.1)], 1.1)
    canvas.polygon([(mast - 0.06, top + 0.2), (mast - 0.06, deck - 0.12), (-rng.uniform(0.5, 0.65), deck - 0.12)], 0.95)


def bottle(canvas, rng):
    width, shoulder = rng.uniform(0.24, 0.34), rng.uniform(-0.3, -0.1)
    neck, throat = width * rng.uniform(0.32, 0.45), shoulder - rng.uniform(0.12, 0.25)
    left = [(-width, 0.88), (-width, shoulder), (-neck, throat), (-neck, -0.85)]
    canvas.polygon(left + [(-x, y) for x, y in reversed(left)])
    canvas.ellipse(0, 0.88, width, 0.06)
    canvas.box(-neck * 1.2, -0.95, neck * 1.2, -0.8, 0.5)
    if rng.random() < 0.7:
        canvas.box(-width, 0.15, width, 0.6, 1.35)


def car(canvas, rng):
    roof = rng.uniform(-0.36, -0.24)
    outline = [
        (-0.95, 0.28),
        (-0.93, 0.0),
        (-0.6, -0.06),
        (-0.38, roof),
        (0.2, roof),
        (0.5, -0.04),
        (0.88, 0.04),
        (0.95, 0.28),
    ]
    canvas.polygon(outline)
    canvas.polygon([(-0.5, -0.05), (-0.34, roof + 0.06), (-0.1, roof + 0.06), (-0.1, -0.05)], 1.7)
    canvas.polygon([(-0.03, -0.05), (-0.03, roof + 0.06), (0.16, roof + 0.06), (0.38, -0.05)], 1.7)
    canvas.disc(0.9, 0.1, 0.05, 1.8)
    _wheels(canvas, (-0.55, 0.55), 0.3, rng.uniform(0.17, 0.21))


def cat(canvas, rng):
    along, side = np.linspace(0, 1, 10), rng.choice(SIDES)
    canvas.stroke(
        np.stack([side * (0.3 + 0.45 * np.sin(along * 2.2)), 0.72 - along * rng.uniform(0.7, 0.95)], 1), 0.12, 0.85
    )
    canvas.ellipse(0, 0.4, 0.4, 0.48)
    canvas.ellipse(0, 0.0, 0.28, 0.35)
    y, cheek = rng.uniform(-0.48, -0.4), rng.uniform(0.32, 0.37)
    for side in SIDES:
        canvas.polygon([(side * 0.08, y - 0.16), (side * cheek * 1.02, y - 0.48), (side * cheek * 0.98, y + 0.02)], 0.9)
        canvas.detail([(side * 0.15, y - 0.22), (side * cheek * 0.9, y - 0.38), (side * cheek * 0.85, y - 0.1)], 1.3)
        canvas.ellipse(side * 0.14, 0.84, 0.13, 0.07, 1.1)
    canvas.ellipse(0, y, cheek, 0.28)
    for side in SIDES:
        canvas.ellipse(side * 0.14, y - 0.03, 0.06, 0.055, 1.7)
        canvas.ellipse(side * 0.14, y - 0.03, 0.022, 0.05, 0.1)
    canvas.polygon([(-0.05, y + 0.08), (0.05, y + 0.08), (0, y + 0.14)], 0.3)
    canvas.stroke([(0, 0.45), (0, 0.85)], 0.03, 0.6)


def chair(canvas, rng):
    back, top, flare, bar = rng.uniform(0.36, 0.46), rng.uniform(-0.95, -0.8), rng.uniform(0.1, 0.2), 0.1
    for side in SIDES:
        canvas.stroke([(side * back, top), (side * back, 0.1)], bar)
    for y in np.linspace(top + 0.06, -0.25, rng.integers(2, 5)):
        canvas.stroke([(-back, y), (back, y)], bar)
    canvas.polygon([(-back - 0.02, 0.05), (back + 0.02, 0.05), (back + flare, 0.3), (-back - flare, 0.3)], 1.1)
    for side in SIDES:
        front, behind = side * (back + flare - 0.05), side * (back - 0.1)
        canvas.stroke([(front, 0.3), (front, 0.95)], bar, 0.9)
        canvas.stroke([(behind, 0.3), (behind, 0.75)], bar * 0.8, 0.65)


def clock(canvas, rng):
    radius, y = rng.uniform(0.55, 0.63), 0.05
    for side in SIDES:
        canvas.ellipse(side * 0.38, y - radius + 0.02, 0.22, 0.15, 0.75, tilt=side * 0.6)
        canvas.stroke([(side * 0.3, y + radius * 0.8), (side * 0.48, 0.85)], 0.1, 0.7)
    canvas.stroke([(0, y - radius), (0, y - radius - 0.16)], 0.07, 0.7)
    canvas.stroke([(-0.1, y - radius - 0.18), (0.1, y - radius - 0.18)], 0.07, 0.7)
    canvas.disc(0, y, radius, 0.55)
    canvas.disc(0, y, radius * 0.84, 1.25)
    for hour in np.arange(12) * np.pi / 6:
        canvas.disc(radius * 0.7 * np.cos(hour), y + radius * 0.7 * np.sin(hour), 0.035, 0.3)
    for length, width in ((0.6, 0.07), (0.83, 0.05)):
        angle = rng.uniform(0, 2 * np.pi)
        canvas.stroke([(0, y), (length * radius * np.cos(angle), y + length * radius * np.sin(angle))], width, 0.15)


def dog(canvas, rng):
    _legs(canvas, (-0.52, -0.38, 0.2, 0.34), 0.1, rng.uniform(0.72, 0.86), 0.12, foot=0.06)
    canvas.ellipse(-0.08, 0.03, 0.5, 0.21, tilt=rng.uniform(-0.1, 0.05))
    along = np.linspace(0, 1, 8)
    canvas.stroke(np.stack([-0.52 - 0.3 * np.sin(along * 1.5), -0.02 - along * rng.uniform(0.3, 0.6)], 1), 0.085)
    x, y = rng.uniform(0.48, 0.56), rng.uniform(-0.48, -0.36)
    canvas.polygon([(0.12, -0.1), (x - 0.16, y - 0.02), (x + 0.12, y + 0.12), (0.42, 0.12)])
    canvas.ellipse(x, y, 0.2, 0.18)
    canvas.polygon([(x + 0.05, y - 0.1), (x + 0.38, y - 0.02), (x + 0.4, y + 0.12), (x + 0.05, y + 0.16)], 1.1)
    canvas.ellipse(x + 0.38, y + 0.02, 0.055, 0.05, 0.15)
    canvas.ellipse(x - 0.12, y + 0.1, 0.085, 0.21, 0.55, tilt=0.15)
    canvas.disc(x + 0.08, y - 0.05, 0.032, 0.1)


def elephant(canvas, rng):
    _legs(canvas, (-0.52, -0.32, 0.12, 0.32), 0.1, 0.85, rng.uniform(0.17, 0.21))
    canvas.ellipse(-0.12, -0.05, 0.58, rng.uniform(0.42, 0.48))
    x, y, curl = 0.46, -0.22, rng.uniform(0.1, 0.25)
    canvas.ellipse(x, y, 0.27, 0.3)
    along = np.linspace(0, 1, 10)
    trunk = np.stack(
        [x + 0.2 + 0.14 * np.sin(along * 2.6) + curl * np.maximum(0, along - 0.6), y + 0.05 + along * 0.85], 1
    )
    for index in range(9):
        canvas.stroke(trunk[index : index + 2], 0.19 - 0.1 * along[index], 1.05)
    canvas.polygon(
        [(x + 0.08, y + 0.2), (x + 0.42, y + 0.36), (x + 0.5, y + 0.26), (x + 0.44, y + 0.42), (x + 0.1, y + 0.3)], 1.8
    )
    canvas.ellipse(x - 0.16, y + 0.02, rng.uniform(0.19, 0.25), 0.31, 0.65, tilt=0.1)
    canvas.disc(x + 0.13, y - 0.08, 0.032, 0.1)
    canvas.stroke([(-0.68, -0.15), (-0.76, 0.25)], 0.05, 0.7)


def keyboard(canvas, rng):
    taper, half, rows = rng.uniform(0.0, 0.18), rng.uniform(0.28, 0.36), rng.integers(3, 5)
    if rng.random() < 0.7:
        canvas.stroke([(0.2, -half), (0.25, -half - 0.2), (0.1, -half - 0.4)], 0.05, 0.5)
    canvas.polygon([(-0.95 + taper, -half), (0.95 - taper, -half), (0.95, half), (-0.95, half)], 0.7)
    pitch = (2 * half - 0.1) / rows
    for row in range(rows):
        top, keys = -half + 0.06 + row * pitch, rng.integers(8, 11)
        edge = 0.94 * (0.95 - taper * (half - top) / (2 * half))
        is_last = row == rows - 1
        for key in range(keys):
            gap = 0.0 if is_last and 0.3 < key / keys < 0.7 else 0.015  # the space bar
            canvas.box(
                edge * (2 * key / keys - 1) + gap,
                top,
                edge * (2 * (key + 1) / keys - 1) - gap,
                top + pitch - 0.045,
                1.4,
            )


def knife(canvas, rng):
    half, bolster = rng.uniform(0.13, 0.19), rng.uniform(-0.3, -0.15)
    canvas.polygon(
        [
            (bolster, -half),
            (0.55, -half),
            (0.8, -half * 0.5),
            (0.97, half * 0.9),
            (0.6, half * 1.05),
            (bolster, half * 1.05),
        ],
        1.15,
    )
    canvas.polygon([(bolster, half * 0.5), (0.9, half * 0.75), (0.6, half * 1.05), (bolster, half * 1.05)], 1.5)
    grip = [
        (-0.95, -0.1),
        (bolster - 0.04, -0.09),
        (bolster, -half),
        (bolster, half),
        (bolster - 0.05, 0.09),
        (-0.93, 0.14),
    ]
    canvas.polygon(grip, 0.45)
    for x in (-0.82, -0.62, -0.42):
        canvas.disc(x, 0.01, 0.035, 1.3)


def oven(canvas, rng):
    half, top = rng.uniform(0.66, 0.76), rng.uniform(-0.8, -0.7)
    canvas.box(-half, top, half, 0.8)
    canvas.box(-half, top, half, top + 0.3, 0.75)
    for x in np.linspace(-half * 0.72, half * 0.72, rng.integers(3, 6)):
        canvas.disc(x, top + 0.15, 0.085, 1.7)
        canvas.stroke([(x, top + 0.09), (x, top + 0.15)], 0.03, 0.3)
    canvas.stroke([(-half * 0.75, top + 0.42), (half * 0.75, top + 0.42)], 0.07, 1.7)
    canvas.box(-half * 0.72, top + 0.56, half * 0.72, 0.55, 0.4)
    canvas.stroke([(-half * 0.5, 0.4), (half * 0.1, top + 0.65)], 0.04, 0.9)
    for side in SIDES:
        canvas.box(side * half * 0.7, 0.8, side * half * 0.9, 0.92, 0.5)
    if rng.random() < 0.5:
        canvas.box(-half * 0.8, top - 0.06, half * 0.8, top, 0.4)


def truck(canvas, rng):
    top, front = rng.uniform(-0.55, -0.4), rng.uniform(0.32, 0.42)
    canvas.box(-0.95, top, front, 0.3)
    canvas.polygon([(front + 0.05, 0.34), (front + 0.05, -0.25), (0.78, -0.25), (0.95, 0.02), (0.95, 0.34)], 0.85)
    canvas.polygon([(front + 0.12, 0.0), (front + 0.12, -0.18), (0.74, -0.18), (0.86, 0.0)], 1.8)
    canvas.box(-0.95, 0.3, 0.95, 0.38, 0.5)
    _wheels(canvas, (-0.65, -0.28, 0.66), 0.42, rng.uniform(0.15, 0.18))


def _legs(canvas, hips, top, bottom, width, foot=0.0):
    for index, x in enumerate(hips):
        shade = 1.0 if index % 2 else 0.8  # the far legs are darker
        canvas.polygon(
            [(x - width / 2, top), (x + width / 2, top), (x + width * 0.42, bottom), (x - width * 0.42, bottom)], shade
        )
        if foot:
            canvas.ellipse(x + foot * 0.5, bottom - 0.03, width * 0.5 + foot * 0.4, 0.055, shade)


def _wheels(canvas, axles, y, radius):
    for x in axles:
        canvas.disc(x, y, radius, 0.25)
        canvas.disc(x, y, radius * 0.45, 1.3)


SHAPES = (
    airplane,
    bear,
    bicycle,
    bird,
    boat,
    bottle,
    car,
    cat,
    chair,
    clock,
    dog,
    elephant,
    keyboard,
    knife,
    oven,
    truck,
)
CATEGORIES = tuple(shape.__name__ for shape in SHAPES)


@cache
def silhouette(category: int, variant: int) -> np.ndarray:
    """One drawing of a category, uint8 (2, 96, 96) as `Canvas.planes` gives it; drawn once and kept, all of them are 28
    MB.
    """
    if not (0 <= category < len(SHAPES) and 0 <= variant < VARIANTS):
        raise BadInput(
            f"Expected a category below {len(SHAPES)} and a variant below {VARIANTS}, got {category} and {variant}."
        )
    rng = np.random.default_rng([BANK_SEED, category, variant])
    canvas = Canvas(rng)
    SHAPES[category](canvas, rng)
    return canvas.planes()
