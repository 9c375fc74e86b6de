"""A request as the shortest Python that asks it: the way back from a page to `import robust_core as rc`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from robust_core.attributions.curve_protocols import USUAL_PROTOCOL
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import Target
from robust_core.certificates.smoothing import SmoothedSearch
from robust_core.corruptions.condition import Condition
from robust_core.data.unknown_sets import SyntheticUnknown
from robust_core.door.code_settings import (
    EVERY_SEVERITY,
    attack,
    attack_of_the_table,
    attacks,
    condition_of,
    edits_of,
    grid,
    seen_through,
    stimuli,
)
from robust_core.door.edits import USUAL, known_boxes
from robust_core.door.glasses import SEVERITY
from robust_core.door.literals import WIDTH, Code, call, length, literal, only
from robust_core.door.merging import merged
from robust_core.door.named_images import Named, named_image, named_set, noise_seed
from robust_core.door.query_curve import QUERIES, QUERY_ATTACKS
from robust_core.errors import BadInput
from robust_core.labels import LabelSpace
from robust_core.mixing.table import FEWEST_MODELS, ladder, of_two
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_comparison import AttackComparisonRequest
from robust_core.studies.attack_curve import AttackCurveRequest
from robust_core.studies.attribution_maps import (
    AttackedMapsRequest,
    AttributionRequest,
    MapRequest,
    RandomizedMapsRequest,
)
from robust_core.studies.calibration import CalibrationRequest
from robust_core.studies.certified_radius import CertifiedRadiusRequest
from robust_core.studies.concepts import CONCEPTS, CROP_FRACTION, ConceptsRequest
from robust_core.studies.corruption_grid import CorruptionGridRequest
from robust_core.studies.corruption_sweep import CorruptionSweepRequest
from robust_core.studies.cue_removal import CueRemovalRequest
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.feature_similarity import FeatureSimilarityRequest
from robust_core.studies.feature_visualization import AscentRequest
from robust_core.studies.fine_tuning import FineTuningRequest
from robust_core.studies.glasses import GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.studies.gradient_alignment import GradientAlignmentRequest
from robust_core.studies.input_gradient import InputGradientRequest
from robust_core.studies.linear_probe import IMAGES_PER_CLASS, LinearProbeRequest
from robust_core.studies.mixing import MixingRequest, usual_norm_images
from robust_core.studies.object_edits import ObjectEditsRequest
from robust_core.studies.ood import OodRequest
from robust_core.studies.own_stimuli import StyleTransferRequest
from robust_core.studies.perturbation_sequence import PerturbationRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.studies.query_curve import QueryCurveRequest
from robust_core.studies.request import Request
from robust_core.studies.severity_plane import SeverityPlaneRequest
from robust_core.studies.shape_bias import ShapeBiasRequest
from robust_core.studies.simplicity_biases import SIGMA, SimplicityBiasesRequest
from robust_core.studies.smallest_change import STEPS, SmallestChangeRequest
from robust_core.studies.transfer_matrix import TransferMatrixRequest


@dataclass(frozen=True)
class Asked:
    """What a function is given after the models; `lines` come before the call."""

    given: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writer:
    """One row: the function of the door that asks such a request, and what it is given; `one_model` is asked of each
    model in turn. `shows` is what a cell ends with.
    """

    function: str
    asked: Callable[[Any], Asked]
    one_model: bool = False
    shows: str = "result.frame"


def as_python(request: Request | Iterable[Request], **more: Any) -> str:
    """Code that asks exactly `request`, or several at once: those that differ in their models alone, and the maps of
    one image, become one call. It ends with a line that shows the result.

    `more` are arguments of the function of the door that no request has, such as scoring="last_iterate". Own networks
    and files have no name that code could use: a comment says which they were. Raises BadInput for a request that no
    function of the door asks.

    >>> import robust_core as rc
    >>> from robust_core.door.code import as_python
    >>> from robust_core.models.catalogue import get_spec
    >>> from robust_core.studies.predictions import PredictionsRequest
    >>> print(as_python(PredictionsRequest((get_spec("mini_resnext"),), rc.draw_images("mini", 4))))
    import robust_core as rc
    <BLANKLINE>
    images = rc.draw_images("mini", 4)
    result = rc.predict("mini_resnext", images)
    result.frame
    """
    requests = merged([request] if isinstance(request, Request) else list(request))
    written = [_written(one, more) for one in requests]
    lines = list(dict.fromkeys(line for before, _ in written for line in before))
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    others = [line for line in lines if line not in imports]
    return "\n".join([*imports, "import robust_core as rc", "", *others, *(text for _, text in written)])


def _written(request: Request, more: dict[str, Any]) -> tuple[list[str], str]:
    """What comes before the call, and the call with what shows its result."""
    writer = next((row for kind, row in WRITERS.items() if type(request) is kind), None)
    if writer is None:
        raise BadInput(f"There is no function of robust_core for this yet: {request.study.replace('_', ' ')}.")
    asked, models = writer.asked(request), [_model(spec) for spec in request.models]
    lines = [line for spec in request.models for line in _own_network(spec)] + list(asked.lines)
    options, function = asked.options | more, f"rc.{writer.function}"
    if not writer.one_model or len(models) == 1:
        line = call(function, (only(models), *asked.given), options, before="result = ")
        return lines, f"{line}\n{writer.shows}"
    each = call(function, (Code("model"), *asked.given), options, before="results[model] = ", indent="    ")
    loop = f"for model in {literal(models)}:"
    if len(loop) > WIDTH:
        loop = "for model in [\n" + "".join(f"    {literal(one)},\n" for one in models) + "]:"
    return lines, f"results = {{}}\n{loop}\n{each}\nresults"


def _model(spec: ModelSpec) -> Any:
    return Code("network") if spec.is_wrapped else spec.key


def _own_network(spec: ModelSpec) -> tuple[str, ...]:
    if not spec.is_wrapped:
        return ()
    sha256 = f", SHA-256 of its weights {spec.weights.sha256[:12]}…" if spec.weights.sha256 else ""
    return (f"# your own network, {' '.join(spec.title.split())}{sha256}", "network = rc.wrap(your_network)")


def _curve(request: AttackCurveRequest) -> Asked:
    images, settings = named_set(request.images), attack(request.threats, request.targets)
    keep = {} if request.keep is None else {"keep": True, "scoring": request.keep.key}
    keep = {name: value for name, value in keep.items() if value != "any_step_so_far"}
    return Asked((images.expression, settings.eps), settings.options | keep, (*settings.lines, *images.lines))


def _checks(request: AttackChecksRequest) -> Asked:
    asked = _curve(request)
    sources = [_model(spec) for spec in request.sources]
    scoring = {"scoring": "paper"} if request.target_alone else {}
    return replace(asked, options=asked.options | scoring | {"check": only(sources) if sources else True})


def _comparison(request: AttackComparisonRequest) -> Asked:
    images, settings = named_set(request.images), attacks(request.attacks, request.radii)
    keep = {"keep": True} if request.keep_images else {}
    given = (images.expression, settings.names, settings.eps)
    return Asked(given, settings.options | keep, (*settings.lines, *images.lines))


def _smallest_change(request: SmallestChangeRequest) -> Asked:
    said = {"norm": (request.norm, "linf"), "steps": (request.steps, STEPS), "seed": (request.seed, 0)}
    options = {name: value for name, (value, default) in said.items() if value != default}
    return _about(request, named_set(request.images), (), options)


def _query_curve(request: QueryCurveRequest) -> Asked:
    first, keys = request.attacks[0], [config.attack for config in request.attacks]
    if any(replace(config, attack=first.attack) != first for config in request.attacks):
        raise BadInput("These attacks ask differently often or have several seeds, which no one call says.")
    said = {"norm": (first.norm, "l2"), "queries": (first.steps, QUERIES), "seed": (first.seed, 0)}
    options = {name: value for name, (value, default) in said.items() if value != default}
    return _about(request, named_set(request.images), () if keys == [*QUERY_ATTACKS] else (only(keys),), options)


def _certified(request: CertifiedRadiusRequest) -> Asked:
    usual = {"sigma": None, "n": 1000, "alpha": 0.001, "n0": 100, "seed": 0}
    options = {name: getattr(request, name) for name in usual if getattr(request, name) != usual[name]}
    if request.search is None:
        options |= {"attack": False}
    elif request.search != SmoothedSearch():
        options |= {"steps": request.search.steps, "draws": request.search.draws}
    return _about(request, named_set(request.images), (), options)


def _defences(request: DefenceRequest) -> Asked:
    images = named_set(request.images)
    usual = {"steps": 50, "norm": "linf", "seed": 0}
    options = {name: getattr(request, name) for name, one in usual.items() if getattr(request, name) != one}
    given = (images.expression, only(list(request.defences)), length(request.eps))
    return Asked(given, options, images.lines)


def _grid(request: CorruptionGridRequest) -> Asked:
    images = named_set(request.images)
    given, options = grid(request.conditions)
    return Asked((images.expression, *given), options, images.lines)


def _transfer(request: TransferMatrixRequest) -> Asked:
    images, settings = named_set(request.images), attack_of_the_table((request.attack,))
    return Asked((images.expression, settings.eps), settings.options, images.lines)


def _plane(request: SeverityPlaneRequest) -> Asked:
    images, settings = named_set(request.images), attack_of_the_table(request.attacks)
    first = request.conditions[0]
    severities = [one.severity for one in request.conditions]
    options = {"severities": only(severities)} if severities != EVERY_SEVERITY else {}
    options |= settings.options | ({"as_stored": True} if first.as_stored else {})
    options |= {"corruption_seed": first.seed} if first.seed else {}
    return Asked((images.expression, first.corruption, settings.eps), options, images.lines)


def _edits(request: ObjectEditsRequest) -> Asked:
    images = named_set(request.images)
    edits = edits_of(request.edits, photos=bool(request.boxes))
    given = () if edits == list(USUAL) else (edits,)
    boxes = [(box.x0, box.y0, box.x1, box.y1) for box in request.boxes]
    options = {} if request.boxes == known_boxes(request.images) else {"boxes": only(boxes)}
    return Asked((images.expression, *given), options, images.lines)


def _mixing(request: MixingRequest) -> Asked:
    images, settings = named_set(request.images), attack_of_the_table((request.attack,) if request.attack else ())
    lines, options = images.lines, {} if request.mixes == ladder(len(request.models)) else {"alphas": _alphas(request)}
    if request.attack is not None:
        options |= {"eps": settings.eps} | settings.options
    options |= _under(request.condition)
    if request.row.one_architecture:
        usual = usual_norm_images(request.label_space, request.images)
        if request.norm_images is None:
            options |= {"norm_images": None}
        elif request.norm_images.identity != usual.identity:
            others = named_set(request.norm_images, "norm_images")
            lines, options = (*lines, *others.lines), options | {"norm_images": others.expression}
    return Asked((images.expression, *(() if request.kind == "probabilities" else (request.kind,))), options, lines)


def _alphas(request: MixingRequest) -> Any:
    """Of two models the second's, where that says all."""
    if len(request.models) == FEWEST_MODELS and all(one == of_two(one[1]) for one in request.mixes):
        return only([one[1] for one in request.mixes])
    return list(request.mixes)


def _probe(request: LinearProbeRequest) -> Asked:
    options = _changed_fields(request, ("folds", "repeats", "draws", "seed"))
    if request.images_per_class != IMAGES_PER_CLASS:
        options |= {"images_per_class": only(list(request.images_per_class))}
    return _about(request, named_set(request.images), (), options)


def _similarity(request: FeatureSimilarityRequest) -> Asked:
    return _about(request, named_set(request.images), (), {})


def _fine_tuning(request: FineTuningRequest) -> Asked:
    names = ("steps", "learning_rate", "train_batch_size", "frozen_batch_norm", "seed")
    return _about(request, named_set(request.images), (), _changed_fields(request, names))


def _changed_fields(request: Request, names: Iterable[str]) -> dict[str, Any]:
    """Those of the fields that differ from their defaults."""
    defaults = {one.name: one.default for one in fields(request)}
    return {name: getattr(request, name) for name in names if getattr(request, name) != defaults[name]}


def _sweep(request: CorruptionSweepRequest) -> Asked:
    if request.conditions[0].severity:
        raise BadInput("A sweep begins with the clean image.")
    image = named_image(request.image)
    given, options = grid(request.conditions[1:])
    return Asked((image.expression, *given), options, image.lines)


def _sequence(request: PerturbationRequest) -> Asked:
    return _about(request, named_image(request.image), (request.perturbation,), _seed(request.seed))


def _predictions(request: PredictionsRequest) -> Asked:
    return _about(request, named_set(request.images), (), _under(request.condition))


def _calibration(request: CalibrationRequest) -> Asked:
    return _about(request, named_set(request.images), (), _under(request.condition) | _seed(request.seed))


def _ood(request: OodRequest) -> Asked:
    images, unknown = named_set(request.images), request.unknown
    if not isinstance(unknown, SyntheticUnknown):
        others = named_set(unknown, "unknown")
        return Asked((images.expression, others.expression), {}, (*images.lines, *others.lines))
    n = () if unknown.n == len(request.images) else (unknown.n,)
    return Asked((images.expression, unknown.kind, *n), _seed(unknown.seed), images.lines)


def _shape_bias(request: ShapeBiasRequest) -> Asked:
    found = stimuli(request.stimuli)
    n = () if request.n == request.stimuli.count else (request.n,)
    return Asked((found.given, *n), found.options, found.lines)


def _glasses(request: GlassesRequest) -> Asked:
    found = stimuli(request.stimuli)
    n = {} if request.n == request.stimuli.count else {"n": request.n}
    return Asked((found.given, *seen_through(request.row, request.strengths)), n | found.options, found.lines)


def _glasses_corruption(request: GlassesCorruptionRequest) -> Asked:
    images, (given, options) = named_set(request.images), grid(request.conditions)
    names, *severities = given or ("imagenet-c",)
    at = severities[0] if severities else EVERY_SEVERITY
    options |= {} if at == SEVERITY else {"severities": at}
    return Asked((images.expression, names, *seen_through(request.row, request.strengths)), options, images.lines)


def _maps(request: AttributionRequest) -> Asked:
    image = named_image(request.image)
    chosen = {key: _changed(key, dict(settings)) for key, settings in request.methods}
    methods = chosen if any(chosen.values()) else only(list(chosen))
    options = _target(request.target, request.label_space) | _under(request.condition)
    options |= {"metrics": True} if request.metrics else {}
    options |= {"curves": request.protocol} if request.protocol != USUAL_PROTOCOL else {}
    return Asked((image.expression, methods), options, image.lines)


def _randomized(request: RandomizedMapsRequest) -> Asked:
    image = named_image(request.image)
    options = _target(request.target, request.label_space) | _under(request.condition) | _seed(request.seed)
    return Asked((image.expression, request.label, *_one_method(request)), options, image.lines)


def _attacked(request: AttackedMapsRequest) -> Asked:
    image, settings = named_image(request.image), attack((request.threat,))
    at = {} if request.steps == (0, request.threat.steps) else {"at": list(request.steps)}
    options = at | _target(request.target, request.label_space) | _under(request.condition) | settings.options
    return Asked((image.expression, settings.eps, *_one_method(request)), options, (*settings.lines, *image.lines))


def _one_method(request: MapRequest) -> tuple[Any, ...]:
    """The method of one map; nothing where it is Grad-CAM as it is."""
    changed = _changed(request.method, dict(request.settings))
    return ({request.method: changed},) if changed else () if request.method == "grad_cam" else (request.method,)


def _ascent(request: AscentRequest) -> Asked:
    ascent, seed = request.ascent, noise_seed(request.image)
    image = Named((), None) if seed is not None else named_image(request.image)
    given = () if image.expression is None else (image.expression,)
    options: dict[str, Any] = {} if ascent.experiment == "unit" else {"experiment": ascent.experiment}
    options |= {"steps": ascent.steps} | _seed(seed or 0)
    return Asked((ascent.target, *given), options, image.lines)


def _gradient(request: InputGradientRequest) -> Asked:
    return _about(request, named_image(request.image), (), {})


def _concepts(request: ConceptsRequest) -> Asked:
    usual = {"concepts": CONCEPTS, "crop_fraction": CROP_FRACTION, "seed": 0}
    options = {name: getattr(request, name) for name, one in usual.items() if getattr(request, name) != one}
    given = () if request.label is None else (_class_of(request.label, request.label_space),)
    return _about(request, named_set(request.images), given, options)


def _biases(request: SimplicityBiasesRequest) -> Asked:
    sigma = {} if request.sigma == SIGMA else {"sigma": request.sigma}
    return _about(request, named_set(request.images), (), sigma | _seed(request.seed))


def _cues(request: CueRemovalRequest) -> Asked:
    return _about(request, named_set(request.images), (), _seed(request.seed))


def _alignment(request: GradientAlignmentRequest) -> Asked:
    return _about(request, named_set(request.images), (), {})


def _style(request: StyleTransferRequest) -> Asked:
    shape, texture, settings = named_image(request.shape), named_image(request.texture), request.settings
    options = {"strength": settings.strength, "steps": settings.steps} | _seed(settings.seed)
    return Asked((shape.expression, texture.expression), options, (*shape.lines, *texture.lines))


def _about(_request: Request, images: Named, given: tuple[Any, ...], options: dict[str, Any]) -> Asked:
    return Asked((images.expression, *given), options, images.lines)


def _seed(seed: int) -> dict[str, int]:
    return {"seed": seed} if seed else {}


def _under(condition: Condition) -> dict[str, Code]:
    return {"condition": condition_of(condition)} if condition.severity else {}


def _changed(method: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that are not the method's own."""
    usual = METHODS[method].settings({"seed": 0} if METHODS[method].draws else {})
    return {name: value for name, value in settings.items() if usual.get(name) != value}


def _class_of(index: int, space: LabelSpace) -> str | int:
    """Its name, or the index where the name means another class."""
    name = space.names[index]
    return name if space.index_called(name) == index else index


def _target(target: Target, space: LabelSpace) -> dict[str, Any]:
    if target.aim == "predicted":
        return {}
    if target.aim == "class" and isinstance(target.which, int) and target.which < len(space.names):
        return {"target": _class_of(target.which, space)}
    return {"target": "rival" if target.aim == "rival" else target.which}


WRITERS: dict[type[Request], Writer] = {
    AttackCurveRequest: Writer("pgd", _curve),
    AttackChecksRequest: Writer("pgd", _checks, shows="result.checks.frame"),
    AttackComparisonRequest: Writer("compare_attacks", _comparison),
    SmallestChangeRequest: Writer("smallest_change", _smallest_change),
    QueryCurveRequest: Writer("query_curve", _query_curve),
    CertifiedRadiusRequest: Writer("certify", _certified),
    DefenceRequest: Writer("break_defence", _defences),
    CorruptionGridRequest: Writer("corruption_grid", _grid),
    TransferMatrixRequest: Writer("transfer_matrix", _transfer),
    SeverityPlaneRequest: Writer("severity_plane", _plane),
    MixingRequest: Writer("mix", _mixing),
    CorruptionSweepRequest: Writer("corruption_sweep", _sweep, one_model=True),
    ObjectEditsRequest: Writer("edit_objects", _edits),
    PerturbationRequest: Writer("perturbation_sequence", _sequence, one_model=True),
    PredictionsRequest: Writer("predict", _predictions),
    CalibrationRequest: Writer("calibration", _calibration),
    OodRequest: Writer("ood", _ood),
    ShapeBiasRequest: Writer("shape_bias", _shape_bias),
    GlassesRequest: Writer("glasses", _glasses),
    GlassesCorruptionRequest: Writer("glasses_corruption", _glasses_corruption),
    AttributionRequest: Writer("attribute", _maps, one_model=True),
    RandomizedMapsRequest: Writer("randomized_maps", _randomized, one_model=True, shows="result.correlation"),
    AttackedMapsRequest: Writer("attacked_maps", _attacked, one_model=True, shows="result.correlation"),
    AscentRequest: Writer("visualize_feature", _ascent, one_model=True, shows="result.maximized"),
    InputGradientRequest: Writer("input_gradient", _gradient, one_model=True, shows="result.gradient"),
    ConceptsRequest: Writer("concepts", _concepts),
    SimplicityBiasesRequest: Writer("simplicity_biases", _biases),
    CueRemovalRequest: Writer("cue_removal", _cues),
    GradientAlignmentRequest: Writer("gradient_alignment", _alignment),
    LinearProbeRequest: Writer("linear_probe", _probe),
    FeatureSimilarityRequest: Writer("feature_similarity", _similarity),
    FineTuningRequest: Writer("fine_tune", _fine_tuning),
    StyleTransferRequest: Writer("stylise", _style, one_model=True, shows="result.content_loss, result.style_loss"),
}
