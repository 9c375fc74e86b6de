"""Images made in a test."""

import numpy as np

from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET


def make_image(seed: int, label: int | None = None, size: tuple[int, int] = (60, 54)) -> LabelledImage:
    """An image of noise, (height, width) = `size`, the same for the same seed."""
    rgb = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    return LabelledImage(rgb, label, f"image {seed}", "a test", f"digest {seed}", IMAGENET)
