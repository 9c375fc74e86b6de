"""One image under many conditions: the severities of a corruption, the 15 x 5 corruption grid, a sequence of
ImageNet-P.

All of it is computed live on the image at the model's input size; stored ImageNet-C and -P went through JPEG or video
and differ.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from robust_core.corruptions import BENCHMARK_15
from robust_core.corruptions.condition import Condition
from robust_core.events import Progress
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.models.spec import Preprocess
from robust_core.predictions import Prediction, input_preprocess, predict

if TYPE_CHECKING:  # torch comes with the first prediction, not with the first page
    from torch import Tensor

SEVERITIES = (0, 1, 2, 3, 4, 5)
BATCH_SIZE = 8


@dataclass(frozen=True, eq=False)
class Sweep:
    """One model's predictions for one image, one per condition, in the order of `conditions`."""

    model_key: str
    conditions: tuple[Condition, ...]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True, eq=False)
class SequencePredictions:
    """One model's predictions along a sequence: how often the label flips, and how far the top five move, by
    ImageNet-P's formulas.
    """

    model_key: str
    perturbation: str
    predictions: tuple[Prediction, ...]
    flip_probability: float
    top5_distance: float


def severity_strip(corruption: str, seed: int) -> tuple[Condition, ...]:
    """A corruption at severities 0 (clean) to 5."""
    return tuple(Condition(corruption, severity, seed) for severity in SEVERITIES)


def corruption_grid(seed: int) -> tuple[Condition, ...]:
    """The clean image, then the 15 corruptions of ImageNet-C at severities 1 to 5, in the benchmark's order."""
    return (
        Condition(BENCHMARK_15[0], 0, seed),
        *(Condition(name, severity, seed) for name in BENCHMARK_15 for severity in SEVERITIES[1:]),
    )


def sweep(
    model_key: str, image: LabelledImage, conditions: Sequence[Condition], *, centre_crop_only: bool = False
) -> Generator[Progress, None, Sweep]:
    """Predict `image` under each condition; raises as `predictions.predict_images` does."""
    import torch

    from robust_core.models.pool import shared_pool

    pool = shared_pool()
    yield Progress(0, len(conditions), "conditions", "loading the model")
    with pool.use(model_key) as model:
        pixels = to_pixels(image, input_preprocess(model.spec, centre_crop_only))[None]
        predictions: list[Prediction] = []
        for first in range(0, len(conditions), BATCH_SIZE):
            yield Progress(first, len(conditions), "conditions", "predicting")
            batch = torch.cat([condition.apply(pixels) for condition in conditions[first : first + BATCH_SIZE]])
            predictions += predict(pool, model, batch)[0]
    return Sweep(model_key, tuple(conditions), tuple(predictions))


def images_under(
    image: LabelledImage, preprocess: Preprocess, conditions: Sequence[Condition]
) -> Generator[Progress, None, tuple[np.ndarray, ...]]:
    """What a model sees under each condition, as 8-bit RGB (H, W, 3)."""
    pixels = to_pixels(image, preprocess)[None]
    seen = []
    for number, condition in enumerate(conditions):
        yield Progress(number, len(conditions), "images", "corrupting")
        seen.append(to_rgb(condition.apply(pixels))[0])
    return tuple(seen)


def sequence_frames(
    image: LabelledImage, preprocess: Preprocess, perturbation: str, seed: int
) -> Generator[Progress, None, tuple[np.ndarray, ...]]:
    """The frames of a sequence as 8-bit RGB (H, W, 3)."""
    yield Progress(0, None, "", "making the frames")
    return tuple(to_rgb(_frames(image, preprocess, perturbation, seed)))


def predict_sequence(
    model_key: str, image: LabelledImage, perturbation: str, seed: int, *, centre_crop_only: bool = False
) -> Generator[Progress, None, SequencePredictions]:
    """Predict every frame of a sequence made from `image`; raises as `predictions.predict_images` does."""
    import torch

    from robust_core.models.pool import shared_pool
    from robust_core.perturbations import PERTURBATIONS, flip_probability, top5_distance

    pool, reference = shared_pool(), PERTURBATIONS[perturbation].reference
    yield Progress(0, None, "", "loading the model")
    with pool.use(model_key) as model:
        frames = _frames(image, input_preprocess(model.spec, centre_crop_only), perturbation, seed)
        predictions: list[Prediction] = []
        for first in range(0, len(frames), BATCH_SIZE):
            yield Progress(first, len(frames), "frames", "predicting")
            predictions += predict(pool, model, frames[first : first + BATCH_SIZE])[0]
    probabilities = torch.from_numpy(np.stack([prediction.probabilities for prediction in predictions]))[None]
    flips = flip_probability(probabilities.argmax(-1), reference)
    return SequencePredictions(
        model_key, perturbation, tuple(predictions), float(flips), float(top5_distance(probabilities, reference))
    )


def _frames(image: LabelledImage, preprocess: Preprocess, perturbation: str, seed: int) -> "Tensor":
    """The sequence at the model's input size, made from the resized image before its crop, so that what lay outside
    can move in.
    """
    from robust_core.perturbations import frames

    height, width, _ = image.rgb.shape
    shorter = preprocess.resize or min(height, width)
    whole = to_pixels(image, replace(preprocess, crop=shorter))
    return frames(whole, perturbation, seed, crop_px=preprocess.crop)
