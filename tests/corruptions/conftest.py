"""Images for the corruption tests."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor


def as_pixels(image: np.ndarray) -> Tensor:
    """(H, W, 3) uint8 as (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float().contiguous() / 255


def as_levels(pixels: Tensor) -> np.ndarray:
    """(1, 3, H, W) in [0, 1] as (H, W, 3) of whole int levels."""
    return (pixels[0] * 255).round().permute(1, 2, 0).numpy().astype(int)


@pytest.fixture(scope="session")
def photos() -> list[np.ndarray]:
    """Three images, (224, 224, 3) uint8, prepared as ImageNet-C was: shorter side 256, centre crop 224."""
    data = pytest.importorskip("skimage.data")
    return [_prepared(getattr(data, name)()) for name in ("astronaut", "chelsea", "coffee")]


def _prepared(image: np.ndarray) -> np.ndarray:
    pil_image = Image.fromarray(image)
    scale = 256 / min(pil_image.size)
    pil_image = pil_image.resize([round(side * scale) for side in pil_image.size], Image.Resampling.BILINEAR)
    left, top = (round((side - 224) / 2) for side in pil_image.size)
    return np.asarray(pil_image.crop((left, top, left + 224, top + 224)))


@pytest.fixture(scope="session")
def painting() -> np.ndarray:
    """A made-up image, (64, 80, 3) uint8: colours, greys, black and white, edges and grain."""
    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[0:64, 0:80]
    image = np.stack([rows * 4, columns * 3, 255 - rows * 2 - columns], axis=-1)
    image[8:24, 8:24] = (rows[8:24, 8:24, None] - 8) * 16
    image[30:50, 40:60] += rng.integers(-60, 60, (20, 20, 3))
    image[52:58] = 0
    image[58:] = 255
    return image.clip(0, 255).astype(np.uint8)
