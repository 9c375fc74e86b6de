"""Glass blur: pixels copied from near by, between two light Gaussian blurs."""

import numpy as np
import torch
from torch import Tensor

from robust_core.corruptions.filters import gaussian_filter
from robust_core.corruptions.levels import truncated

MOST_SWEEPS = 3


def draw_glass(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray]:
    """For each sweep, a uniform number in [0, 1) for the vertical and one for the horizontal offset of each pixel."""
    return (rng.random((MOST_SWEEPS, 2, height, width), dtype=np.float32),)


def glass_blur(pixels: Tensor, settings: tuple[float, int, int], uniform: Tensor) -> Tensor:
    """Blur, copy pixels from at most `reach_px` away in each of `sweeps`, blur again.

    The reference says swap, but on views of one array it copies, and its offsets run from -reach to reach - 1. Both are
    kept: only 28 to 54% of the pixels survive, and the content drifts by one to two pixels.
    """
    sigma_px, reach_px, sweeps = settings
    blurred = truncated(gaussian_filter(pixels, sigma_px))
    offsets = (uniform[:, :sweeps] * (2 * reach_px)).floor() - reach_px
    source = source_pixels(offsets, reach_px)
    shuffled = blurred.flatten(2).gather(2, source[:, None].expand(-1, 3, -1))
    return gaussian_filter(shuffled.view_as(pixels), sigma_px)


def source_pixels(offsets: Tensor, reach_px: int) -> Tensor:
    """Where each pixel comes from in the end: flat indices (B, H * W), for whole `offsets` (B, sweeps, 2, H, W), rows
    first.

    A sweep visits the pixels from the bottom right to the top left, at least `reach_px` from the border, and copies to
    each the pixel at its offset.
    """
    batch, sweeps, _, height, width = offsets.shape
    pixel = torch.arange(height * width, device=offsets.device).expand(batch, -1)
    visited = torch.zeros(height, width, dtype=torch.bool, device=offsets.device)
    visited[reach_px + 1 : height - reach_px + 1, reach_px + 1 : width - reach_px + 1] = True
    steps = ((offsets[:, :, 0] * width + offsets[:, :, 1]) * visited).long()
    source = pixel
    for sweep in range(sweeps):
        source = source.gather(1, _after_one_sweep(pixel + steps[:, sweep].flatten(1), pixel, visited.flatten()))
    return source


def _after_one_sweep(copied_from: Tensor, pixel: Tensor, visited: Tensor) -> Tensor:
    """Sources (B, N) after a sweep in which a pixel may copy another that was itself rewritten earlier in the sweep.

    Those chains are followed all at once by doubling: whoever points to a rewritten pixel then points where that one
    points, until nothing changes; every chain ends because its indices rise.
    """
    rewritten = (copied_from > pixel) & visited.take(copied_from)
    link = torch.where(rewritten, copied_from, pixel)
    while not torch.equal(further := link.gather(1, link), link):
        link = further
    return copied_from.gather(1, link)
