"""The logits of one model for a set of images, which scores of confidence are computed from."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.events import Progress, result_of
from robust_core.images import stack, to_pixels

if TYPE_CHECKING:
    from torch import Tensor

    from robust_core.models.loading import LoadedModel

BATCH_SIZE = 16


def logits_for(
    model: "LoadedModel", images: ImageSet, condition: Condition = CLEAN
) -> Generator[Progress, None, np.ndarray]:
    """Logits (N, K), float32; image i is corrupted by `condition` with its seed + i, at the model's input size.

    Raises DeviceOutOfMemory when not even one image fits, and NotFinite for NaN or infinite logits.
    """
    parts = []
    for first in range(0, len(images), BATCH_SIZE):
        yield Progress(first, len(images), "images", "predicting")
        batch = list(images[first : first + BATCH_SIZE])
        pixels = stack([to_pixels(image, model.spec.preprocess_for(image.centre_crop_only)) for image in batch])
        parts.append(logits_of(model, replace(condition, seed=condition.seed + first).apply(pixels)))
    return np.concatenate(parts)


def logits_of(model: "LoadedModel", pixels: "Tensor") -> np.ndarray:
    """Logits (B, K), float32, of `pixels` (B, 3, H, W) in [0, 1]."""
    import torch

    def forward(places: range) -> "Tensor":
        with torch.inference_mode():
            return model.logits(pixels[places.start : places.stop]).float().cpu()

    return torch.cat(result_of(model.batches(*pixels.shape[2:], at_once=len(pixels)).run(len(pixels), forward))).numpy()
