"""What a model predicts for images: class probabilities, the best five, the 16-category decision, entropy and
time.
"""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.cue_conflict.decisions import NAMES, RULES, decide
from robust_core.data.image_set import ImageSet
from robust_core.errors import NotFinite
from robust_core.events import Progress, of_all, result_of
from robust_core.images import LabelledImage, stack, to_pixels
from robust_core.labels import CLASSES, IMAGENET, MINI, LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first prediction, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.models.loading import LoadedModel

BATCH_SIZE = 16
FEW_CLASSES = 5


@dataclass(frozen=True, eq=False)
class Prediction:
    """One model's prediction for one image: `probabilities` (K,) over its label space, softmax of the logits, summing
    to 1.
    """

    probabilities: np.ndarray
    label_space: LabelSpace

    @property
    def label(self) -> int:
        """The index of the most probable class."""
        return int(self.probabilities.argmax())

    def top(self, k: int = 5) -> list[tuple[int, float]]:
        """The `k` most probable classes as (index, probability), best first; a tie goes to the lower index."""
        order = np.argsort(-self.probabilities, kind="stable")[:k]
        return [(int(index), float(self.probabilities[index])) for index in order]

    @property
    def entropy_bits(self) -> float:
        """Shannon's entropy of the probabilities, from 0 (certain) to log2 K bits (clueless)."""
        positive = self.probabilities[self.probabilities > 0].astype(np.float64)
        return float(-(positive * np.log2(positive)).sum()) + 0.0

    def categories(self) -> dict[str, str]:
        """The 16-category decision under each published rule, by the rule's key; a mini model's class is its category.

        Empty for a label space of the user's own, whose classes have no category.
        """
        if self.label_space == IMAGENET:
            return {rule.key: NAMES[decide(self.probabilities[None], rule)[0]] for rule in RULES}
        return {rule.key: NAMES[self.label] for rule in RULES} if self.label_space == MINI else {}


@dataclass(frozen=True, eq=False)
class PredictionsRequest(Request):
    """What each model predicts for `images` under `condition`; raises BadInput for no images."""

    study: ClassVar[str] = "predictions"

    images: ImageSet
    condition: Condition = CLEAN

    def __post_init__(self) -> None:
        self.images.require_images()

    @property
    def identity(self) -> dict[str, Any]:
        """Without the labels, on which no prediction depends."""
        images = {name: value for name, value in self.images.identity.items() if name != "labels_sha256"}
        return super().identity | {"images": images}


@dataclass(frozen=True)
class ShownImage:
    """What of an image is kept beside predictions for it."""

    name: str
    sha256: str
    source: str
    label: int | None
    label_space: LabelSpace


@dataclass(frozen=True, eq=False)
class ModelPredictions:
    """All predictions of one model, one for each image, and the seconds that loading and the forward passes took.

    `classes` are the only ones in the running, None for all that the model knows.
    """

    spec: ModelSpec
    device: str
    condition: Condition
    predictions: tuple[Prediction, ...]
    load_seconds: float
    forward_seconds: float
    classes: tuple[int, ...] | None = None

    def rows(self, shown: Iterable[ShownImage], k: int = 5) -> Iterator[dict[str, Any]]:
        """One row for each image and place among the best `k`, with everything that is needed to check the number
        elsewhere.
        """
        spec = self.spec
        for image, prediction in zip(shown, self.predictions, strict=True):
            truth = None if image.label is None else spec.label_space.index_of(image.label, image.label_space)
            about = {
                "image": image.name,
                "image_sha256": image.sha256,
                "image_source": image.source,
                "true_class": None if truth is None else spec.label_space.names[truth],
                "condition": str(self.condition),
                "seed": self.condition.seed,
                "condition_protocol": self.condition.protocol,
                "model": spec.name,
                "weights_sha256": spec.weights.sha256,
                "resize_px": spec.preprocess.resize,
                "crop_px": spec.preprocess.crop,
                "device": self.device,
                "classes_compared": len(self.classes or prediction.probabilities),
            }
            categories = {f"category_{rule}": category for rule, category in prediction.categories().items()}
            for rank, (index, probability) in enumerate(prediction.top(k), start=1):
                yield (
                    about
                    | {
                        "rank": rank,
                        "class_index": index,
                        "class": spec.label_space.names[index],
                        "probability": probability,
                        "entropy_bits": prediction.entropy_bits,
                    }
                    | categories
                )


@dataclass(frozen=True, eq=False)
class Predictions(StudyResult):
    """What every model predicts for every image, in the order of the request."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelPredictions, ...]
    images: tuple[ShownImage, ...]

    @classmethod
    def of(cls, request: PredictionsRequest, by_model: Iterable[ModelPredictions]) -> "Predictions":
        """The predictions of several models, put together with the images as the request has them now."""
        shown = tuple(
            ShownImage(one.name, one.digest, one.source, one.label, one.label_space) for one in request.images
        )
        return cls(Provenance.of(request, request.images.digest), tuple(by_model), shown)

    @property
    def only(self) -> ModelPredictions:
        """The predictions of the first model, which is the only one where one was asked."""
        return self.by_model[0]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, image and place among the best five."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in one.rows(self.images))

    def figure(self) -> "Figure":
        """The best five for the first image."""
        from robust_core.plots import results

        first = self.frame[self.frame["image_sha256"] == self.frame["image_sha256"].iloc[0]]
        labelled = first.assign(label=first["model"] + "<br>" + first["class"], percent=100 * first["probability"])
        return results.bars(labelled, "label", "percent", "probability, %")


def true_label(image: LabelledImage, label_space: LabelSpace) -> int | None:
    """The image's label in `label_space`, or None when it is unknown there."""
    return None if image.label is None else label_space.index_of(image.label, image.label_space)


def run(request: PredictionsRequest) -> Generator[Progress, None, Predictions]:
    """Load each model if it is not, and return what it predicts for every image.

    Each image is prepared as the model's publisher prescribes, and then corrupted at the model's input size, as
    ImageNet-C was. One that is `centre_crop_only` is not resized, as the protocol of stored ImageNet-C asks
    (hendrycks/robustness, ImageNet-C/test.py). Raises UnknownName, WeightsUnavailable, DeviceOutOfMemory, NotFinite.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    return Predictions.of(request, found)


def _one_model(spec: ModelSpec, request: PredictionsRequest) -> Generator[Progress, None, ModelPredictions]:
    from robust_core.models.pool import shared_pool

    images = request.images
    yield Progress(0, len(images), "images", "loading the model")
    started = time.perf_counter()
    with shared_pool().use(spec.key) as model:
        load_seconds = time.perf_counter() - started
        predictions: list[Prediction] = []
        forward_seconds = 0.0
        for first in range(0, len(images), BATCH_SIZE):
            yield Progress(first, len(images), "images", "predicting")
            batch = list(images[first : first + BATCH_SIZE])
            pixels = stack([to_pixels(image, spec.preprocess_for(image.centre_crop_only)) for image in batch])
            found, seconds = predict(model, request.condition.apply(pixels))
            predictions += found
            forward_seconds += seconds
    return ModelPredictions(
        spec, str(model.device), request.condition, tuple(predictions), load_seconds, forward_seconds
    )


def among(predicted: ModelPredictions, classes: Sequence[int]) -> ModelPredictions:
    """The same predictions with only `classes` in the running, as the protocols of ImageNet-A and -R ask: a softmax
    over their logits alone.

    Raises NotFinite where a model is so sure of another class that all of these have the probability 0 in float32.
    """
    kept = np.isin(np.arange(len(CLASSES)), list(classes))
    rows = [np.where(kept, prediction.probabilities, 0) for prediction in predicted.predictions]
    if not all(row.any() for row in rows):
        raise NotFinite(
            f"{predicted.spec.name} is so sure of another class that float32 holds no probability for any of the "
            f"{len(classes)} classes compared; "
            "compare all classes instead."
        )
    return replace(
        predicted, predictions=tuple(Prediction(row / row.sum(), IMAGENET) for row in rows), classes=tuple(classes)
    )


def predict(model: "LoadedModel", pixels: "Tensor") -> tuple[list[Prediction], float]:
    """A Prediction for each of `pixels` (B,3,H,W) in [0, 1], all at once where they fit, and the seconds that it took.

    Raises DeviceOutOfMemory when not even one fits, and NotFinite for NaN or infinite logits.
    """
    import torch

    def forward(places: range) -> "Tensor":
        with torch.inference_mode():
            return model.logits(pixels[places.start : places.stop]).softmax(dim=1).cpu()

    started = time.perf_counter()
    parts = result_of(model.batches(*pixels.shape[2:], at_once=len(pixels)).run(len(pixels), forward))
    seconds = time.perf_counter() - started
    return [Prediction(row, model.spec.label_space) for row in torch.cat(parts).numpy()], seconds
