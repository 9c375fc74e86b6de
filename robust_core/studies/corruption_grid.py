"""Accuracy under every corruption at every severity, computed live on the images at the model's input size.

Stored ImageNet-C was cropped to 224 px before and went through JPEG; that is what the benchmark runner measures.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.images import stack, to_pixels
from robust_core.intervals import Interval, wilson
from robust_core.labels import IMAGENET
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import predict, true_label
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

BATCH_SIZE = 16
UNKNOWN = -1
PROTOCOL = "Corrupted live at the model's input size, image i drawn from seed + i"


@dataclass(frozen=True, eq=False)
class CorruptionGridRequest(Request):
    """Top-1 accuracy on `images` when clean and under each of `conditions`; raises BadInput for no images or no
    condition.

    The classes of the images' own protocol alone are in the running where it names some.
    """

    study: ClassVar[str] = "corruption_grid"

    images: ImageSet
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        self.images.require_images()
        if not self.conditions:
            raise BadInput(
                "Expected at least one corruption, at severities from 1 to 5; the clean images are always there."
            )


@dataclass(frozen=True, eq=False)
class ConditionCounts:
    """One model's predictions under each of `conditions`, the clean images first: `correct` (conditions, n) bool.

    The label that counts is the true one where it is `known` (n,) in the model's classes, else the clean prediction.
    """

    spec: ModelSpec
    device: str
    conditions: tuple[Condition, ...]
    correct: np.ndarray
    known: np.ndarray

    def accuracy(self, place: int) -> Interval | None:
        """Top-1 accuracy under the condition at `place`, with its 95% interval; None without images."""
        return wilson(int(self.correct[place].sum()), self.correct.shape[1])

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row for each condition."""
        spec, known = self.spec, int(self.known.sum())
        fixed = {"n_labels_known": known, "weights_sha256": spec.weights.sha256}
        for place, one in enumerate(self.conditions):
            where = {"corruption": one.corruption if one.severity else "none", "severity": one.severity}
            accuracy = percent("accuracy", self.accuracy(place))
            protocol = "; ".join(filter(None, (PROTOCOL, one.protocol)))
            yield {"model": spec.name} | where | accuracy | {"n": self.correct.shape[1], "protocol": protocol} | fixed


@dataclass(frozen=True, eq=False)
class CorruptionGrid(StudyResult):
    """Top-1 accuracy by corruption and severity; severity 0 is the clean images."""

    parts: ClassVar[str] = "counts"

    counts: tuple[ConditionCounts, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model and condition."""
        import pandas

        return pandas.DataFrame(row for one in self.counts for row in one.rows())

    def figure(self) -> "Figure":
        """A heat map for each model."""
        from robust_core.plots import results

        return results.grids(self.frame[self.frame["severity"] > 0], "corruption", "severity", "accuracy_percent")


def run(request: CorruptionGridRequest) -> Generator[Progress, None, CorruptionGrid]:
    """Ask each model; image i is drawn from seed + i, whatever the batch. Raises what `pool.use` and `corrupt`
    raise.
    """
    counts = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    return CorruptionGrid(Provenance.of(request, request.images.digest), tuple(counts))


def _one_model(spec: ModelSpec, request: CorruptionGridRequest) -> Generator[Progress, None, ConditionCounts]:
    from robust_core.models.pool import shared_pool

    images, n = request.images, len(request.images)
    every = (CLEAN, *request.conditions)
    classes = classes_in_running(images, spec)
    labels, best = np.full(n, UNKNOWN), np.zeros((len(every), n), dtype=int)
    yield Progress(0, n * len(every), "images", "loading the model")
    with shared_pool().use(spec.key) as model:
        for first in range(0, n, BATCH_SIZE):
            batch = list(images[first : first + BATCH_SIZE])
            places = range(first, first + len(batch))
            known = [true_label(image, spec.label_space) for image in batch]
            labels[first : places.stop] = [UNKNOWN if label is None else label for label in known]
            pixels = stack([to_pixels(image, spec.preprocess_for(image.centre_crop_only)) for image in batch])
            for row, condition in enumerate(every):
                predictions, _ = predict(model, corrupted(condition, pixels, places))
                best[row, first : places.stop] = best_of([one.probabilities for one in predictions], classes)
                yield Progress(first * len(every) + (row + 1) * len(places), n * len(every), "images", str(condition))
        device = str(model.device)
    is_known = labels != UNKNOWN
    return ConditionCounts(spec, device, every, best == np.where(is_known, labels, best[0]), is_known)


def corrupted(condition: Condition, pixels: "Tensor", places: range) -> "Tensor":
    """The pixels (B,3,H,W) of the images at `places` under `condition`, image i drawn from its seed + i."""
    return replace(condition, seed=condition.seed + places.start).apply(pixels)


def all_corrupted(condition: Condition, pixels: "Tensor", begun: Progress) -> "Generator[Progress, None, Tensor]":
    """The pixels (N,3,H,W) of a whole set under `condition`; `begun` is told again between batches."""
    import torch

    parts = []
    for first in range(0, len(pixels), BATCH_SIZE):
        yield begun
        batch = pixels[first : first + BATCH_SIZE]
        parts.append(corrupted(condition, batch, range(first, first + len(batch))))
    return torch.cat(parts)


def classes_in_running(images: ImageSet, spec: ModelSpec) -> tuple[int, ...] | None:
    """The classes of the images' own protocol, which are ImageNet's; None for all."""
    return images.classes if spec.label_space == IMAGENET else None


def best_of(probabilities: Sequence[np.ndarray], classes: Sequence[int] | None) -> np.ndarray:
    """The most probable of `classes` for each image, of all where it is None."""
    scores = np.stack(probabilities)
    return scores.argmax(1) if classes is None else np.array(classes)[scores[:, list(classes)].argmax(1)]
