"""Attacks against each other: how much accuracy each leaves, at what cost, and whether a stronger one says something
else than PGD does.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core import csv_cells
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import AttackNorm
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.attack_outcome import AttackOutcome, Gap, Reached, in_ball, title_of, worst_case
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.attacks.search import Attacked, Standing
    from robust_core.models.loading import LoadedModel

UPPER_BOUND = "What an attack leaves is an upper bound on robust accuracy: a stronger attack can only lower it."


@dataclass(frozen=True, eq=False)
class AttackComparisonRequest(Request):
    """Each of `attacks` on all `images`, for each model.

    The label that counts is the true one where it is known in the model's classes, else the clean prediction. An attack
    that looks for the smallest change is counted at the radii of the other attacks in its norm, and at `radii`. With
    `keep_images` the result has the images that each attack ends with. Raises BadInput for no images, no attack, one
    attack twice, or a radius that is not above 0.
    """

    study: ClassVar[str] = "attack_comparison"

    images: ImageSet
    attacks: tuple[AttackConfig, ...]
    radii: tuple[float, ...] = ()
    keep_images: bool = False

    def __post_init__(self) -> None:
        self.images.require_images()
        if not self.attacks:
            raise BadInput("There is no attack; expected at least one.")
        if len(set(self.attacks)) < len(self.attacks):
            raise BadInput("One attack is named twice; expected each once.")
        if not all(radius > 0 for radius in self.radii):
            raise BadInput(f"A radius must be above 0, in pixel units; got {self.radii}.")

    def radii_of(self, config: AttackConfig) -> tuple[float, ...]:
        """The radii at which an attack is counted, ascending: its own, or those of its norm."""
        if config.eps is not None:
            return (config.eps,)
        others = {one.eps for one in self.attacks if one.norm == config.norm and one.eps is not None}
        return tuple(sorted(others | set(self.radii)))


@dataclass(frozen=True, eq=False)
class AttackStanding:
    """Where the attack `config` on the model called `model` stands."""

    model: str
    config: AttackConfig
    standing: "Standing"


@dataclass(frozen=True, eq=False)
class AttackComparison(StudyResult):
    """A row for each model, attack and radius; `outcomes` are what the attacks came to by the model's name."""

    parts: ClassVar[str] = "outcomes"

    outcomes: Mapping[str, tuple[AttackOutcome, ...]]
    image_ids: tuple[str, ...] = field(repr=False)

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, attack and radius, and one for all attacks of a ball where there are several."""
        import pandas

        rows = [row for its in self.outcomes.values() for row in _rows(its)]
        return pandas.DataFrame(rows)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What each attack says against what PGD says in the same ball, on the same images; against the first attack
        where there is no PGD.
        """
        return tuple(gap for its in self.outcomes.values() for ball in _balls(its) for gap in _gaps(its, *ball))

    def gap_frame(self) -> "pandas.DataFrame":
        """A row for each of `gaps`."""
        import pandas

        return pandas.DataFrame(gap.row for gap in self.gaps)

    def curve_over_eps(self) -> "pandas.DataFrame":
        """Accuracy left against ε, in the manner of ARES-Bench: a row for each model, attack and ε, from ε = 0 on. An
        attack that looks for the smallest change has a row wherever an image falls; of the others there is one for
        each ε of the request.
        """
        import pandas

        rows = [row for its in self.outcomes.values() for one in its for row in one.rows_over_eps()]
        frame = pandas.DataFrame(rows).drop_duplicates(["model", "attack", "norm", "eps"])
        return frame.sort_values("eps", kind="stable", ignore_index=True)

    def curve_over_steps(self) -> "pandas.DataFrame":
        """Accuracy left against the steps or queries of each attack and the passes that an image has cost by then: a
        row wherever the number of images left changes.
        """
        import pandas

        return pandas.DataFrame(row for its in self.outcomes.values() for one in its for row in one.rows_over_steps())

    @property
    def adversarial(self) -> "dict[tuple[str, AttackConfig], Tensor]":
        """The images (N,3,H,W) that each attack ends with, by model and attack; empty unless they were to be kept."""
        return {
            (name, one.config): one.adversarial
            for name, its in self.outcomes.items()
            for one in its
            if one.adversarial is not None
        }

    def by_image(self) -> "pandas.DataFrame":
        """A row for each model, attack and image."""
        import pandas

        parts = [one.by_image(self.image_ids) for its in self.outcomes.values() for one in its]
        return pandas.concat(parts, ignore_index=True)

    def csv_by_image(self) -> str:
        """The same as CSV, below the line that says what was asked."""
        return self.provenance.header + csv_cells.of_frame(self.by_image())

    def sentences(self) -> tuple[str, ...]:
        """That it is an upper bound, the gap between PGD and each other attack, and what could not run."""
        every = [one for its in self.outcomes.values() for one in its]
        notes = dict.fromkeys(f"{one.spec.title}, {one.title}: {note}" for one in every for note in one.notes)
        return (UPPER_BOUND, *(gap.sentence for gap in self.gaps), *notes)

    def figure(self) -> "Figure":
        """A bar for each model and attack."""
        from robust_core.plots import results

        frame = self.frame
        several = len(frame[["norm", "eps"]].drop_duplicates()) > 1
        labels = frame["attack"] + (", " + frame["ball"] if several else "")
        return results.grouped_bars(frame.assign(label=labels), "model", "label", "accuracy_percent", "accuracy, %")

    def figure_over_eps(self) -> "Figure":
        """Accuracy left against ε."""
        from robust_core.plots import results

        frame = self.curve_over_eps()
        return results.curves(frame, ("model", "attack"), "eps", "accuracy_percent", "ε, pixel units", "accuracy, %")

    def figure_over_steps(self) -> "Figure":
        """Accuracy left against the passes that an image has cost."""
        from robust_core.plots import results

        frame = self.curve_over_steps()
        return results.curves(
            frame,
            ("model", "attack", "ball"),
            "passes_per_image",
            "accuracy_percent",
            "passes per image",
            "accuracy, %",
        )


def run(
    request: AttackComparisonRequest,
) -> "Generator[Progress | AttackStanding | AttackOutcome, None, AttackComparison]":
    """Attack: yields an AttackStanding as each attack goes on and its AttackOutcome when it is over, and returns what
    all came to.

    Raises what `predictions.run` and `attacks.search.attack` raise.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    provenance = Provenance.of(request, request.images.digest)
    outcomes = {spec.name: its for spec, its in zip(request.models, found, strict=True)}
    return AttackComparison(provenance, outcomes, request.images.ids)


def so_far(request: AttackComparisonRequest, events: Iterable[object]) -> AttackComparison | None:
    """What a run of one model that ended early came to, by its `events`: the attacks that were over, None for none."""
    over = tuple(event for event in events if isinstance(event, AttackOutcome))
    if not over:
        return None
    part = replace(request, attacks=tuple(one.config for one in over))
    return AttackComparison(Provenance.of(part, part.images.digest), {part.spec.name: over}, part.images.ids)


def passes_of(config: AttackConfig, spec: ModelSpec) -> int:
    """The passes, forward and backward, that an image takes at most."""
    return sum(config.row.passes(config.steps, len(spec.label_space.names)))


def _one_model(
    spec: ModelSpec, request: AttackComparisonRequest
) -> "Generator[Progress | AttackStanding | AttackOutcome, None, tuple[AttackOutcome, ...]]":
    costs = [passes_of(config, spec) for config in request.attacks]
    yield Progress(0, sum(costs), "passes", "loading the model")
    outcomes = []
    with using(spec) as model:
        pixels, labels = yield from read_inputs(request.images, range(len(request.images)), spec)
        for number, config in enumerate(request.attacks):
            begun = Progress(sum(costs[:number]), sum(costs), "passes", title_of(config))
            outcomes.append((yield from _one_attack(model, pixels, labels, config, request, begun)))
            yield outcomes[-1]
    return tuple(outcomes)


def _one_attack(
    model: "LoadedModel",
    pixels: "Tensor",
    labels: list[int | None],
    config: AttackConfig,
    request: AttackComparisonRequest,
    begun: Progress,
) -> "Generator[Progress | AttackStanding, None, AttackOutcome]":
    from robust_core.attacks.search import Standing, attack

    radii, course = request.radii_of(config), Course(request.radii_of(config))
    cost, at = passes_of(config, model.spec), begun

    def noted(event: "Progress | Standing") -> "Progress | AttackStanding":
        nonlocal at
        if not isinstance(event, Standing):
            return at
        course.note(event)
        at = replace(begun, done=begun.done + round(cost * min(1.0, event.done / config.steps)))
        return AttackStanding(model.spec.name, config, event)

    yield begun
    events: Generator[Progress | AttackStanding, None, Attacked] = mapped(attack(model, pixels, labels, config), noted)
    found = yield from events
    kept = found.pixels if request.keep_images else None
    return _outcome(model, radii, tuple(course.points), found, kept)


class Course:
    """The standings of one attack at which the number of images left, at any of its radii, is another than before."""

    def __init__(self, radii: tuple[float, ...]) -> None:
        self.radii = radii
        self.points: list[Reached] = []

    def note(self, standing: "Standing") -> None:
        """Keep it where something has changed."""
        left = tuple(int((~in_ball(standing.distance.numpy(), radius)).sum()) for radius in self.radii)
        point = Reached(standing.done, standing.forward_passes, standing.backward_passes, left)
        if len(self.points) > 1 and self.points[-1].left == left == self.points[-2].left:
            self.points.pop()  # so that a flat part keeps both its ends
        self.points.append(point)


def _outcome(
    model: "LoadedModel",
    radii: tuple[float, ...],
    course: tuple[Reached, ...],
    found: "Attacked",
    kept: "Tensor | None",
) -> AttackOutcome:
    return AttackOutcome(
        spec=model.spec,
        device=str(model.device),
        config=found.config,
        radii=radii,
        known=found.known.numpy(),
        clean_correct=found.clean_correct.numpy(),
        broken=found.broken.numpy(),
        broken_in_8_bits=found.broken_in_8_bits.numpy(),
        distance=found.distance.numpy(),
        forward_passes=found.forward_passes,
        backward_passes=found.backward_passes,
        seconds=found.seconds,
        course=course,
        broken_by=found.broken_by,
        notes=found.notes,
        adversarial=kept,
    )


def _balls(its: tuple[AttackOutcome, ...]) -> list[tuple[AttackNorm, float]]:
    """The balls in which several attacks are counted, as (norm, radius)."""
    every = [(one.config.norm, radius) for one in its for radius in one.radii]
    return [ball for ball in dict.fromkeys(every) if every.count(ball) > 1]


def _rows(its: tuple[AttackOutcome, ...]) -> Iterator[dict[str, Any]]:
    for one in its:
        yield from one.rows()
    for norm, radius in _balls(its):
        yield worst_case(its, norm, radius)


def _gaps(its: tuple[AttackOutcome, ...], norm: AttackNorm, radius: float) -> Iterator[Gap]:
    inside = [one for one in its if one.config.norm == norm and radius in one.radii]
    first = next((one for one in inside if one.config.attack == "pgd"), inside[0])
    yield from (Gap(first, one, radius) for one in inside if one is not first)
