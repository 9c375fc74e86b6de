"""Linear filters with the borders of the libraries that the reference uses: Gaussian, line blur, zoom into the
centre; and the numbers of an image's rows and columns.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Border = Literal["nearest", "reflect"]


@lru_cache(maxsize=32)
def _gaussian_operator(
    size: int, sigma_px: float, truncate: float, border: Border, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """The (size, size) matrix that filters a line of `size` pixels, its border included."""
    radius = int(truncate * sigma_px + 0.5)
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma_px) ** 2)
    reads = np.arange(size)[:, None] + np.arange(-radius, radius + 1)
    if border == "nearest":
        reads = reads.clip(0, size - 1)
    else:  # d c b a | a b c d | d c b a
        reads = reads % (2 * size)
        reads = np.minimum(reads, 2 * size - 1 - reads)
    operator = np.zeros((size, size))
    np.add.at(operator, (np.arange(size)[:, None], reads), taps / taps.sum())
    return torch.tensor(operator, dtype=dtype, device=device)


def gaussian_filter(fields: Tensor, sigma_px: float, *, truncate: float = 4.0, border: Border = "nearest") -> Tensor:
    """`fields` (..., H, W) under a Gaussian that ends at `truncate` standard deviations.

    Same numbers as `scipy.ndimage.gaussian_filter` with its `mode` = `border`, however large sigma is.
    """
    down, across = (
        _gaussian_operator(size, float(sigma_px), truncate, border, fields.dtype, fields.device)
        for size in fields.shape[-2:]
    )
    return down @ fields @ across.mT


def line_blur(fields: Tensor, radius_px: int, sigma_px: float, angles_deg: Sequence[float]) -> Tensor:
    """`fields` (B, C, H, W), image i smeared along a line at `angles_deg[i]` by a one-sided half-Gaussian; edges
    repeated.

    ImageMagick's `MagickMotionBlurImage`: 2 * radius + 1 taps, and tap i reads the pixel nearest to i steps along the
    line. The blur is not centred, so the image also shifts.
    """
    steps = np.arange(2 * radius_px + 1)
    weights = np.exp(-(steps**2) / (2.0 * sigma_px**2))
    weights /= weights.sum()
    return torch.cat(
        [
            _shifted_sum(field[None], weights, *_line_offsets(steps, angle))
            for field, angle in zip(fields, angles_deg, strict=True)
        ]
    )


def _line_offsets(steps: np.ndarray, angle_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Whole-pixel offsets (dy, dx) of `steps` along a line.

    ImageMagick multiplies by the number of taps and divides by the length again; so do we, because at 30 or 60 degrees
    every other tap lies half-way between two pixels and the last bit decides.
    """
    angle, taps = math.radians(angle_deg), len(steps)
    ends = taps * math.sin(angle), taps * math.cos(angle)
    down, across = (np.ceil(steps * end / math.hypot(*ends) - 0.5).astype(int) for end in ends)
    return down, across


def _shifted_sum(field: Tensor, weights: np.ndarray, offsets_down: np.ndarray, offsets_across: np.ndarray) -> Tensor:
    """The weighted sum of shifted views of `field` (1, C, H, W)."""
    height, width = field.shape[-2:]
    margin = int(max(abs(offsets_down).max(), abs(offsets_across).max()))
    padded = F.pad(field, (margin,) * 4, mode="replicate")
    total = torch.zeros_like(field)
    for weight, down, across in zip(
        weights.tolist(), (offsets_down + margin).tolist(), (offsets_across + margin).tolist(), strict=True
    ):
        total.add_(padded[..., down : down + height, across : across + width], alpha=weight)
    return total


def zoom_centre(fields: Tensor, factor: float) -> Tensor:
    """`fields` (B, C, H, W) enlarged `factor` >= 1 times about the centre, bilinear between corner pixels, size
    unchanged.

    The reference's `clipped_zoom`, that is `scipy.ndimage.zoom(order=1)` of the central H / factor by W / factor
    pixels.
    """
    size = fields.shape[-2:]
    inner = [math.ceil(side / factor) for side in size]
    enlarged = F.interpolate(
        _centre(fields, inner), [round(side * factor) for side in inner], mode="bilinear", align_corners=True
    )
    return _centre(enlarged, size)


def _centre(fields: Tensor, size: Sequence[int]) -> Tensor:
    """The central `size` = (h, w) of `fields`; an odd remainder goes to the bottom and the right."""
    top, left = ((outer - inner) // 2 for outer, inner in zip(fields.shape[-2:], size, strict=True))
    return fields[..., top : top + size[0], left : left + size[1]]


def pixel_grid(pixels: Tensor, dtype: torch.dtype | None = None) -> tuple[Tensor, Tensor]:
    """Row and column numbers (H, W) of an image, in its own dtype unless another is named."""
    sides = [torch.arange(side, dtype=dtype or pixels.dtype, device=pixels.device) for side in pixels.shape[-2:]]
    rows, columns = torch.meshgrid(*sides, indexing="ij")
    return rows, columns
