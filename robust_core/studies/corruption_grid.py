"""Accuracy under every corruption at every severity, computed live on the images at the model's input size.

Stored ImageNet-C went through JPEG and differs; that is what the benchmark runner measures.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.curves import Images
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, stack, to_pixels
from robust_core.intervals import Interval, wilson
from robust_core.predictions import input_preprocess, predict, true_label

if TYPE_CHECKING:
    from torch import Tensor

    from robust_core.models.loading import LoadedModel
    from robust_core.models.pool import ModelPool

BATCH_SIZE = 16
UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class ConditionCounts:
    """One model's predictions under each of `conditions`, the clean images first: `correct` (conditions, n) bool.

    The label that counts is the true one where it is `known` (n,) in the model's classes, else the clean prediction.
    """

    model_key: str
    device: str
    conditions: tuple[Condition, ...]
    correct: np.ndarray
    known: np.ndarray

    def accuracy(self, place: int) -> Interval | None:
        """Top-1 accuracy under the condition at `place`, with its 95% interval; None without images."""
        return wilson(int(self.correct[place].sum()), self.correct.shape[1])


def count(
    model_key: str, image_set: Images, conditions: Sequence[Condition], *, classes: Sequence[int] | None = None
) -> Generator[Progress, None, ConditionCounts]:
    """Ask the model about all `image_set` when clean and under each of `conditions`; image i is drawn from seed + i,
    whatever the batch.

    `classes` are the only ones in the running, None for all. Raises BadInput for no images, and what `pool.use` and
    `corrupt` raise.
    """
    if not image_set.ids:
        raise BadInput("There is no image to corrupt; expected at least one.")
    from robust_core.models.pool import shared_pool

    pool, every, n = shared_pool(), (CLEAN, *conditions), len(image_set.ids)
    labels, best = np.full(n, UNKNOWN), np.zeros((len(every), n), dtype=int)
    yield Progress(0, n * len(every), "images", "loading the model")
    with pool.use(model_key) as model:
        preprocess = input_preprocess(model.spec, image_set.centre_crop_only)
        for first in range(0, n, BATCH_SIZE):
            places = range(first, min(first + BATCH_SIZE, n))
            images = [image_set.read(image_set.ids[place]) for place in places]
            labels[first : places.stop] = [_label(image, model) for image in images]
            pixels = stack([to_pixels(image, preprocess) for image in images])
            for row, condition in enumerate(every):
                best[row, first : places.stop] = _best(pool, model, _under(condition, pixels, places), classes)
                yield Progress(first * len(every) + (row + 1) * len(places), n * len(every), "images", str(condition))
        device = str(model.device)
    known = labels != UNKNOWN
    return ConditionCounts(model_key, device, every, best == np.where(known, labels, best[0]), known)


def _label(image: LabelledImage, model: "LoadedModel") -> int:
    label = true_label(image, model.spec.label_space)
    return UNKNOWN if label is None else label


def _under(condition: Condition, pixels: "Tensor", places: range) -> "Tensor":
    if not condition.severity:
        return pixels
    from robust_core.corruptions.apply import corrupt

    return corrupt(pixels, condition.corruption, condition.severity, [condition.seed + place for place in places])


def _best(pool: "ModelPool", model: "LoadedModel", pixels: "Tensor", classes: Sequence[int] | None) -> np.ndarray:
    predictions, _ = predict(pool, model, pixels)
    probabilities = np.stack([prediction.probabilities for prediction in predictions])
    return probabilities.argmax(1) if classes is None else np.array(classes)[probabilities[:, list(classes)].argmax(1)]
