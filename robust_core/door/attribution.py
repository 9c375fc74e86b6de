"""Where a model looks, by several methods at once, with the evidence about each map where it is asked for."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from robust_core.attributions.curve_protocols import USUAL_PROTOCOL, get_protocol
from robust_core.attributions.methods import METHODS, Method, Value, methods_for
from robust_core.attributions.targets import PREDICTED, RIVAL, Target
from robust_core.checks import whole
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.door.conditions import as_condition
from robust_core.door.given_images import as_images
from robust_core.door.models import Chosen, choose
from robust_core.door.running import BatchSize, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES, LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.names import find
from robust_core.studies import attribution_maps
from robust_core.studies.attribution_maps import AttributionMaps, AttributionRequest, MapRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models

ALL = "all"


def attribute(
    model: "Models",
    image: Any,
    methods: "str | Iterable[str] | Mapping[str, Mapping[str, Value]]" = ("grad_cam", "integrated_gradients"),
    *,
    target: "int | str | None" = None,
    condition: Condition = CLEAN,
    metrics: bool = False,
    curves: str = USUAL_PROTOCOL,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> AttributionMaps:
    """Maps of where `model` looks on one image, by one or several methods.

    image      an ImageSet of one, or what `load_images` takes: an array, a file
    methods    names, "all" for those that hold on the model, or parameters by name: {"integrated_gradients": {"steps":
               128}}
    target     the class explained: None the predicted one, "rival" the second best, an index, a class's name, or one of
               the 16 categories
    condition  an `rc.Condition`, such as rc.Condition("fog", 3, seed=0), in which the model sees the image
    metrics    whether to compute the evidence about each map too: infidelity and max-sensitivity (Yeh et al. 2019),
               insertion and deletion (Petsiuk et al. 2018) beside at most 19 random maps; takes up to a thousand passes
               a method
    curves     how insertion and deletion are drawn: "16_steps" or "petsiuk", as in that paper, which takes 14 times as
               many passes
    seed       of the methods that draw; they draw until another seed would give nearly the same map

    Raises BadInput for a method that does not hold on the network, with the reason, UnknownName for names of nothing.

    >>> import robust_core as rc
    >>> photo = rc.load_images("foolbox", 1)
    >>> maps = rc.attribute("efficientnet_lite0", photo, ["Grad-CAM", "saliency"], progress=False)
    >>> maps.frame["method"].to_list(), maps.maps["grad_cam"].shape
    (['grad_cam', 'saliency'], (224, 224))
    """
    chosen = choose(model)
    first, *_ = every = map_requests(chosen, image, methods, target, condition, whole("seed", seed, 0))
    wanted = tuple((one.method, one.settings) for one in every)
    protocol = get_protocol(curves).key
    request = AttributionRequest(
        first.models, first.image, wanted, first.target, metrics, first.condition, protocol=protocol
    )
    return drive(attribution_maps.run(request), progress, batch_size, "Attribution", chosen)


def map_requests(
    chosen: Chosen, image: Any, methods: Any, target: Any, condition: Any, seed: int
) -> tuple[MapRequest, ...]:
    """The request of each map; raises as `attribute` does."""
    found = as_images(image)
    if len(chosen.specs) > 1 or len(found) > 1:
        raise BadInput(
            f"One model explains one image at a time; got {len(chosen.specs)} models and {len(found)} images."
        )
    spec = chosen.specs[0]
    asked, explained = as_condition(condition), _target(target, spec.label_space)
    return tuple(
        MapRequest(chosen.specs, found[0], asked, row.key, explained, tuple(_settings(row, given, seed).items()))
        for row, given in _methods(methods, spec)
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
