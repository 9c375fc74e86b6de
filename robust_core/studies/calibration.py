"""Is confidence accuracy? Calibration of models on labelled images, as they are and after temperature scaling."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.confidence.calibration import (
    BINS,
    HOTTEST,
    CalibrationScores,
    Estimate,
    calibration_scores,
    confidences,
    fit_temperature,
)
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.labels import IMAGENET
from robust_core.models.spec import ModelSpec
from robust_core.studies.logits import logits_for
from robust_core.studies.predictions import true_label
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

FEWEST, FEW = 4, 500
PROTOCOL = f"ECE over {BINS} bins of equal width (Guo et al. 2017)"


@dataclass(frozen=True, eq=False)
class CalibrationRequest(Request):
    """Calibration on the labelled ones of `images` under `condition`; `seed` draws the half that the temperature is
    fitted on. Raises BadInput for no images.

    The classes of the images' own protocol alone are in the running where it names some.
    """

    study: ClassVar[str] = "calibration"

    images: ImageSet
    condition: Condition = CLEAN
    seed: int = 0

    def __post_init__(self) -> None:
        self.images.require_images()


@dataclass(frozen=True, eq=False)
class ModelCalibration:
    """One model on its labelled images: `whole` of them as it is; and the half that the temperature was not fitted on,
    `before` it and `after`.
    """

    spec: ModelSpec
    whole: CalibrationScores
    before: CalibrationScores
    after: CalibrationScores
    n_fitted: int
    is_temperature_found: bool
    n_unlabelled: int

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know about these numbers, as sentences."""
        few = (
            f"With {self.whole.n} images, chance alone adds to the ECE: that of a perfectly calibrated model is above "
            "0 too."
        )
        at_end = (
            "The temperature means nothing: all of the "
            f"{self.n_fitted} images that it is fitted on are predicted right, or none better than by chance, so that "
            "no temperature is the best."
        )
        left_out = f"Left out for want of a label that this model knows: {self.n_unlabelled}."
        told = (
            (few, self.whole.n < FEW),
            (at_end, not self.is_temperature_found),
            (left_out, self.n_unlabelled > 0),
        )
        return tuple(sentence for sentence, holds in told if holds)

    def rows(self, condition: Condition) -> Iterator[dict[str, Any]]:
        """A row for all images, and for the half that is held out, before and after."""
        for part, scores, fitted in (
            ("all", self.whole, 0),
            ("held-out half", self.before, 0),
            ("held-out half", self.after, self.n_fitted),
        ):
            temperature = {"images": part, "temperature": scores.temperature, "n_fitted": fitted}
            errors = (
                _bounds("ece_percent", scores.ece, 100)
                | _bounds("nll_nats", scores.nll_nats)
                | _bounds("brier", scores.brier)
            )
            protocol = "; ".join(filter(None, (PROTOCOL, condition.protocol)))
            about = {"n": scores.n, "condition": str(condition), "protocol": protocol}
            accuracy = percent("accuracy", scores.accuracy)
            weights = {"weights_sha256": self.spec.weights.sha256}
            yield {"model": self.spec.name} | temperature | accuracy | errors | about | weights


@dataclass(frozen=True, eq=False)
class Calibration(StudyResult):
    """Calibration of every model, in the order of the request."""

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ModelCalibration, ...]
    condition: Condition

    def sentences(self) -> tuple[str, ...]:
        """The caveats of each model."""
        return tuple(f"{one.spec.name}: {sentence}" for one in self.by_model for sentence in one.caveats)

    def to_frame(self) -> "pandas.DataFrame":
        """Three rows for each model: all images as they are, the held-out half before and after its temperature."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in one.rows(self.condition))

    @property
    def bins_frame(self) -> "pandas.DataFrame":
        """The reliability diagrams as a table: a row for each model, half and bin."""
        import pandas

        return pandas.DataFrame(
            {"model": one.spec.name, "images": part, "temperature": scores.temperature}
            | {"confidence_above": each.low, "confidence_to": each.high, "mean_confidence": each.mean_confidence}
            | percent("accuracy", each.accuracy)
            | {"n": each.n}
            for one in self.by_model
            for part, scores in (("all", one.whole), ("held-out half", one.before), ("held-out half", one.after))
            for each in scores.bins
        )

    def figure(self) -> "Figure":
        """Accuracy against confidence on all images, as they are, with the line of perfect calibration."""
        from robust_core.plots import results

        frame = self.bins_frame.query("images == 'all' and n > 0")
        shown = frame.assign(confidence_percent=100 * frame["mean_confidence"])
        axes = "confidence_percent", "accuracy_percent", "confidence, %", "accuracy, %"
        diagonal = {"x": [0, 100], "y": [0, 100], "mode": "lines", "line": {"dash": "dot"}}
        return results.curves(shown, ["model"], *axes).add_scatter(**diagonal, name="perfectly calibrated")


def run(request: CalibrationRequest) -> Generator[Progress, None, Calibration]:
    """Ask each model. Raises BadInput where fewer than four images have a label that it knows, and what `pool.use` and
    `corrupt` raise.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    return Calibration(Provenance.of(request, request.images.digest), tuple(found), request.condition)


def _one_model(spec: ModelSpec, request: CalibrationRequest) -> Generator[Progress, None, ModelCalibration]:
    from robust_core.models.pool import shared_pool

    images = request.images
    yield Progress(0, len(images), "images", "loading the model")
    with shared_pool().use(spec.key) as model:
        logits = yield from logits_for(model, images, request.condition)
    own = range(logits.shape[1]) if images.classes is None or spec.label_space != IMAGENET else images.classes
    column = {label: place for place, label in enumerate(own)}
    columns = [column.get(-1 if (label := true_label(one, spec.label_space)) is None else label) for one in images]
    rows = [row for row, found in enumerate(columns) if found is not None]
    if len(rows) < FEWEST:
        raise BadInput(
            f"{len(rows)} of {len(images)} images have a label that {spec.name} knows; calibration needs at least "
            f"{FEWEST}, half of them for the temperature."
        )
    labels = np.array([columns[row] for row in rows])
    return _measured(spec, logits[np.ix_(rows, list(own))], labels, request.seed, len(images) - len(rows))


def _measured(
    spec: ModelSpec, logits: np.ndarray, labels: np.ndarray, seed: int, n_unlabelled: int
) -> ModelCalibration:
    order = np.random.default_rng(seed).permutation(len(labels))
    fitted, held_out = order[: len(order) // 2], order[len(order) // 2 :]
    temperature = fit_temperature(logits[fitted], labels[fitted])
    is_found = temperature < 0.99 * HOTTEST and not confidences(logits[fitted], labels[fitted])[1].all()
    before, after = (calibration_scores(logits[held_out], labels[held_out], one, seed) for one in (1.0, temperature))
    return ModelCalibration(
        spec, calibration_scores(logits, labels, 1.0, seed), before, after, len(fitted), is_found, n_unlabelled
    )


def _bounds(name: str, value: Estimate, scale: float = 1) -> dict[str, float]:
    return {
        name: scale * value.estimate,
        f"{name}_low": scale * value.low,
        f"{name}_high": scale * value.high,
    }
