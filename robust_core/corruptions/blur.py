"""The blurs that are filters: Gaussian, defocus, motion and zoom. Glass blur, which moves pixels, has its own
module.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from robust_core.corruptions.filters import gaussian_filter, line_blur, zoom_centre


def draw_motion_angle(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """The direction of a movement, uniform in [-45, 45) degrees."""
    return (np.array(rng.uniform(-45, 45)),)


def gaussian_blur(pixels: Tensor, sigma_px: float) -> Tensor:
    """Blur with a Gaussian; the edges are repeated."""
    return gaussian_filter(pixels, sigma_px)


def motion_blur(pixels: Tensor, settings: tuple[int, float], angle_deg: Tensor) -> Tensor:
    """Smear along a line. Rounded to levels, not truncated: ImageMagick hands its own 8-bit image to the
    reference.
    """
    radius_px, sigma_px = settings
    return line_blur(pixels * 255, radius_px, sigma_px, angle_deg.tolist()).round() / 255


def zoom_blur(pixels: Tensor, factors: Sequence[float]) -> Tensor:
    """Average the image and its enlargements by `factors`, of which the first is 1: the image itself counts
    twice.
    """
    pixels = pixels.contiguous(memory_format=torch.channels_last)  # interpolates a third faster on a CPU
    total = 2 * pixels
    for factor in factors[1:]:
        total += zoom_centre(pixels, factor)
    return total.contiguous().div_(len(factors) + 1)


def defocus_blur(pixels: Tensor, settings: tuple[int, float]) -> Tensor:
    """Correlate with a disk whose rim is softened; the border is mirrored about the edge pixels."""
    from scipy.fft import next_fast_len  # not before it is needed: a page shows results sooner

    disk = _soft_disk(*settings).to(pixels.device)
    margin = disk.shape[0] // 2
    padded = F.pad(pixels, (margin,) * 4, mode="reflect")
    size = [next_fast_len(side, real=True) for side in padded.shape[-2:]]
    spectrum = torch.fft.rfft2(padded, s=size) * torch.fft.rfft2(disk, s=size).conj()
    return torch.fft.irfft2(spectrum, s=size)[..., : pixels.shape[-2], : pixels.shape[-1]]


@lru_cache(maxsize=8)
def _soft_disk(radius_px: int, rim_sigma_px: float) -> Tensor:
    """A disk of weights, normalised before its rim is blurred, as the reference does."""
    half, rim_taps = (8, 3) if radius_px <= 8 else (radius_px, 5)
    offsets = np.arange(-half, half + 1)
    disk = (offsets[:, None] ** 2 + offsets**2 <= radius_px**2).astype(float)
    rim = np.exp(-((np.arange(rim_taps) - rim_taps // 2) ** 2) / (2 * rim_sigma_px**2))
    rim /= rim.sum()
    padded = np.pad(disk / disk.sum(), rim_taps // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (rim_taps, rim_taps))
    return torch.from_numpy(windows @ rim @ rim).float()
