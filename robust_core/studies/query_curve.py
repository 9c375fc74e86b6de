"""How near an attack that sees decisions alone comes, against how often it may ask."""

import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS, NORM_TITLES, Attack
from robust_core.data.image_set import ImageSet
from robust_core.errors import BadInput
from robust_core.events import Progress, of_all
from robust_core.intervals import Interval, median_bounds, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.query_frames import QueryFrames, develop, frame_queries
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult, percent

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.attacks.search import Attacked, Standing
    from robust_core.models.loading import LoadedModel
    from robust_core.report.report_images import ReportImage

MOST_QUERIES = 100_000
MEDIAN_METHOD = "order statistics"


def counts_queries(row: Attack) -> bool:
    """Whether an attack has a curve here: it looks for the smallest change, and asks for decisions alone."""
    return row.minimal and row.knowledge == "decisions"


@dataclass(frozen=True, eq=False)
class QueryCurveRequest(Request):
    """All `images` are attacked by each of `attacks` in turn, which are decision-based and search in one norm.

    The label that counts is the true one where it is known in the model's classes, else the clean prediction. Frames
    are kept of the images at the places `frames_of`, which change no number and so no key. Raises BadInput for no
    images, attacks that do not fit, one attack twice, too many queries, or a place where no image is.
    """

    study: ClassVar[str] = "query_curve"

    images: ImageSet
    attacks: tuple[AttackConfig, ...]
    frames_of: tuple[int, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        self.images.require_images()
        if not self.attacks or len(set(self.attacks)) < len(self.attacks):
            raise BadInput("Expected at least one attack, and each once.")
        if other := next((one for one in self.attacks if not counts_queries(one.row)), None):
            known = ", ".join(row.title for row in ATTACKS.values() if counts_queries(row))
            raise BadInput(f"Queries are counted for {known}; got {other.row.title}.")
        if len({one.norm for one in self.attacks}) > 1:
            raise BadInput("Distances in several norms do not share an axis; expected attacks in one norm.")
        if most := next((one.steps for one in self.attacks if one.steps > MOST_QUERIES), 0):
            raise BadInput(f"An attack may ask at most {MOST_QUERIES:,} times for each image; got {most:,}.")
        if not all(0 <= place < len(self.images) for place in self.frames_of):
            raise BadInput(f"Frames are of the images 0 to {len(self.images) - 1}; got {self.frames_of}.")


@dataclass(frozen=True, eq=False)
class QueryStep:
    """What one attack has after at most `queries` for each image: the `distance` (N,) of the smallest change that is
    known, infinite where none is, 0 where the model is wrong when clean.
    """

    config: AttackConfig
    queries: int
    distance: "Tensor"

    @property
    def right(self) -> tuple[float, ...]:
        """The distances of the images that are right when clean, ascending."""
        return tuple(sorted(one for one in self.distance.tolist() if one > 0))

    @property
    def median(self) -> float:
        """Of those: the smallest distance at which half of them have fallen; NaN without any."""
        return self.right[(len(self.right) - 1) // 2] if self.right else math.nan

    @property
    def median_bounds(self) -> tuple[float, float]:
        """The 95% interval of the median, which assumes no distribution."""
        return median_bounds(self.right)

    @property
    def broken(self) -> Interval | None:
        """The fraction of those for which a change is known; None without any."""
        return wilson(sum(map(math.isfinite, self.right)), len(self.right))


@dataclass(frozen=True, eq=False)
class QueryTrajectory:
    """One attack on one model, from its first query to its last. An image whose last change the model does not confirm
    when it looks again counts as unbroken throughout.

    steps             by number of queries
    broken_in_8_bits  how many of the images that are right when clean still fool the model once rounded to 8 bits
    passes            images that went through the model, and `seconds`
    frames            those of the images at `frames_of`, by place
    """

    spec: ModelSpec
    device: str
    steps: tuple[QueryStep, ...]
    broken_in_8_bits: int
    passes: int
    seconds: float
    frames: Mapping[int, QueryFrames] = field(default_factory=dict, repr=False)

    @property
    def config(self) -> AttackConfig:
        """The attack."""
        return self.steps[0].config


@dataclass(frozen=True, eq=False)
class QueryCurve(StudyResult):
    """Distance against queries; a row for each model, attack and number of queries.

    trajectories  each model's attacks, by its name
    """

    trajectories: Mapping[str, tuple[QueryTrajectory, ...]]

    parts: ClassVar[str] = "trajectories"

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, attack and number of queries; a distance that is not known is missing."""
        import pandas

        return pandas.DataFrame(row for one in self.all() for row in _rows(one))

    def figure(self) -> "Figure":
        """The median distance against the number of queries."""
        from robust_core.plots import results

        norm = next(self.all()).config.norm
        return results.distances_by_queries(self.frame, f"median {NORM_TITLES[norm]} distance, pixel units")

    def sentences(self) -> tuple[str, ...]:
        """What a reader must know."""
        return (
            "Every distance is an upper bound: more queries, or an attack that sees gradients, may find a smaller "
            "change.",
            "Medians are over the images that are right when clean; the interval assumes no distribution and is "
            "unbounded for fewer than six.",
        )

    def report_images(self) -> "tuple[ReportImage, ...]":
        """A few frames of one image for each attack that kept some."""
        from robust_core.studies.query_frames import report_images

        shown = [(one, one.frames[min(one.frames)]) for one in self.all() if one.frames]
        return tuple(
            image
            for one, frames in shown
            for image in report_images(frames, f"{one.spec.name}, {one.config.title} in {one.config.ball}")
        )

    def all(self) -> Iterator[QueryTrajectory]:
        """Every attack on every model."""
        return (one for its in self.trajectories.values() for one in its)


def run(request: QueryCurveRequest) -> "Generator[Progress | QueryStep, None, QueryCurve]":
    """Attack; yields a QueryStep as soon as all images have used so many queries.

    Raises what `attacks.search.attack` and `pool.use` raise.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    trajectories = {spec.name: one for spec, one in zip(request.models, found, strict=True)}
    return QueryCurve(Provenance.of(request, request.images.digest), trajectories)


def steps_so_far(events: "Iterable[Progress | QueryStep]") -> dict[AttackConfig, list[QueryStep]]:
    """The steps among the events of `run` by their attack, in its order, also before it has ended."""
    by_attack: dict[AttackConfig, list[QueryStep]] = {}
    for event in events:
        if isinstance(event, QueryStep):
            by_attack.setdefault(event.config, []).append(event)
    return by_attack


def _one_model(
    spec: ModelSpec, request: QueryCurveRequest
) -> "Generator[Progress | QueryStep, None, tuple[QueryTrajectory, ...]]":
    n = len(request.images)
    total, done = n * sum(config.steps for config in request.attacks), 0
    yield Progress(0, total, "queries", "loading the model")
    trajectories = []
    with using(spec) as model:
        pixels, labels = yield from read_inputs(request.images, range(n), spec)
        for config in request.attacks:
            begun = Progress(done, total, "queries", config.row.title)
            trajectories.append((yield from _trajectory(model, pixels, labels, config, request.frames_of, begun)))
            done += n * config.steps
    return tuple(trajectories)


def _trajectory(
    model: "LoadedModel",
    pixels: "Tensor",
    labels: list[int | None],
    config: AttackConfig,
    frames_of: tuple[int, ...],
    begun: Progress,
) -> "Generator[Progress | QueryStep, None, QueryTrajectory]":
    """One attack within a job that stood at `begun` before it."""
    from robust_core.attacks.query_search import marks
    from robust_core.attacks.search import Standing, attack

    standings: dict[int, Standing] = {}
    wanted, done = frame_queries(marks(config.steps)), begun.done
    with closing(attack(model, pixels, labels, config, keep=frames_of)) as events:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                found: Attacked = end.value
                break
            if isinstance(event, Standing):
                standings[event.done] = event if event.done in wanted else replace(event, pixels=event.pixels[:0])
                yield QueryStep(config, event.done, event.distance)
            elif event.unit == begun.unit:
                done = begun.done + event.done
            yield replace(begun, done=done)
    kept = [standings[queries] for queries in wanted if queries in standings]
    frames = develop(model, [one.done for one in kept], [one.pixels for one in kept], _of(kept, frames_of))
    return QueryTrajectory(
        spec=model.spec,
        device=str(model.device),
        steps=tuple(_confirmed(one, config, found) for one in standings.values() if one.done),
        broken_in_8_bits=int((found.broken_in_8_bits & found.clean_correct).sum()),
        passes=found.forward_passes,
        seconds=found.seconds,
        frames=dict(zip(frames_of, frames, strict=True)),
    )


def _of(standings: "list[Standing]", places: tuple[int, ...]) -> "list[Tensor]":
    return [one.distance[list(places)] for one in standings]


def _confirmed(standing: "Standing", config: AttackConfig, found: "Attacked") -> QueryStep:
    distance = standing.distance.clone()
    distance[~found.broken] = math.inf
    return QueryStep(config, standing.done, distance)


def _known(distance: float) -> float:
    """NaN for what is not known: tables in JSON have no infinity."""
    return distance if 0 < distance < math.inf else math.nan


def _rows(trajectory: QueryTrajectory) -> Iterator[dict[str, Any]]:
    config = trajectory.config
    who = {"model": trajectory.spec.name, "attack": config.row.title, "norm": config.norm}
    fixed = {"protocol": str(config), "weights_sha256": trajectory.spec.weights.sha256}
    for step in trajectory.steps:
        low, high = step.median_bounds
        median = {
            "queries": step.queries,
            "median_distance_pixel_units": _known(step.median),
            "low_pixel_units": _known(low),
            "high_pixel_units": _known(high),
            "median_interval_method": MEDIAN_METHOD,
        }
        yield who | median | percent("broken", step.broken) | {"n": len(step.right)} | fixed
