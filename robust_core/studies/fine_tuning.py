"""All weights of a model trained on for other classes, beside a linear probe on the same split: full-network against
fixed-feature transfer learning, after Salman et al. 2020, section 2.

Two steps are measured first, so that it is known how long the rest takes; without a GPU, what would take longer than
ten minutes is refused unless insisted on.
"""

import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.checks import finite, set_whole
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.models.spec import ModelSpec
from robust_core.studies.downstream_labels import DownstreamLabels, read_labels
from robust_core.studies.feature_visualization import last_layer_of
from robust_core.studies.fine_tuned_models import FineTunedModel, FineTuning, FineTuningForecast
from robust_core.studies.penultimate_features import penultimate_features
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance

if TYPE_CHECKING:  # torch comes with the first step, not with the first page
    from torch import Tensor

    from robust_core.models.loading import LoadedModel

STEPS, LEARNING_RATE, TRAIN_BATCH_SIZE = 200, 0.05, 64
LONGEST_CPU_SECONDS, LARGEST_ON_CPU = 600, 60_000_000  # parameters: two steps of larger ones take minutes
MOST_PIXEL_BYTES = 4 * 2**30
LOOKS = 5  # how often on the way the accuracy is measured


@dataclass(frozen=True, eq=False)
class FineTuningRequest(Request):
    """Every model trained on for `steps` on one half of `images`, each class halved by `seed`, and judged on the other.

    learning_rate      at the start; it falls to zero along a cosine
    frozen_batch_norm  whether batch normalisation keeps its statistics
    insist             whether to go on where it takes longer than ten minutes without a GPU; no part of the result

    Raises BadInput for no models or images, or numbers out of range.
    """

    study: ClassVar[str] = "fine_tuning"

    images: ImageSet
    steps: int = STEPS
    learning_rate: float = LEARNING_RATE
    train_batch_size: int = TRAIN_BATCH_SIZE
    frozen_batch_norm: bool = False
    seed: int = 0
    insist: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if not self.models:
            raise BadInput("There is no model; expected at least one.")
        self.images.require_images()
        set_whole(self, "steps", 1, 100_000)
        set_whole(self, "train_batch_size", 2, 1_024)
        set_whole(self, "seed", 0)
        object.__setattr__(self, "learning_rate", finite("learning_rate", self.learning_rate, 1e-6, 10))

    @property
    def looks(self) -> tuple[int, ...]:
        """After which steps the accuracy is measured."""
        return tuple(sorted({round(self.steps * part / LOOKS) for part in range(LOOKS + 1)}))


def run(request: FineTuningRequest) -> "Generator[Progress | FineTuningForecast, None, FineTuning]":
    """Fine-tune every model; yields a FineTuningForecast before the first step of each.

    Raises what `read_labels` and `penultimate_features` raise, BadInput where it takes too long without a GPU, and
    NotFinite where the training diverges.
    """
    found = yield from read_labels(request.images)
    train = halved(found, request.seed)
    tuned = yield from of_all([(spec.name, _one_model(spec, request, found, train)) for spec in request.models])
    return FineTuning(
        Provenance.of(request, request.images.digest),
        tuple(tuned),
        request.images.title,
        found.labels[~train].astype(np.int16),
        found.classes,
        int(train.sum()),
        request.frozen_batch_norm,
    )


def forecasts(request: FineTuningRequest) -> Generator[Progress, None, tuple[FineTuningForecast, ...]]:
    """How long each model takes, from two measured steps of a copy; nothing is trained. Raises as `run`."""
    from robust_core.models.pool import shared_pool

    found = yield from read_labels(request.images)
    train, measured = halved(found, request.seed), list[FineTuningForecast]()
    for spec in request.models:
        with shared_pool().use(spec.key) as model:
            _refuse_large(model, request)
            pixels = yield from _pixels(model, request.images)
            yield Progress(len(measured), len(request.models), "models", "measuring two steps")
            measured.append(_forecast(model, request, found, pixels, train))
    return tuple(measured)


def forecasts_so_far(events: Iterable[Any]) -> list[FineTuningForecast]:
    """How long each model takes, among the events of `run`."""
    return [event for event in events if isinstance(event, FineTuningForecast)]


def halved(found: DownstreamLabels, seed: int) -> np.ndarray:
    """(N,) bool: the half of each class that is trained on, of an odd number the larger one."""
    rng, train = np.random.default_rng(seed), np.zeros(len(found.labels), bool)
    for label in range(len(found.classes)):
        its = rng.permutation(np.flatnonzero(found.labels == label))
        train[its[: (len(its) + 1) // 2]] = True
    return train


def _one_model(
    spec: ModelSpec, request: FineTuningRequest, found: DownstreamLabels, train: np.ndarray
) -> "Generator[Progress | FineTuningForecast, None, FineTunedModel]":
    from robust_core.models.pool import shared_pool

    features = yield from penultimate_features(spec, request.images)
    with shared_pool().use(spec.key) as model:
        _refuse_large(model, request)
        pixels = yield from _pixels(model, request.images)
        yield Progress(0, request.steps, "steps", "measuring two steps")
        forecast = _forecast(model, request, found, pixels, train)
        yield forecast
        if forecast.seconds > LONGEST_CPU_SECONDS and model.device.type == "cpu" and not request.insist:
            raise BadInput(
                f"{forecast}, which is long without a GPU; expected a GPU, fewer steps, a smaller model, or "
                "insist=True."
            )
        return (yield from _tuned(model, request, found, pixels, train, features))


def _refuse_large(model: "LoadedModel", request: FineTuningRequest) -> None:
    parameters = model.spec.architecture.parameters
    if model.device.type == "cpu" and parameters > LARGEST_ON_CPU and not request.insist:
        raise BadInput(
            f"{model.spec.title} has {parameters / 1e6:,.0f} million weights, and there is no GPU; expected a GPU, at "
            f"most {LARGEST_ON_CPU / 1e6:.0f} million, or insist=True."
        )


def _pixels(model: "LoadedModel", images: ImageSet) -> "Generator[Progress, None, Tensor]":
    """The model's input (N,3,H,W) for all images."""
    from robust_core.images import stack, to_pixels

    parts: list[Tensor] = []
    for place, image in enumerate(images):
        if place % 64 == 0:
            yield Progress(place, len(images), "images", "reading the images")
        parts.append(to_pixels(image, model.spec.preprocess_for(image.centre_crop_only)))
        if parts[0].numel() * 4 * len(images) > MOST_PIXEL_BYTES:
            raise BadInput(f"{len(images):,} images of this size do not fit into memory; expected fewer.")
    return stack(parts)


def _forecast(
    model: "LoadedModel", request: FineTuningRequest, found: DownstreamLabels, pixels: "Tensor", train: np.ndarray
) -> FineTuningForecast:
    """Two steps of a copy that is thrown away, and one look at the images that are judged."""
    from dataclasses import replace

    tuner, labels = _tuner(model, replace(request, steps=3), found)
    each = tuner.seconds_each(pixels[train], labels[train])
    started = time.perf_counter()
    tuner.predictions(pixels[~train])
    looking = (time.perf_counter() - started) * len(request.looks)
    return FineTuningForecast(model.spec, str(model.device), request.steps, each * request.steps + looking)


def _tuner(model: "LoadedModel", request: FineTuningRequest, found: DownstreamLabels) -> Any:
    import torch

    from robust_core.downstream.fine_tuning import FineTuner, Schedule

    schedule = Schedule(
        request.steps, request.learning_rate, request.train_batch_size, request.frozen_batch_norm, request.seed
    )
    tuner = FineTuner(model, last_layer_of(model), len(found.classes), schedule)
    return tuner, torch.from_numpy(found.labels).long()


def _tuned(
    model: "LoadedModel",
    request: FineTuningRequest,
    found: DownstreamLabels,
    pixels: "Tensor",
    train: np.ndarray,
    features: np.ndarray,
) -> Generator[Progress, None, FineTunedModel]:
    from robust_core.downstream.probe import fit

    started, (tuner, labels) = time.perf_counter(), _tuner(model, request, found)
    losses: list[float] = []
    predicted = {0: tuner.predictions(pixels[~train])}

    def told(loss: float) -> Progress:
        losses.append(loss)
        if len(losses) in request.looks:
            predicted[len(losses)] = tuner.predictions(pixels[~train])
        return Progress(len(losses), request.steps, "steps", f"fine-tuning, loss {loss:.2f}")

    yield from mapped(tuner.steps(pixels[train], labels[train]), told)
    seconds = time.perf_counter() - started
    probe, _ = fit(features[train], found.labels[train], request.seed)
    return FineTunedModel(
        model.spec,
        str(model.device),
        np.array(losses, np.float32),
        {step: one.astype(np.int16) for step, one in predicted.items()},
        probe.predict(features[~train]).astype(np.int16),
        seconds,
    )
