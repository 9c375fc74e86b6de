"""Frost without photos: crystals of parallel streaks, brought to the spectrum and the colours of four frost photos.

It resembles the photos in what was measured, not in how it grew, and is to be called procedural frost wherever it is
shown. One network found it about as hard as the photos (tests/bench/RESULTS.md).
"""

from dataclasses import dataclass

import numpy as np

SIDE = 512
CRYSTALS = 320
DIRECTIONS = 12
BRANCH = DIRECTIONS // 3  # ice branches at 60 degrees
STREAK_LENGTH_PX, STREAK_WIDTH_PX = 9.0, 0.9
PERCENTILES = np.array([0, 0.2, 1, 3, 6, 10, 20, 35, 50, 65, 80, 90, 94, 97, 99, 99.8, 100])


@dataclass(frozen=True)
class Look:
    """Measured on one photo: radial power spectrum, brightness at PERCENTILES, and each channel as a line of
    brightness.
    """

    frequencies: tuple[float, ...]
    power: tuple[float, ...]
    brightness: tuple[float, ...]
    slopes: tuple[float, float, float]
    offsets: tuple[float, float, float]


LOOKS = (
    Look(
        frequencies=(0.0019, 0.0038, 0.0078, 0.0159, 0.0412, 0.0841, 0.1716, 0.444),
        power=(1180000, 81200, 11700, 1350, 145, 49.2, 29.2, 4.52),
        brightness=(81, 92, 95, 100, 104, 107, 114, 121, 128, 135, 145, 155, 161, 168, 177, 189, 220),
        slopes=(1.358, 0.876, 0.7),
        offsets=(-98.401, 35.551, 75.031),
    ),
    Look(
        frequencies=(0.0035, 0.0082, 0.0154, 0.029, 0.0547, 0.1029, 0.1936, 0.45),
        power=(107000, 6180, 1690, 651, 541, 113, 35.9, 3.08),
        brightness=(56, 115, 140, 157, 167, 176, 189, 200, 208, 215, 223, 230, 234, 238, 244, 250, 254),
        slopes=(0.974, 1.008, 1.026),
        offsets=(1.169, -1.377, 4.024),
    ),
    Look(
        frequencies=(0.0032, 0.0075, 0.0144, 0.0274, 0.0522, 0.0995, 0.1898, 0.449),
        power=(344000, 2620, 2740, 1620, 1100, 406, 181, 23.9),
        brightness=(22, 58, 81, 96, 105, 114, 128, 140, 150, 160, 171, 183, 192, 206, 231, 251, 254),
        slopes=(0.994, 0.996, 1.038),
        offsets=(-11.165, 3.774, 9.853),
    ),
    Look(
        frequencies=(0.0023, 0.0057, 0.0113, 0.0225, 0.0449, 0.0893, 0.1779, 0.4458),
        power=(1830000, 21900, 26700, 7020, 2300, 690, 173, 36.2),
        brightness=(23, 35, 43, 52, 60, 68, 83, 101, 117, 135, 157, 181, 197, 215, 237, 252, 255),
        slopes=(1.023, 0.996, 0.959),
        offsets=(-11.773, 2.427, 18.383),
    ),
)


def procedural_frost(number: int) -> np.ndarray:
    """The frost of LOOKS[number], (512, 512, 3) uint8, the same at each call; takes about a third of a second."""
    look = LOOKS[number]
    brightness = _with_look(_crystals(np.random.default_rng(number)), look)
    return (brightness[..., None] * look.slopes + look.offsets).clip(0, 255).astype(np.uint8)


def _crystals(rng: np.random.Generator) -> np.ndarray:
    """A field of crystals (SIDE, SIDE): streaks and two branches in each crystal's direction, bright seams, clouds,
    grain.
    """
    clouds = _filtered(rng.standard_normal((SIDE, SIDE)), np.maximum(_frequency(), 1 / SIDE) ** -1.3)
    crystal, seam = _cells(rng, bend=9 * clouds)
    direction = rng.integers(DIRECTIONS, size=CRYSTALS)[crystal]
    grain = rng.standard_normal((SIDE, SIDE))
    streaks = np.stack([_filtered(grain, _streak_response(k)) for k in range(DIRECTIONS)])
    rows, columns = np.indices((SIDE, SIDE), sparse=True)
    main, left, right = (streaks[(direction + turn) % DIRECTIONS, rows, columns] for turn in (0, BRANCH, -BRANCH))
    return main + 0.6 * np.maximum(left, right) + 0.5 * seam + 0.8 * clouds + 0.25 * rng.standard_normal((SIDE, SIDE))


def _frequency() -> np.ndarray:
    """Cycles per px of each coefficient of a real Fourier transform."""
    return np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))


def _filtered(field: np.ndarray, response: np.ndarray) -> np.ndarray:
    """`field` times `response` in frequency, brought to mean 0 and standard deviation 1."""
    spectrum = np.fft.rfft2(field) * response
    spectrum[0, 0] = 0
    result = np.fft.irfft2(spectrum, s=field.shape)
    return result / result.std()


def _streak_response(direction: int) -> np.ndarray:
    """A Gaussian that is long along `direction` (of DIRECTIONS in half a turn) and narrow across it."""
    angle = np.pi * direction / DIRECTIONS
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)
    along, aside = across * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - across * np.sin(angle)
    return np.exp(-2 * np.pi**2 * ((STREAK_LENGTH_PX * along) ** 2 + (STREAK_WIDTH_PX * aside) ** 2))


def _cells(rng: np.random.Generator, bend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Voronoi cells on a torus: the number of each pixel's cell, and a seam of 1 where two cells meet.

    `bend` moves the pixels by so many px before they are measured, so that the seams are not straight.
    """
    from scipy.spatial import cKDTree  # not before it is needed: a page shows results sooner

    centres = cKDTree(rng.uniform(0, SIDE, (CRYSTALS, 2)), boxsize=SIDE)
    places = np.stack(np.indices((SIDE, SIDE)) + bend, axis=-1) % SIDE
    distances, numbers = centres.query(places, k=2)
    return numbers[..., 0], np.exp((distances[..., 0] - distances[..., 1]) / 6)


def _with_look(field: np.ndarray, look: Look) -> np.ndarray:
    """`field` brought to the spectrum and the brightness of `look`, in turns, since either disturbs the other."""
    frequency = np.log(np.maximum(_frequency(), 1 / SIDE))
    for _ in range(3):
        have = np.interp(frequency, *_log_spectrum(field))
        want = np.interp(frequency, np.log(look.frequencies), np.log(look.power))
        field = _filtered(field, np.exp((want - have) / 2))
        ranks = field.ravel().argsort().argsort().reshape(field.shape)
        field = np.interp(ranks / (field.size - 1) * 100, PERCENTILES, look.brightness)
    return field


def _log_spectrum(field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of frequency and of mean power in 24 rings, those without a coefficient left out."""
    window = np.outer(np.hanning(SIDE), np.hanning(SIDE))
    power = np.abs(np.fft.rfft2((field - field.mean()) * window)) ** 2 / SIDE**2
    edges = np.geomspace(1 / SIDE, 0.5, 25)
    ring = np.digitize(_frequency().ravel(), edges)
    sums, counts = np.bincount(ring, power.ravel(), 26)[1:-1], np.bincount(ring, minlength=26)[1:-1]
    filled = counts > 0
    return np.log(np.sqrt(edges[1:] * edges[:-1]))[filled], np.log(sums[filled] / counts[filled])
