"""JPEG as a file has it, and a differentiable one that is near it, for an attacker (Shin & Song 2017, "JPEG-resistant
adversarial images": all of the standard but the coding, with a rounding whose gradient is not zero).
"""

import math

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.io import decode_image, encode_jpeg

QUALITY = 75
BLOCK_PX = 8
WITH_CHROMA_PX = 2 * BLOCK_PX  # colour has half the resolution
MIDDLE = 128  # of the levels, which the standard subtracts
# Annex K of ITU-T T.81, at quality 50
LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)
TO_YCBCR = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


def compressed(pixels: Tensor) -> Tensor:
    """Images (B,3,H,W) in [0, 1] as they come out of a file; without a gradient."""
    levels = (pixels.detach() * 255).round().to(torch.uint8).cpu().contiguous()
    files = (encode_jpeg(image, QUALITY) for image in levels)
    return torch.stack([decode_image(file) for file in files]).to(pixels) / 255


def nearly_compressed(pixels: Tensor) -> Tensor:
    """Nearly the same, with a gradient that knows what the file keeps."""
    height_px, width_px = pixels.shape[2:]
    to_whole = [0, -width_px % WITH_CHROMA_PX, 0, -height_px % WITH_CHROMA_PX]
    to_ycbcr = torch.tensor(TO_YCBCR).to(pixels)
    planes = torch.einsum("ij,bjhw->bihw", to_ycbcr, 255 * functional.pad(pixels, to_whole, mode="replicate"))
    luma = _quantised(planes[:, :1] - MIDDLE, LUMA) + MIDDLE
    chroma = functional.interpolate(_quantised(functional.avg_pool2d(planes[:, 1:], 2), CHROMA), scale_factor=2)
    whole = torch.einsum("ij,bjhw->bihw", torch.linalg.inv(to_ycbcr), torch.cat([luma, chroma], 1)) / 255
    return whole[:, :, :height_px, :width_px]


def _quantised(planes: Tensor, table: tuple[tuple[int, ...], ...]) -> Tensor:
    """Planes (B,C,H,W) through the cosine transform of each block, rounded and back."""
    steps = ((torch.tensor(table) * (200 - 2 * QUALITY) + 50) // 100).to(planes)
    cosines = _cosines().to(planes)
    batch, channels, height_px, width_px = planes.shape
    blocks = planes.view(batch, channels, height_px // BLOCK_PX, BLOCK_PX, width_px // BLOCK_PX, BLOCK_PX)
    frequencies = cosines @ blocks.transpose(3, 4) @ cosines.T / steps
    nearest = frequencies.round().detach()
    kept = (nearest + (frequencies - nearest) ** 3) * steps  # their equation 2
    return (cosines.T @ kept @ cosines).transpose(3, 4).reshape(planes.shape)


def _cosines() -> Tensor:
    """(8,8) the orthonormal cosine transform."""
    place = torch.arange(BLOCK_PX)
    waves = torch.cos((2 * place[None] + 1) * place[:, None] * math.pi / (2 * BLOCK_PX)) / 2
    waves[0] /= math.sqrt(2)
    return waves
