"""Where a model looks, by several methods at once, with the evidence about each map where it is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from robust_core import explanations
from robust_core.attributions.checks import failures
from robust_core.attributions.methods import METHODS, Method, Value, methods_for
from robust_core.attributions.targets import PREDICTED, RIVAL, Target
from robust_core.corruptions.condition import CLEAN
from robust_core.door import figures
from robust_core.door.image_sets import ImageSet, as_images
from robust_core.door.models import Chosen, choose
from robust_core.door.outcomes import Outcome, Provenance, about
from robust_core.door.running import BatchSize, Events, ShowProgress, drive, of_all
from robust_core.door.whole_numbers import whole
from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES, LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.names import find

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from robust_core.attributions.quality import AttributionMetrics
    from robust_core.door.models import Models

ALL = "all"


@dataclass(frozen=True, eq=False)
class AttributionMaps(Outcome):
    """Maps of one class on one image; `frame` has a row for each method. `maps` are (H,W) float32 by method, signed and
    never scaled; `rgb` is what the model saw, (H,W,3) uint8.
    """

    maps: Mapping[str, np.ndarray] = field(repr=False)
    rgb: np.ndarray = field(repr=False)

    def figure(self) -> "Figure":
        """The image with the maps beside it."""
        return figures.maps(self.rgb, {METHODS[key].title: values for key, values in self.maps.items()})


def attribute(
    model: "Models",
    image: Any,
    methods: "str | Iterable[str] | Mapping[str, Mapping[str, Value]]" = ("grad_cam", "integrated_gradients"),
    *,
    target: "int | str | None" = None,
    metrics: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> AttributionMaps:
    """Maps of where `model` looks on one image, by one or several methods.

    image    an ImageSet of one, or what `load_images` takes: an array, a file
    methods  names, "all" for those that hold on the model, or parameters by name: {"integrated_gradients": {"steps":
             128}}
    target   the class explained: None the predicted one, "rival" the second best, an index, a class's name, or one of
             the 16 categories
    metrics  whether to compute the evidence about each map too: infidelity and max-sensitivity (Yeh et al. 2019),
             insertion and deletion (Petsiuk et al. 2018) beside random maps; takes a few hundred passes a method
    seed     of the methods that draw

    Raises BadInput for a method that does not hold on the network, with the reason, UnknownName for names of nothing.

    >>> import robust_core as rc
    >>> photo = rc.load_images("foolbox", 1)
    >>> maps = rc.attribute("efficientnet_lite0", photo, ["Grad-CAM", "saliency"], progress=False)
    >>> maps.frame["method"].to_list(), maps.maps["grad_cam"].shape
    (['grad_cam', 'saliency'], (224, 224))
    """
    chosen, found = choose(model), as_images(image)
    if len(chosen.specs) > 1 or len(found) > 1:
        raise BadInput(
            f"One model explains one image at a time; got {len(chosen.specs)} models and {len(found)} images."
        )
    spec = chosen.specs[0]
    seed = whole("seed", seed, 0)
    wanted = {row.key: _settings(row, given, seed) for row, given in _methods(methods, spec)}
    return drive(
        _explained(chosen, found, wanted, _target(target, spec.label_space), metrics),
        progress,
        batch_size,
        "Attribution",
    )


def _methods(methods: Any, spec: ModelSpec) -> list[tuple[Method, Mapping[str, Value]]]:
    titles = {key: row.title for key, row in METHODS.items()}
    if methods == ALL:
        return [(row, {}) for row in methods_for(spec.architecture)]
    given = (
        dict.fromkeys([methods] if isinstance(methods, str) else methods, {})
        if not isinstance(methods, Mapping)
        else methods
    )
    if not given:
        raise BadInput("There is no method; expected at least one.")
    chosen = [(METHODS[find("attribution method", name, titles)], settings) for name, settings in given.items()]
    for row, _ in chosen:
        if reason := row.why_not(spec.architecture):
            raise BadInput(f"{row.title} does not hold on {spec.name}. {reason}")
    return chosen


def _settings(row: Method, given: Mapping[str, Value], seed: int) -> dict[str, Value]:
    draws = any(parameter.key == "seed" for parameter in row.parameters)
    return row.settings({"seed": seed} | dict(given) if draws else given)


def _target(target: Any, space: LabelSpace) -> Target:
    if target is None or target == PREDICTED.aim:
        return PREDICTED
    if target == RIVAL.aim:
        return RIVAL
    if not isinstance(target, str):
        return Target("class", whole("target", target, 0))
    if (index := space.index_called(target)) is not None:
        return Target("class", index)
    if target in CATEGORIES:
        return Target("category", target)
    names = {name: name for name in (*space.names, *CATEGORIES)}
    return _target(find("class", target, names), space)


def _explained(
    chosen: Chosen, images: ImageSet, wanted: Mapping[str, dict[str, Value]], target: Target, metrics: bool
) -> Events[AttributionMaps]:
    import pandas

    (spec,), image = chosen.specs, images[0]
    questions = [
        explanations.Question(
            spec.key,
            spec.weights.sha256,
            image.digest,
            images.centre_crop_only,
            CLEAN,
            key,
            target,
            tuple(settings.items()),
        )
        for key, settings in wanted.items()
    ]
    parts = [(METHODS[question.method].title, _one(question, image, metrics)) for question in questions]
    found = yield from of_all(parts)
    rows = [_row(spec, images, explanation, evaluated) for explanation, evaluated in found]
    maps = {explanation.attribution.method: explanation.attribution.map for explanation, _ in found}
    provenance = Provenance.of(
        "Attribution",
        chosen.specs,
        about(images),
        methods=dict(wanted),
        target=f"{target.aim} {target.which or ''}".strip(),
    )
    return AttributionMaps(pandas.DataFrame(rows), provenance, maps, found[0][0].rgb)


def _one(
    question: explanations.Question, image: Any, metrics: bool
) -> "Events[tuple[explanations.Explanation, AttributionMetrics | None]]":
    explanation = yield from explanations.explain(question, image)
    evaluated = (yield from explanations.evaluate(question, image, explanation)) if metrics else None
    return explanation, evaluated


def _row(
    spec: ModelSpec, images: ImageSet, explanation: explanations.Explanation, evaluated: "AttributionMetrics | None"
) -> dict[str, Any]:
    found = explanation.attribution
    row = {
        "model": spec.name,
        "image": images[0].name,
        "method": found.method,
        "target": found.target,
        "target_name": spec.label_space.names[found.target],
        "score_logits": found.score,
        "probability": found.probability,
        "completeness_gap_logits": found.completeness_gap,
    }
    if evaluated is not None:
        row |= {
            "infidelity": evaluated.infidelity,
            "max_sensitivity": evaluated.sensitivity,
            "insertion_area": evaluated.curves.insertion_area,
            "deletion_area": evaluated.curves.deletion_area,
            "insertion_minus_deletion": evaluated.curves.score,
            "best_random_map": max(control.score for control in evaluated.controls),
        }
    method = METHODS[found.method]
    said = {
        "caveats": " ".join(check.sentence for check in failures(found, evaluated)),
        "n": 1,
        "protocol": f"{method.source}; {dict(found.settings)}",
    }
    return row | said | {"unit_of_map": method.unit, "seconds": found.seconds, "weights_sha256": spec.weights.sha256}
