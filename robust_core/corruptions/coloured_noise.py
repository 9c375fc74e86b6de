"""The noises of ImageNet-C-bar that have a spectrum: brownish and blue noise, and Perlin's turbulence."""

import math

import numpy as np
import torch
from torch import Tensor

from robust_core.corruptions.filters import pixel_grid

LATTICE = 256  # gradients, after which Perlin noise repeats
OCTAVES = 5
CELLS = 7  # of the coarsest octave along the shorter side: 32 px of 224


def draw_grey_phases(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """The phases (1, H, W) of one field."""
    return (_phases(height, width, rng, 1),)


def draw_colour_phases(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """The phases (3, H, W) of a field for each channel."""
    return (_phases(height, width, rng, 3),)


def _phases(height: int, width: int, rng: np.random.Generator, fields: int) -> np.ndarray:
    """Uniform phases, the right half being the left one turned by 180 degrees.

    The reference turns about the middle of the array, half a step from the frequency 0, so that opposite frequencies
    are not conjugate and the real part of the field is all that is used.
    """
    left = rng.uniform(0, 2 * math.pi, (fields, height, width // 2))
    above = rng.uniform(0, 2 * math.pi, (fields, height // 2, width % 2))
    middle = np.concatenate([above, np.zeros((fields, height % 2, width % 2)), above[:, ::-1]], axis=1)
    return np.concatenate([left, middle, left[:, ::-1, ::-1]], axis=2)


def brownish_noise(pixels: Tensor, level: float, phases: Tensor) -> Tensor:
    """Add noise of standard deviation 6.4 * `level` levels of 255 whose amplitude falls as 1 / (f² + 1), f in cycles
    per shorter side.
    """
    return (pixels + 6.4 / 255 * level * _field(phases, 1 / (_cycles(pixels) ** 2 + 1))).to(pixels)


def blue_noise_sample(pixels: Tensor, level: float, phases: Tensor) -> Tensor:
    """Keep the pixels where noise whose amplitude grows with frequency is above 0.3 * `level` - 2.5 standard
    deviations, and turn the others black.
    """
    return pixels * (_field(phases, _cycles(pixels)) > 0.3 * level - 2.5)


def _cycles(pixels: Tensor) -> Tensor:
    """The frequency (H, W) of each coefficient in cycles per shorter side; 0 in the middle."""
    shorter = min(pixels.shape[-2:])
    down, across = (
        (places - side / 2) * shorter / side
        for places, side in zip(pixel_grid(pixels, torch.float64), pixels.shape[-2:], strict=True)
    )
    return torch.hypot(down, across)


def _field(phases: Tensor, amplitude: Tensor) -> Tensor:
    """Noise of standard deviation 1 with the `amplitude` (H, W) and `phases` (B, C, H, W) of its coefficients."""
    shifts = [side // 2 for side in amplitude.shape]
    spectrum = torch.polar(amplitude.expand_as(phases).contiguous(), phases).roll(shifts, (-2, -1))
    noise = torch.fft.ifft2(spectrum).real
    return noise / noise.std((-2, -1), correction=0, keepdim=True)


def draw_lattice(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A permutation of 256, and 256 unit gradients (down, across); uniform in a square before they are normalised."""
    gradients = rng.integers(-LATTICE, LATTICE, (LATTICE, 2)) + 0.5  # half a step keeps them from being 0
    return rng.permutation(LATTICE), gradients / np.linalg.norm(gradients, axis=1, keepdims=True)


def perlin_noise(pixels: Tensor, level: float, permutation: Tensor, gradients: Tensor) -> Tensor:
    """Mix 0.05 * `level` of Perlin's turbulence into the image: the size of his noise, summed over five octaves.

    All octaves are 0 where the lattice of the coarsest has its points, so that a dark grid shows through.
    """
    height, width = pixels.shape[-2:]
    spacing = min(height, width) / CELLS
    rows, columns = (
        torch.arange(side, dtype=torch.float64, device=pixels.device) / spacing for side in (height, width)
    )
    octaves = [
        _perlin(2**octave * rows, 2**octave * columns, permutation, gradients).abs() / 2**octave
        for octave in range(OCTAVES)
    ]
    turbulence = torch.stack(octaves).sum(0)
    share = 0.05 * level
    return ((1 - share) * pixels + share * (0.5 * turbulence + 0.5).clamp(0, 1)[:, None]).to(pixels)


def _perlin(rows: Tensor, columns: Tensor, permutation: Tensor, gradients: Tensor) -> Tensor:
    """Perlin noise (B, H, W) at `rows` (H,) and `columns` (W,) of the lattice: between its points, the smooth mean of
    the slopes that start there, as products of matrices.
    """
    (down, across), (fall_down, fall_across) = zip(*map(_lattice_weights, (rows, columns)), strict=True)
    lattice = [torch.arange(weights.shape[1], device=weights.device) % LATTICE for weights in (down, across)]
    hashed = permutation[:, lattice[0], None] + lattice[1]
    points = permutation.gather(1, (hashed % LATTICE).flatten(1))
    slopes = gradients.gather(1, points[..., None].expand(-1, -1, 2)).unflatten(1, hashed.shape[1:])
    return 1.5 * (fall_down @ slopes[..., 0] @ across.mT + down @ slopes[..., 1] @ fall_across.mT)


def _lattice_weights(places: Tensor) -> tuple[Tensor, Tensor]:
    """How much each lattice point counts at each of `places` (N,), as (N, points); and that times the way from it."""
    before = places.floor()
    beyond = places - before
    smooth = beyond**2 * (3 - 2 * beyond)
    weights = places.new_zeros(len(places), int(before[-1]) + 2)
    index = before.long()[:, None]
    weights.scatter_(1, index, (1 - smooth)[:, None]).scatter_(1, index + 1, smooth[:, None])
    points = torch.arange(weights.shape[1], device=places.device)
    return weights, weights * (places[:, None] - points)
