"""Patterns of ImageNet-C-bar that are formulas of the place: plane waves, concentric waves, plasma, a checkerboard.

As in all modules of ImageNet-C-bar, a core takes the reference's level, 0 to 10. Lengths in the reference are shares of
its images' 224 px, and here of the image's shorter side.
"""

import math

import numpy as np
import torch
from torch import Tensor

from robust_core.corruptions.filters import pixel_grid

GREY = 128 / 255
MOST_CELLS = 40  # of the checkerboard's lottery a side: four shorter sides by cells of at least a tenth of one


def draw_plane_wave(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """Radians per px across and down, the smaller below the larger in size, in either order; then the phase."""
    larger = rng.uniform(-math.pi, math.pi)
    frequencies = rng.permutation([larger, rng.uniform(-abs(larger), abs(larger))])
    return (np.array([*frequencies, rng.uniform(0, 2 * math.pi)]),)


def single_frequency_greyscale(pixels: Tensor, level: float, wave: Tensor) -> Tensor:
    """Add a grey sine wave of amplitude 19.6 * `level` levels of 255."""
    rows, columns = pixel_grid(pixels, torch.float64)
    across, down, phase = _per_image(wave)
    return (pixels + 19.6 / 255 * level * (columns * across + rows * down + phase).sin()).to(pixels)


def draw_rings(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """The centre's column and row as shares of the sides, waves per radian (up to 10), and the waves' amplitude and the
    rings' width, up to a tenth of the shorter side.
    """
    return (np.concatenate([rng.uniform(0, 1, 2), rng.uniform(0, (10, 0.1, 0.1))]),)


def cocentric_sine_waves(pixels: Tensor, level: float, rings: Tensor) -> Tensor:
    """Add wavy rings, each a ramp of 12.8 * `level` levels of 255 from end to end."""
    rows, columns = pixel_grid(pixels, torch.float64)
    centre_across, centre_down, waves, amplitude, ring = _per_image(rings)
    across, down = columns - centre_across * pixels.shape[-1], rows - centre_down * pixels.shape[-2]
    shorter = min(pixels.shape[-2:])
    distance = torch.hypot(across, down) + (torch.atan2(across, down) * waves).sin() * (amplitude * shorter)
    ramp = distance.remainder(ring * shorter) / (ring * shorter) - 0.5
    return (pixels + 12.8 / 255 * level * ramp).to(pixels)


def draw_plasma(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """Time (0 to 6 pi), rounds (4 to 6), sharpness (0.5 to 1) and scale (0.075 to 0.2 of the shorter side)."""
    return (np.array([rng.uniform(0, 6 * math.pi), rng.integers(4, 7), rng.uniform(0.5, 1), rng.uniform(0.075, 0.2)]),)


def plasma_noise(pixels: Tensor, level: float, plasma: Tensor) -> Tensor:
    """Mix in a coloured plasma: places that rotate about each other, ever finer, and the sine of where they end."""
    time, rounds, sharpness, scale = _per_image(plasma)
    rows, columns = (places / (scale * min(pixels.shape[-2:])) for places in pixel_grid(pixels, torch.float64))
    down, across = rows, columns
    frequency, spread, damping = 1.0, 1.0, torch.ones_like(sharpness)
    for number in range(6):
        first = (down * frequency + time / spread).cos() / damping
        second = (across * frequency + time / spread).sin() / damping
        going = number < rounds
        across, down = across + going * (first - 0.3 * second), down + going * (second + 0.3 * first)
        frequency, spread, damping = frequency * 1.93, spread * 1.15, damping * (2.25 - sharpness)
    colours = [(across - time).sin(), ((across + down + time.sin()) * 0.5).sin(), (down + time).sin()]
    share = 6.4 / 255 * level
    return ((1 - share) * pixels + share * torch.cat(colours, 1)).to(pixels)


def draw_checkerboard(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The board's angle and its cells' side (0.1 to 0.25 of the shorter side); a uniform number for each cell."""
    return np.array([rng.uniform(0, 2 * math.pi), rng.uniform(0.1, 0.25)]), rng.random((MOST_CELLS, MOST_CELLS))


def checkerboard_cutout(pixels: Tensor, level: float, board: Tensor, lottery: Tensor) -> Tensor:
    """Turn cells of the board's dark colour grey, each by a lottery that `level` / 10 of them lose.

    Beyond the board's axes cells are counted towards 0, as in the reference, so that those beside an axis share a lot.
    """
    angle, side = _per_image(board)
    shorter = min(pixels.shape[-2:])
    rows, columns = (places / (side * shorter) for places in pixel_grid(pixels, torch.float64))
    down, across = angle.cos() * rows + angle.sin() * columns, angle.cos() * columns - angle.sin() * rows
    dark = down.floor().remainder(2) == across.floor().remainder(2)
    cells = (4 / side).floor()
    lots = (down.trunc().remainder(cells) * MOST_CELLS + across.trunc().remainder(cells)).long()
    lost = lottery.flatten(1).gather(1, lots.flatten(1)).view_as(lots) < level / 10
    return torch.where(dark & lost, pixels.new_tensor(GREY), pixels)


def _per_image(draws: Tensor) -> tuple[Tensor, ...]:
    """The columns of `draws` (B, K), each (B, 1, 1, 1)."""
    return draws[..., None, None, None].unbind(1)
