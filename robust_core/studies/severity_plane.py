"""Corrupted and then attacked: accuracy over the severity of a corruption and the eps of an attack.

The attack's ball is around the corrupted image, so that eps 0 is the corruption alone and severity 0 the attack alone.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.threat import in_255ths
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.attacking import attacked, predicted, require_eps
from robust_core.studies.corruption_grid import PROTOCOL, all_corrupted
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class SeverityPlaneRequest(Request):
    """Accuracy on `images` under each of `conditions`, the severities 1 to 5 of one corruption, and then under each of
    `attacks`, one attack at several eps; the clean images and eps 0 are always there.

    The label that counts is the true one where it is known, else the prediction for the clean image. Raises BadInput
    for no images, no condition or attack, one twice, or several that differ in more than the severity or the eps.
    """

    study: ClassVar[str] = "severity_plane"

    images: ImageSet
    conditions: tuple[Condition, ...]
    attacks: tuple[AttackConfig, ...]

    def __post_init__(self) -> None:
        self.images.require_images()
        severities = {one.severity for one in self.conditions}
        if not self.conditions or len(severities) < len(self.conditions) or 0 in severities:
            raise BadInput("Expected severities from 1 to 5, each once; the clean images are always there.")
        if len({replace(one, severity=1) for one in self.conditions}) > 1:
            raise BadInput("Expected one corruption with one seed; got several.")
        if not self.attacks or len(set(self.attacks)) < len(self.attacks):
            raise BadInput("Expected an attack at one eps or several, each once; eps 0 is always there.")
        for attack in self.attacks:
            require_eps(attack)
        if len({replace(one, eps=1.0) for one in self.attacks}) > 1:
            raise BadInput("Expected one attack at several eps; got several attacks.")

    @property
    def severities(self) -> tuple[Condition, ...]:
        """The clean images, and the conditions."""
        return (CLEAN, *self.conditions)


@dataclass(frozen=True, eq=False)
class PlaneCell:
    """Whether `spec` is right about each image (n,) under `condition` and then `attack`, None for eps 0."""

    spec: ModelSpec
    condition: Condition
    attack: AttackConfig | None
    correct: np.ndarray

    @property
    def eps(self) -> float:
        """The radius of the ball around the corrupted image."""
        return 0.0 if self.attack is None or self.attack.eps is None else self.attack.eps

    @property
    def accuracy(self) -> Interval:
        """The fraction that is correct."""
        found = wilson(int(self.correct.sum()), len(self.correct))
        assert found is not None  # the request refuses to be without images
        return found


@dataclass(frozen=True, eq=False)
class ModelPlane:
    """One model's cells, severity by severity; labels of images that are not `known` (n,) are its clean predictions."""

    spec: ModelSpec
    device: str
    cells: tuple[PlaneCell, ...]
    known: np.ndarray


@dataclass(frozen=True, eq=False)
class SeverityPlane(StudyResult):
    """Accuracy by severity and eps for each model."""

    parts: ClassVar[str] = "planes"

    planes: tuple[ModelPlane, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, severity and eps."""
        import pandas

        return pandas.DataFrame(row for plane in self.planes for row in _rows(plane))

    def figure(self) -> "Figure":
        """A heat map for each model."""
        from robust_core.plots import results

        radius = self.frame["eps"].map(in_255ths)
        return results.grids(self.frame.assign(ε=radius), "severity", "ε", "accuracy_percent")


def run(request: SeverityPlaneRequest) -> "Generator[Progress | PlaneCell, None, SeverityPlane]":
    """Corrupt, then attack; yields every PlaneCell as soon as it is there.

    Raises what `pool.use`, `corrupt` and `attacks.search.attack` raise.
    """
    planes = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    return SeverityPlane(Provenance.of(request, request.images.digest), tuple(planes))


def cells_so_far(events: Iterable[Any]) -> list[PlaneCell]:
    """The cells among the events of `run`, also before it has ended."""
    return [event for event in events if isinstance(event, PlaneCell)]


def _one_model(spec: ModelSpec, request: SeverityPlaneRequest) -> "Generator[Progress | PlaneCell, None, ModelPlane]":
    attack = request.attacks[0]
    each = attack.steps * len(request.attacks)  # of a severity
    unit, total = attack.row.unit, each * len(request.severities)
    yield Progress(0, total, unit, "loading the model")
    cells: list[PlaneCell] = []
    with using(spec) as model:
        reading = read_inputs(request.images, range(len(request.images)), spec)
        clean, given = yield from mapped(reading, lambda event: Progress(0, total, unit, event.note))
        labels = yield from _labels(model, clean, given)
        for row, condition in enumerate(request.severities):
            begun = Progress(row * each, total, unit, str(condition))
            pixels = yield from all_corrupted(condition, clean, begun)
            for cell in _cells(model, pixels, labels, condition, request.attacks):
                if isinstance(cell, PlaneCell):
                    cells.append(cell)
                    yield cell
                else:
                    yield replace(begun, done=begun.done + cell.done)
        device = str(model.device)
    return ModelPlane(spec, device, tuple(cells), np.array([label is not None for label in given]))


def _labels(model: "LoadedModel", clean: "Tensor", given: list[int | None]) -> Generator[Progress, None, list[int]]:
    """The given labels, and the clean predictions where there is none."""
    classes = yield from predicted(model, clean)
    return [int(one) if label is None else label for one, label in zip(classes, given, strict=True)]


def _cells(
    model: "LoadedModel",
    pixels: "Tensor",
    labels: list[int],
    condition: Condition,
    attacks: tuple[AttackConfig, ...],
) -> "Generator[Progress | PlaneCell, None, None]":
    """The cells of one severity; the progress counts on through its attacks."""
    classes = yield from predicted(model, pixels)
    yield PlaneCell(model.spec, condition, None, classes == np.array(labels))
    for number, attack in enumerate(attacks):
        before = number * attack.steps
        found = yield from mapped(attacked(model, pixels, labels, attack), partial(_after, before))
        yield PlaneCell(model.spec, condition, attack, ~found.broken.numpy())


def _after(before: int, event: Progress) -> Progress:
    return replace(event, done=before + event.done)


def _rows(plane: ModelPlane) -> Iterator[dict[str, Any]]:
    for cell in plane.cells:
        condition, attack = cell.condition, cell.attack
        yield {
            "model": plane.spec.name,
            "corruption": condition.corruption if condition.severity else "none",
            "severity": condition.severity,
            "attack": "none" if attack is None else attack.title,
            "norm": "none" if attack is None else attack.norm,
            "eps": cell.eps,
            **percent("accuracy", cell.accuracy),
            "n": len(cell.correct),
            "n_labels_known": int(plane.known.sum()),
            "protocol": "; ".join(filter(None, (PROTOCOL, condition.protocol, _attack_in_words(attack)))),
            "weights_sha256": plane.spec.weights.sha256,
        }


def _attack_in_words(attack: AttackConfig | None) -> str:
    return "" if attack is None else f"then {attack}, around the corrupted image"
