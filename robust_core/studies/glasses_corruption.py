"""Accuracy under corruption through glasses: an image is corrupted, and the model sees it through a filter."""

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.input_filters.table import InputFilter, get_filter
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.corruption_grid import BATCH_SIZE, PROTOCOL, best_of, classes_in_running, corrupted
from robust_core.studies.predictions import predict
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class GlassesCorruptionRequest(Request):
    """Top-1 accuracy on `images`, when clean and under each of `conditions`, without a filter and through
    `input_filter` (a key of its table) at each of `strengths`, which are put in order.

    The label that counts is the true one where it is known, else the prediction for the clean image without a filter.
    The classes of the images' own protocol alone are in the running where it names some. Raises UnknownName for a
    filter, and BadInput for no images, no condition, a severity of 0 or one condition twice, or strengths that the
    filter does not have.
    """

    study: ClassVar[str] = "glasses_corruption"

    images: ImageSet
    conditions: tuple[Condition, ...]
    input_filter: str
    strengths: tuple[float, ...]

    def __post_init__(self) -> None:
        self.images.require_images()
        if not self.conditions or not all(one.severity for one in self.conditions):
            raise BadInput(
                "Expected at least one corruption, at severities from 1 to 5; clean images are always there."
            )
        if len(set(self.conditions)) < len(self.conditions):
            raise BadInput("One corruption is asked for twice at the same severity; expected each once.")
        object.__setattr__(self, "strengths", self.row.checked(self.strengths))

    @property
    def row(self) -> InputFilter:
        """The filter."""
        return get_filter(self.input_filter)

    @property
    def passes(self) -> int:
        """How many images go through each model, at all strengths and conditions together."""
        return len(self.images) * (1 + len(self.strengths)) * (1 + len(self.conditions))


@dataclass(frozen=True, eq=False)
class FilteredAccuracy:
    """Whether `spec` is right about each image under `condition` at each of `strengths`, of which the first is None:
    without a filter. `correct` is (S,n); images that are not `known` (n,) have its clean prediction for a label.
    """

    spec: ModelSpec
    device: str
    condition: Condition
    input_filter: str
    strengths: tuple[float | None, ...]
    correct: np.ndarray
    known: np.ndarray
    input_px: tuple[int, int]
    seconds: float

    @property
    def row(self) -> InputFilter:
        """The filter."""
        return get_filter(self.input_filter)

    def accuracy(self, place: int) -> Interval:
        """The fraction that is correct at the strength at `place`."""
        found = wilson(int(self.correct[place].sum()), self.correct.shape[1])
        assert found is not None  # the request refuses to be without images
        return found


@dataclass(frozen=True, eq=False)
class GlassesCorruption(StudyResult):
    """Accuracy by condition and strength of the filter, for each model; severity 0 is the clean images.

    curves   each model's conditions, clean first, a model after the other
    """

    parts: ClassVar[str] = "curves"

    curves: tuple[FilteredAccuracy, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, condition and strength; without a filter the strength is the one that turns it off, or
        missing where there is none.
        """
        import pandas

        return pandas.DataFrame(row for one in self.curves for row in _rows(one))

    def figure(self) -> "Figure":
        """Accuracy against strength, a chart for each condition."""
        from robust_core.plots import results

        shown = self.frame.dropna(subset="strength")
        shown = shown.assign(under=shown["corruption"] + " " + shown["severity"].astype(str))
        titles = {one: f"{one.replace('_', ' ')}: accuracy, %" for one in shown["under"].unique()}
        row = self.curves[0].row
        x_title = f"{row.title}: {row.parameter}"
        return results.curve_panels(shown, "under", titles, ["model"], "strength", "accuracy_percent", x_title)


def run(
    request: GlassesCorruptionRequest,
) -> "Generator[Progress | FilteredAccuracy, None, GlassesCorruption]":
    """Ask every model; yields a FilteredAccuracy for each condition as soon as it is there.

    Image i is drawn from seed + i, whatever the batch. Raises what `pool.use` and `corrupt` raise.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    provenance = Provenance.of(request, request.images.digest)
    return GlassesCorruption(provenance, tuple(curve for curves in found for curve in curves))


def curves_so_far(events: Iterable[Any]) -> list[FilteredAccuracy]:
    """The curves among the events of `run`, also before it has ended."""
    return [event for event in events if isinstance(event, FilteredAccuracy)]


def _one_model(
    spec: ModelSpec, request: GlassesCorruptionRequest
) -> "Generator[Progress | FilteredAccuracy, None, tuple[FilteredAccuracy, ...]]":
    n, curves = len(request.images), []
    each = n * (1 + len(request.strengths))
    yield Progress(0, request.passes, "images", "loading the model")
    with using(spec) as model:
        reading = read_inputs(request.images, range(n), spec)
        pixels, given = yield from mapped(reading, lambda event: Progress(0, request.passes, "images", event.note))
        known = np.array([label is not None for label in given])
        labels = np.array([-1 if label is None else label for label in given])
        for number, condition in enumerate((CLEAN, *request.conditions)):
            started = time.perf_counter()
            begun = Progress(number * each, request.passes, "images", str(condition))
            best = yield from _predicted(model, pixels, condition, request, begun)
            if condition is CLEAN:
                labels = np.where(known, labels, best[0])
            seen = FilteredAccuracy(
                spec,
                str(model.device),
                condition,
                request.input_filter,
                (None, *request.strengths),
                best == labels,
                known,
                (int(pixels.shape[2]), int(pixels.shape[3])),
                time.perf_counter() - started,
            )
            curves.append(seen)
            yield seen
    return tuple(curves)


def _predicted(
    model: "LoadedModel",
    clean: "Tensor",
    condition: Condition,
    request: GlassesCorruptionRequest,
    begun: Progress,
) -> Generator[Progress, None, np.ndarray]:
    """The predicted classes (S,n) under `condition` at each strength; an image is corrupted once for all of them."""
    from robust_core.input_filters.wrapping import looking_through

    worn = [looking_through(model, request.input_filter, one) for one in (None, *request.strengths)]
    best, classes = np.zeros((len(worn), len(clean)), dtype=int), classes_in_running(request.images, model.spec)
    for first in range(0, len(clean), BATCH_SIZE):
        places = range(first, min(first + BATCH_SIZE, len(clean)))
        pixels = corrupted(condition, clean[first : places.stop], places)
        for row, seeing in enumerate(worn):
            done = begun.done + first * len(worn) + row * len(places)
            yield Progress(done, begun.total, begun.unit, begun.note)
            predictions, _ = predict(seeing, pixels)
            best[row, first : places.stop] = best_of([one.probabilities for one in predictions], classes)
    return best


def _rows(curve: FilteredAccuracy) -> Iterator[dict[str, Any]]:
    spec, row, condition = curve.spec, curve.row, curve.condition
    height_px, width_px = curve.input_px
    under = {"corruption": condition.corruption if condition.severity else "none", "severity": condition.severity}
    protocol = f"{row.title} ({row.parameter}) before the model"
    fixed = {
        "n": curve.correct.shape[1],
        "n_labels_known": int(curve.known.sum()),
        "input_px": f"{width_px} × {height_px}",
        "protocol": "; ".join(filter(None, (PROTOCOL, condition.protocol, protocol))),
        "weights_sha256": spec.weights.sha256,
    }
    for place, strength in enumerate(curve.strengths):
        worn = {
            "filter": "none" if strength is None else row.key,
            "strength": row.off if strength is None else strength,
        }
        yield {"model": spec.name} | under | worn | percent("accuracy", curve.accuracy(place)) | fixed
