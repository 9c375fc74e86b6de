"""The digital corruptions: elastic transform, pixelate and JPEG compression."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from robust_core.corruptions.filters import gaussian_filter, pixel_grid
from robust_core.corruptions.levels import from_pillow, to_pillow


def draw_elastic(height: int, width: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Uniform numbers in [-1, 1): how three corners move (3, 2), x first, and two fields of displacements, x and y."""
    corners = rng.uniform(-1, 1, (3, 2))
    fields = 2 * rng.random((2, height, width), dtype=np.float32) - 1
    return corners, *fields


def elastic_transform(
    pixels: Tensor, settings: tuple[float, float, float], corners: Tensor, across: Tensor, down: Tensor
) -> Tensor:
    """Move three corners at random, then displace each pixel along a smooth random field.

    The constants are lengths in px, meant for images of 224 px. Severities 1 and 2 bend widely, 3 to 5 finely, so the
    difficulty does not rise all the way.
    """
    alpha_px, sigma_px, jitter_px = settings
    skewed = _move_corners(pixels, corners * jitter_px)
    rows, columns = pixel_grid(pixels)
    moved_rows = rows + alpha_px * gaussian_filter(down, sigma_px, truncate=3.0, border="reflect")
    moved_columns = columns + alpha_px * gaussian_filter(across, sigma_px, truncate=3.0, border="reflect")
    return _sample(skewed, moved_rows, moved_columns, mirror_about_pixels=False)


def _move_corners(pixels: Tensor, shifts_px: Tensor) -> Tensor:
    """The affine warp that moves three corners of a central square by `shifts_px` (B, 3, 2), x first."""
    height, width = pixels.shape[-2:]
    centre, reach = shifts_px.new_tensor([width // 2, height // 2]), min(height, width) // 3
    corners = centre + reach * shifts_px.new_tensor([[1, 1], [1, -1], [-1, -1]])
    moved = F.pad(corners + shifts_px, (0, 1), value=1.0)
    back = torch.linalg.solve(moved, corners.expand_as(shifts_px)).to(pixels)
    rows, columns = pixel_grid(pixels)
    homogeneous = torch.stack([columns, rows, torch.ones_like(rows)], dim=-1)
    reads = homogeneous @ back[:, None]
    return _sample(pixels, reads[..., 1], reads[..., 0], mirror_about_pixels=True)


def _sample(pixels: Tensor, rows: Tensor, columns: Tensor, *, mirror_about_pixels: bool) -> Tensor:
    """Bilinear values at (`rows`, `columns`), each (B, H, W).

    Outside, the image is mirrored: about the edge pixels' centres (OpenCV's reflect_101) or about their outer edges
    (SciPy's reflect).
    """
    height, width = pixels.shape[-2:]
    if mirror_about_pixels:
        across, down = columns * 2 / (width - 1) - 1, rows * 2 / (height - 1) - 1
    else:
        across, down = (columns * 2 + 1) / width - 1, (rows * 2 + 1) / height - 1
    grid = torch.stack([across, down], dim=-1)
    return F.grid_sample(pixels, grid, mode="bilinear", padding_mode="reflection", align_corners=mirror_about_pixels)


def pixelate(pixels: Tensor, scale: float) -> Tensor:
    """Shrink to `scale` of each side with Pillow's box filter, and enlarge again."""
    height, width = pixels.shape[-2:]
    small = (int(width * scale), int(height * scale))
    boxes = (image.resize(small, Image.Resampling.BOX) for image in to_pillow(pixels))
    return from_pillow([image.resize((width, height), Image.Resampling.BOX) for image in boxes], like=pixels)


def jpeg_compression(pixels: Tensor, quality: int) -> Tensor:
    """Through a JPEG file of `quality` (1 to 95, 4:2:0) and back."""
    return from_pillow([_through_jpeg(image, quality) for image in to_pillow(pixels)], like=pixels)


def _through_jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)
