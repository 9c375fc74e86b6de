"""Snow and fog. Frost, which needs images of frost, and brightness, which is a matter of colour, have other
modules.
"""

import numpy as np
import torch
from torch import Tensor

from robust_core.corruptions.colour import luma
from robust_core.corruptions.filters import line_blur, zoom_centre
from robust_core.corruptions.levels import truncated

FIRST_AMPLITUDE = 100.0


def draw_snow(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A standard normal field, and the direction in which the flakes fall, uniform in [-135, -45) degrees."""
    return rng.standard_normal((1, height, width)), np.array(rng.uniform(-135, -45))


def snow(pixels: Tensor, settings: tuple[float, ...], normal: Tensor, angle_deg: Tensor) -> Tensor:
    """Whiten the image and add falling flakes, and the same flakes turned by 180 degrees.

    The flakes are the part of an enlarged normal field above a threshold. The field stays float64: in float32 a value
    that ties with the threshold falls on the other side now and then.
    """
    mean, spread, zoom, threshold, radius_px, sigma_px, mix = settings
    field = zoom_centre(mean + spread * normal.double(), zoom)
    flakes = truncated(torch.where(field < threshold, 0, field)).to(pixels)
    flakes = line_blur(flakes * 255, int(radius_px), sigma_px, angle_deg.tolist()).round() / 255
    whitened = torch.lerp(torch.maximum(pixels, 1.5 * luma(pixels) + 0.5), pixels, mix)
    return whitened + (flakes + flakes.flip(2, 3))


def draw_fog(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """One uniform number in [-1, 1) for each point of the fractal but its origin, in the order of `diamond_square`."""
    return (2 * rng.random(_fractal_side(height, width) ** 2 - 1, dtype=np.float32) - 1,)


def fog(pixels: Tensor, settings: tuple[float, float], uniform: Tensor) -> Tensor:
    """Add a fractal haze and scale back to the image's own maximum, so that a black image stays black."""
    strength, decay = settings
    height, width = pixels.shape[-2:]
    haze = diamond_square(uniform, _fractal_side(height, width), decay)[:, None, :height, :width]
    brightest = pixels.amax((1, 2, 3), keepdim=True)
    return (pixels + strength * haze) * brightest / (brightest + strength)


def _fractal_side(height: int, width: int) -> int:
    """The power of two that covers the image: 256 for 224 px, as in the reference."""
    return 1 << (max(height, width) - 1).bit_length()


def diamond_square(uniform: Tensor, side: int, decay: float) -> Tensor:
    """Fractal heights (B, side, side) in [0, 1] on a torus, from `uniform` (B, side ** 2 - 1) in [-1, 1).

    Each round halves the distance of the known points: first the middles of the squares, then those of the diamonds
    above and beside them. The amplitude is squared, a quirk of the reference: 100, divided by `decay` after each round.
    """
    heights = uniform.new_zeros(len(uniform), side, side)
    step, amplitude, used = side, FIRST_AMPLITUDE, 0
    while step >= 2:
        half, count = step // 2, side // step
        noise = amplitude**2 * uniform[:, used : used + 3 * count**2]
        squares, lefts, tops = noise.view(-1, 3, count, count).unbind(1)
        corners = heights[:, ::step, ::step]
        pairs = corners + corners.roll(-1, 1)
        middles = (pairs + pairs.roll(-1, 2)) / 4 + squares
        heights[:, half::step, half::step] = middles
        heights[:, ::step, half::step] = (middles + middles.roll(1, 1) + corners + corners.roll(-1, 2)) / 4 + lefts
        heights[:, half::step, ::step] = (middles + middles.roll(1, 2) + pairs) / 4 + tops
        step, amplitude, used = half, amplitude / decay, used + 3 * count**2
    heights -= heights.amin((1, 2), keepdim=True)
    return heights / heights.amax((1, 2), keepdim=True)
