"""Where models look, for one image: maps and the evidence about them, the map under cascading randomization, and the
map under attack.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from robust_core.attacks.threat import ThreatModel
from robust_core.attributions.curve_protocols import USUAL_PROTOCOL, get_protocol
from robust_core.attributions.methods import METHODS, Value
from robust_core.attributions.targets import Target
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.events import Progress, mapped, of_all
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import true_label
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first map, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.attributions.cascading_randomization import CascadingRandomization
    from robust_core.attributions.explain import Attribution
    from robust_core.attributions.quality import AttributionMetrics
    from robust_core.models.loading import LoadedModel

STAGES = 6  # of the randomization
Kind = TypeVar("Kind", bound="MapRequest")


@dataclass(frozen=True, eq=False)
class MapRequest(Request):
    """One map of one model: for which class of `image` under `condition`, by which method.

    `settings` are (parameter, value) pairs of the method.
    """

    study: ClassVar[str] = "attribution_map"

    image: LabelledImage
    condition: Condition
    method: str
    target: Target
    settings: tuple[tuple[str, Value], ...]

    def asking(self, kind: type[Kind], **more: Any) -> Kind:
        """The request of another kind about the same map."""
        return kind(**{one.name: getattr(self, one.name) for one in fields(MapRequest)}, **more)


@dataclass(frozen=True, eq=False)
class MapMetricsRequest(MapRequest):
    """The evidence about one map, with insertion and deletion by `protocol`, and with `controls` beside random maps."""

    study: ClassVar[str] = "attribution_metrics"

    protocol: str = USUAL_PROTOCOL
    controls: bool = False

    def __post_init__(self) -> None:
        get_protocol(self.protocol)


@dataclass(frozen=True, eq=False)
class RandomizedMapsRequest(MapRequest):
    """The map of class `label` while the layers of the network become random, the last first, in STAGES steps."""

    study: ClassVar[str] = "cascading_randomization"

    label: int = 0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class AttackedMapsRequest(MapRequest):
    """The map at each of `steps` (0 first) of an attack that starts from the image; the class explained is that of the
    clean image.

    The label that the attack leads away from is the true one where it is known, else the clean prediction.
    """

    study: ClassVar[str] = "attacked_maps"

    threat: ThreatModel = field(kw_only=True)
    steps: tuple[int, ...] = field(kw_only=True)

    @property
    def identity(self) -> dict[str, Any]:
        """With the label, away from which the attack leads."""
        return super().identity | {"true_label": true_label(self.image, self.spec.label_space)}


@dataclass(frozen=True, eq=False)
class AttributionRequest(Request):
    """Maps of one model on one image by several `methods`, which are (key, settings) pairs; with `metrics`, the
    evidence about each, with insertion and deletion by `protocol`.
    """

    study: ClassVar[str] = "attribution"

    image: LabelledImage
    methods: tuple[tuple[str, tuple[tuple[str, Value], ...]], ...]
    target: Target
    metrics: bool = False
    condition: Condition = CLEAN
    protocol: str = USUAL_PROTOCOL

    def __post_init__(self) -> None:
        get_protocol(self.protocol)

    def parts(self) -> tuple[MapRequest, ...]:
        """The request of each map."""
        return tuple(
            MapRequest(self.models, self.image, self.condition, method, self.target, settings)
            for method, settings in self.methods
        )


@dataclass(frozen=True, eq=False)
class Explanation:
    """One map: the attribution, and what the model saw, `rgb` (H,W,3) uint8."""

    attribution: "Attribution"
    rgb: np.ndarray


@dataclass(frozen=True, eq=False)
class AttributionMaps(StudyResult):
    """Maps of one class on one image; `frame` has a row for each method. `maps` are (H,W) float32 by method, signed and
    never scaled; `rgb` is what the model saw, (H,W,3) uint8.
    """

    spec: ModelSpec
    image_name: str
    condition: Condition
    explanations: "tuple[tuple[Explanation, AttributionMetrics | None], ...]"

    @classmethod
    def of(
        cls, request: AttributionRequest, found: "Iterable[tuple[Explanation, AttributionMetrics | None]]"
    ) -> "AttributionMaps":
        """The maps of a request, in the order of its methods, put together."""
        provenance = Provenance.of(request, request.image.pixels_sha256)
        return cls(provenance, request.spec, request.image.name, request.condition, tuple(found))

    @property
    def maps(self) -> Mapping[str, np.ndarray]:
        """The maps by method."""
        return {one.attribution.method: one.attribution.map for one, _ in self.explanations}

    @property
    def rgb(self) -> np.ndarray:
        """What the model saw."""
        return self.explanations[0][0].rgb

    def sentences(self) -> tuple[str, ...]:
        """What speaks against each map."""
        said = self.frame[["method", "caveats"]].to_dict("records")
        return tuple(f"{METHODS[row['method']].title}: {row['caveats']}" for row in said if row["caveats"])

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each method."""
        import pandas

        about = self.spec, self.image_name, self.condition
        return pandas.DataFrame(row(*about, explanation, metrics) for explanation, metrics in self.explanations)

    def figure(self) -> "Figure":
        """The image with the maps beside it."""
        from robust_core.plots import results

        return results.maps(self.rgb, {METHODS[key].title: values for key, values in self.maps.items()})


@dataclass(frozen=True, eq=False)
class AttackedMaps:
    """The map of one class at some `steps` of an attack on the image, 0 (clean) first.

    label, probability   the prediction at each step
    correlation          Spearman's, with the map at step 0; None where a map is the same everywhere. What a method
                         draws is drawn anew at each step, which lowers it too
    """

    steps: tuple[int, ...]
    explanations: tuple[Explanation, ...]
    label: tuple[int, ...]
    probability: tuple[float, ...]
    correlation: tuple[float | None, ...]


def run(request: AttributionRequest) -> Generator[Progress, None, AttributionMaps]:
    """Every map, and the evidence where it is asked for. Raises what `attributions.explain` and `pool.use` raise."""
    parts = [(METHODS[part.method].title, _with_metrics(part, request)) for part in request.parts()]
    return AttributionMaps.of(request, (yield from of_all(parts)))


def explain(request: MapRequest) -> Generator[Progress, None, Explanation]:
    """One map."""
    from robust_core.attributions import explain as methods

    yield Progress(0, None, "", "loading the model")
    with _seen(request) as (model, pixels):
        found = yield from methods.explain(model, pixels, request.method, request.target, **dict(request.settings))
        return Explanation(found, to_rgb(pixels)[0])


def evaluate(request: MapMetricsRequest, explanation: Explanation) -> "Generator[Progress, None, AttributionMetrics]":
    """The evidence about an explanation."""
    from robust_core.attributions import quality

    yield Progress(0, None, "", "loading the model")
    with _seen(request) as (model, pixels):
        return (
            yield from quality.evaluate(
                model, pixels, explanation.attribution, protocol=request.protocol, controls=request.controls
            )
        )


def add_controls(
    request: MapMetricsRequest, explanation: Explanation, metrics: "AttributionMetrics"
) -> "Generator[Progress, None, AttributionMetrics]":
    """The same evidence, with random maps beside the map."""
    from robust_core.attributions import quality

    yield Progress(0, None, "", "loading the model")
    with _seen(request) as (model, pixels):
        return (yield from quality.add_controls(model, pixels, explanation.attribution, metrics))


def randomize(request: RandomizedMapsRequest) -> "Generator[Progress, None, CascadingRandomization]":
    """The map while the network becomes random (Adebayo et al. 2018)."""
    from robust_core.attributions import cascading_randomization

    yield Progress(0, STAGES, "stages", "loading the model")
    with _seen(request) as (model, pixels):
        return (
            yield from cascading_randomization.randomize(
                model,
                pixels,
                request.method,
                request.label,
                dict(request.settings),
                stages=STAGES,
                seed=request.seed,
            )
        )


def attack(request: AttackedMapsRequest) -> Generator[Progress, None, AttackedMaps]:
    """The map at some steps of an attack."""
    from robust_core.attacks.pgd import AttackStep, pgd
    from robust_core.attributions import explain as methods

    threat, steps, target = request.threat, request.steps, request.target
    yield Progress(0, threat.steps, "steps", "loading the model")
    attacked: list[AttackStep] = []
    with _seen(request) as (model, pixels):
        for event in pgd(model, pixels, [true_label(request.image, request.spec.label_space)], threat, keep=[0]):
            if isinstance(event, AttackStep) and event.step in steps:
                attacked.append(event)
            yield Progress(len(attacked), len(steps), "steps", "attacking")
        explanations: list[Explanation] = []
        for step in attacked:
            settings = METHODS[request.method].with_other_seed(dict(request.settings), len(explanations))
            work = methods.explain(model, step.pixels, request.method, target, **settings)
            found = yield from mapped(work, lambda _: Progress(len(explanations), len(steps), "maps", "explaining"))
            explanations.append(Explanation(found, to_rgb(step.pixels)[0]))
            target = Target("class", explanations[0].attribution.target)
    return _attacked_maps(attacked, explanations)


def _attacked_maps(attacked: Sequence, explanations: Sequence[Explanation]) -> AttackedMaps:
    from robust_core.attributions.quality import rank_correlation

    first = explanations[0].attribution.map
    return AttackedMaps(
        steps=tuple(step.step for step in attacked),
        explanations=tuple(explanations),
        label=tuple(int(step.label) for step in attacked),
        probability=tuple(float(step.probability) for step in attacked),
        correlation=tuple(rank_correlation(one.attribution.map, first) for one in explanations),
    )


def _with_metrics(
    part: MapRequest, request: AttributionRequest
) -> "Generator[Progress, None, tuple[Explanation, AttributionMetrics | None]]":
    explanation = yield from explain(part)
    if not request.metrics:
        return explanation, None
    asked = part.asking(MapMetricsRequest, protocol=request.protocol, controls=True)
    return explanation, (yield from evaluate(asked, explanation))


def row(
    spec: ModelSpec,
    image_name: str,
    condition: Condition,
    explanation: Explanation,
    metrics: "AttributionMetrics | None",
) -> dict[str, Any]:
    """One map in a table: whose, of what, by which method, and the evidence where there is some."""
    from robust_core.attributions.checks import failures

    found, method = explanation.attribution, METHODS[explanation.attribution.method]
    found_row = {
        "model": spec.name,
        "image": image_name,
        "condition": str(condition),
        "seed": condition.seed,
        "method": found.method,
        "target": found.target,
        "target_name": spec.label_space.names[found.target],
        "score_logits": found.score,
        "probability": found.probability,
        "completeness_gap_logits": found.completeness_gap,
        "seed_correlation": found.seed_correlation,
        "samples": found.samples,
    }
    if metrics is not None:
        found_row |= _evidence(metrics)
    return found_row | {
        "caveats": " ".join(check.sentence for check in failures(found, metrics)),
        "n": 1,
        "protocol": f"{method.source}; {dict(found.settings)}",
        "unit_of_map": method.unit,
        "seconds": found.seconds,
        "weights_sha256": spec.weights.sha256,
    }


def _evidence(metrics: "AttributionMetrics") -> dict[str, Any]:
    controls = metrics.controls
    return {
        "infidelity": metrics.infidelity.own_scale,
        "infidelity_best_scale": metrics.infidelity.best_scale,
        "max_sensitivity": metrics.sensitivity,
        "insertion_area": metrics.curves.insertion_area,
        "deletion_area": metrics.curves.deletion_area,
        "insertion_minus_deletion": metrics.curves.score,
        "insertion_deletion_protocol": metrics.protocol,
        "random_maps": len(controls.curves) if controls else None,
        "rank_among_random_maps": controls.rank if controls else None,
        "p_value_random_maps": controls.p_value if controls else None,
    }


@contextmanager
def _seen(request: MapRequest) -> "Iterator[tuple[LoadedModel, Tensor]]":
    """The model, and what it sees (1,3,H,W)."""
    from robust_core.models.pool import shared_pool

    spec, image = request.spec, request.image
    with shared_pool().use(spec.key) as model:
        yield model, request.condition.apply(to_pixels(image, spec.preprocess_for(image.centre_crop_only))[None])
