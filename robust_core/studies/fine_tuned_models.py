"""What fine-tuning came to: accuracy on the way, beside that of a linear probe on the same split."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.intervals import Interval, newcombe, wilson
from robust_core.models.spec import ModelSpec
from robust_core.models.training_eps import training_eps
from robust_core.studies.study_result import StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

FIXED, FULL = "fixed-feature", "full-network"  # as Salman et al. call them


@dataclass(frozen=True)
class FineTuningForecast:
    """How long a model will take, from two measured steps."""

    spec: ModelSpec
    device: str
    steps: int
    seconds: float

    def __str__(self) -> str:
        """In words."""
        long = f"{self.seconds / 60:,.0f} min" if self.seconds >= 120 else f"{self.seconds:,.0f} s"
        return f"{self.spec.title}: {self.steps:,} steps take about {long} on {self.device}"


@dataclass(frozen=True, eq=False)
class FineTunedModel:
    """One model after its `losses` (steps,).

    predicted  the class of each judged image after some numbers of steps, the last among them
    probed     the same by a linear probe on features that were not trained on
    """

    spec: ModelSpec
    device: str
    losses: np.ndarray
    predicted: Mapping[int, np.ndarray]
    probed: np.ndarray
    seconds: float


@dataclass(frozen=True, eq=False)
class FineTuning(StudyResult):
    """Every model in the order of the request, judged on images whose `labels` (N,) count in `classes`, after training
    on `trained_on` others.
    """

    parts: ClassVar[str] = "by_model"

    by_model: tuple[FineTunedModel, ...]
    title: str
    labels: np.ndarray
    classes: tuple[str, ...]
    trained_on: int
    frozen_batch_norm: bool

    @property
    def chance(self) -> float:
        """The accuracy of always naming the most frequent class."""
        return float(np.bincount(self.labels).max() / len(self.labels))

    def fixed(self, one: FineTunedModel) -> Interval:
        """Accuracy of the linear probe."""
        return self._share(one.probed)

    def after(self, one: FineTunedModel, step: int | None = None) -> Interval:
        """Accuracy after a number of steps, None for all."""
        return self._share(one.predicted[max(one.predicted) if step is None else step])

    def gain(self, one: FineTunedModel) -> Interval:
        """The accuracy of the fine-tuned model less that of the probe, on the same images (Newcombe)."""
        tuned, probed = (each == self.labels for each in (one.predicted[max(one.predicted)], one.probed))
        counts = ((tuned & probed), (probed & ~tuned), (tuned & ~probed), (~tuned & ~probed))
        found = newcombe(*(int(each.sum()) for each in counts))
        assert found is not None  # there are images
        return found

    def sentences(self) -> tuple[str, ...]:
        """What fine-tuning adds to each model."""
        return tuple(
            f"{one.spec.title}: {self.after(one)} after {len(one.losses):,} steps, a linear probe {self.fixed(one)}."
            for one in self.by_model
        )

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model's probe, and one for each number of steps."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in self._rows(one))

    def figure(self) -> "Figure":
        """Accuracy against steps."""
        from robust_core.plots import results

        frame = self.frame[self.frame["mode"] == FULL]
        return results.curves(frame, ["model"], "step", "accuracy_percent", "steps of SGD", "accuracy, %")

    def _share(self, predicted: np.ndarray) -> Interval:
        found = wilson(int((predicted == self.labels).sum()), len(self.labels))
        assert found is not None
        return found

    def _rows(self, one: FineTunedModel) -> Iterator[dict[str, Any]]:
        place = training_eps(one.spec)
        who = {"model": one.spec.name, "norm": place and place.norm, "training_eps": place and place.eps}
        norm = "frozen" if self.frozen_batch_norm else "trained on"
        fixed = {
            "n": len(self.labels),
            "n_train": self.trained_on,
            "classes": len(self.classes),
            "chance_percent": 100 * self.chance,
            "images": self.title,
            "device": one.device,
            "weights_sha256": one.spec.weights.sha256,
        }
        probe = "logistic regression on standardised penultimate features; judged on the other half of the images"
        yield who | {"mode": FIXED, "step": None} | percent("accuracy", self.fixed(one)) | fixed | {"protocol": probe}
        for step in one.predicted:
            sgd = f"SGD on all weights, cosine, batch normalisation {norm}; judged on the other half of the images"
            found = percent("accuracy", self.after(one, step))
            yield who | {"mode": FULL, "step": step} | found | fixed | {"protocol": sgd, "seconds": one.seconds}
