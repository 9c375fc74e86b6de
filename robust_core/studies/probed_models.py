"""What linear probes came to: accuracies with their intervals, differences from a model that was trained without
attacks, and whether a series of models has a best ε that is not zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.downstream.probe import CrossValidated
from robust_core.downstream.resampled import difference_over_folds, over_draws, over_folds
from robust_core.intervals import Interval
from robust_core.models.spec import ModelSpec
from robust_core.models.training_eps import training_eps
from robust_core.studies.simplicity_claims import Says
from robust_core.studies.study_result import StudyResult, percent

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

SOURCE = "Salman et al. 2020"
TURNS_NOWHERE = (
    "The largest ε is the best one here, so that no turning point is seen; most of the paper's best models lie between "
    "no attacks and the largest."
)


@dataclass(frozen=True, eq=False)
class ProbedModel:
    """One model's probe.

    units        how many features the last layer reads
    predictions  (repeats,N) class of each image when it was left out, `fold_of` (repeats,N) in which fold that was
    strengths    the C chosen for each fold
    by_count     the accuracy of each draw by how many images of each class were trained on
    """

    spec: ModelSpec
    units: int
    predictions: np.ndarray
    fold_of: np.ndarray
    strengths: tuple[float, ...]
    by_count: Mapping[int, tuple[float, ...]]
    seconds: float

    def scores(self, labels: np.ndarray) -> list[float]:
        """The accuracy of each fold of each repeat."""
        return CrossValidated(self.predictions, self.fold_of, self.strengths).scores(labels)


@dataclass(frozen=True)
class SweetSpot:
    """Of the models of one series: the most accurate, the `reference` that was trained without attacks, and the largest
    difference from it with its interval, as wide as comparing several asks for (Bonferroni).
    """

    best: ModelSpec
    best_eps: float
    largest_eps: float
    reference: ModelSpec
    rival: ModelSpec
    rival_eps: float
    difference: Interval | None

    @property
    def unit(self) -> str:
        """What stands behind an ε of the series."""
        at = training_eps(self.rival)
        return "/255" if at and at.norm == "linf" else ""

    @property
    def says(self) -> Says:
        """Whether some adversarially trained model is better than the one without attacks, as Salman et al. found."""
        if self.difference is None or self.difference.low <= 0 <= self.difference.high:
            return "undecided"
        return "agrees" if self.difference.low > 0 else "contradicts"


@dataclass(frozen=True, eq=False)
class LinearProbe(StudyResult):
    """Every model's probe on the same folds and draws, in the order of the request; `labels` (N,) count in
    `classes`.
    """

    parts: ClassVar[str] = "by_model"

    by_model: tuple[ProbedModel, ...]
    title: str
    labels: np.ndarray
    classes: tuple[str, ...]
    folds: int
    repeats: int
    draws: int

    @property
    def chance(self) -> float:
        """The accuracy of always naming the most frequent class."""
        return float(np.bincount(self.labels).max() / len(self.labels))

    @property
    def protocol(self) -> str:
        """How the numbers came about, in words."""
        return (
            f"logistic regression on standardised penultimate features, C by inner cross-validation; "
            f"{self.repeats} × {self.folds}-fold stratified cross-validation"
        )

    def accuracy(self, one: ProbedModel) -> Interval:
        """Of one model over all folds."""
        return over_folds(one.scores(self.labels), self.repeats, len(self.labels))

    def after(self, one: ProbedModel, count: int) -> Interval:
        """The accuracy after training on `count` images of each class."""
        return over_draws(one.by_count[count], len(self.labels) - count * len(self.classes))

    def reference_of(self, one: ProbedModel) -> ProbedModel | None:
        """The model of the same series that was trained without attacks; None for that one itself or without any."""
        place = training_eps(one.spec)
        others = ((other, training_eps(other.spec)) for other in self.by_model)
        return next(
            (
                other
                for other, at in others
                if place and at and at.series == place.series and at.eps == 0 and other is not one
            ),
            None,
        )

    def difference(self, one: ProbedModel, reference: ProbedModel, confidence: float = 0.95) -> Interval | None:
        """The accuracy of `one` less that of `reference`, paired by fold; None where all folds differ by the same."""
        pair = one.scores(self.labels), reference.scores(self.labels)
        return difference_over_folds(*pair, self.repeats, len(self.labels), confidence)

    def series(self) -> dict[tuple[str, str], list[ProbedModel]]:
        """The models that were trained alike at several ε, in the order of ε, by series and norm; a model without
        attacks belongs to every norm.
        """
        placed = [(one, at) for one in self.by_model if (at := training_eps(one.spec))]
        found = {}
        for name, norm in dict.fromkeys((at.series, at.norm) for _, at in placed if at.eps):
            its = [(at.eps, one) for one, at in placed if at.series == name and (at.norm == norm or at.eps == 0)]
            if len(its) > 1:
                found[name, norm] = [one for _, one in sorted(its, key=lambda pair: pair[0])]
        return found

    def sweet_spots(self) -> list[SweetSpot]:
        """What each series with a model without attacks says about the paper's finding."""
        return [found for its in self.series().values() if (found := self._sweet_spot(its))]

    def sentences(self) -> tuple[str, ...]:
        """The best ε of each series, and whether it bears out Salman et al. 2020."""
        return tuple(self.in_words(found) for found in self.sweet_spots())

    def in_words(self, found: SweetSpot) -> str:
        """One series in a sentence."""
        by_key = {one.spec.key: self.accuracy(one) for one in self.by_model}
        best, reference = by_key[found.best.key], by_key[found.reference.key]
        verdict = {
            "agrees": f"It agrees with {SOURCE}: adversarial training makes features that transfer better.",
            "contradicts": f"It contradicts {SOURCE}: no adversarially trained model transfers better.",
            "undecided": f"It does not decide whether {SOURCE} are right here.",
        }[found.says]
        return (
            f"{self.title}: {found.best.title} is best of its series with {best}; without attacks {reference}. "
            f"{verdict}{_at_the_end(found)}"
        )

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model over all folds, and one for each number of images per class."""
        import pandas

        return pandas.DataFrame(row for one in self.by_model for row in self._rows(one))

    def figure(self) -> "Figure":
        """Accuracy against the ε of training where models of a series are among them, bars otherwise."""
        import plotly.graph_objects as go

        from robust_core.plots import probe_charts, results

        frame = self.frame[self.frame["measure"] == "cross-validation"]
        if not self.series():
            return results.bars(frame, "model", "accuracy_percent", "accuracy of a linear probe, %")
        lines = [
            probe_charts.EpsLine(
                f"{name}, {norm}",
                colour,
                [at.eps for one in its if (at := training_eps(one.spec))],
                [self.accuracy(one) for one in its],
                [f"{one.spec.title}: {self.accuracy(one)}" for one in its],
            )
            for ((name, norm), its), colour in zip(self.series().items(), cycle(results.COLOURS), strict=False)
        ]
        unit = "/255" if {norm for _, norm in self.series()} == {"linf"} else ""
        return go.Figure(probe_charts.over_eps(lines, self.chance, unit)).update_layout(template="plotly_white")

    def _sweet_spot(self, its: list[ProbedModel]) -> SweetSpot | None:
        eps = {one.spec.key: at.eps for one in its if (at := training_eps(one.spec))}
        first, *attacked = its
        if eps[first.spec.key] != 0:
            return None
        best, rival = (max(some, key=lambda one: self.accuracy(one).estimate) for some in (its, attacked))
        difference = self.difference(rival, first, 1 - 0.05 / len(attacked))
        return SweetSpot(
            best.spec, eps[best.spec.key], max(eps.values()), first.spec, rival.spec, eps[rival.spec.key], difference
        )

    def _rows(self, one: ProbedModel) -> Iterator[dict[str, Any]]:
        place, reference = training_eps(one.spec), self.reference_of(one)
        who = {"model": one.spec.name, "norm": place and place.norm, "training_eps": place and place.eps}
        fixed = {
            "classes": len(self.classes),
            "chance_percent": 100 * self.chance,
            "images": self.title,
            "features": one.units,
            "weights_sha256": one.spec.weights.sha256,
        }
        accuracy = self.accuracy(one)
        yield (
            who
            | {"measure": "cross-validation", "train_images_per_class": None}
            | percent("accuracy", accuracy)
            | {"n": accuracy.n}
            | self._minus(one, reference)
            | {"c": float(np.median(one.strengths)), "seconds": one.seconds, "protocol": self.protocol}
            | fixed
        )
        for count in one.by_count:
            found = self.after(one, count)
            about = f"trained on {count} of each class, {self.draws} draws, on all other images"
            yield (
                who
                | {"measure": "learning curve", "train_images_per_class": count}
                | percent("accuracy", found)
                | {"n": found.n, "protocol": f"{self.protocol.split(';')[0]}; {about}"}
                | fixed
            )

    def _minus(self, one: ProbedModel, reference: ProbedModel | None) -> dict[str, Any]:
        """The difference from the model without attacks in percentage points, as columns."""
        names = ("difference_points", "difference_low_points", "difference_high_points")
        if reference is None:
            return {"reference": None} | dict.fromkeys(names)
        found = self.difference(one, reference)
        pair = [100 * (self.accuracy(each).estimate) for each in (one, reference)]
        bounds = (None, None) if found is None else (100 * found.low, 100 * found.high)
        return {"reference": reference.spec.name} | dict(zip(names, (pair[0] - pair[1], *bounds), strict=True))


def _at_the_end(found: SweetSpot) -> str:
    """That no turning point is seen, where the largest ε is the best."""
    if found.best_eps < found.largest_eps:
        return ""
    return f" {TURNS_NOWHERE}"
