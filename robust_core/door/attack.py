"""PGD: accuracy after every step of an attack, for several models and sizes of attack at once, and whether it can be
believed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from robust_core.attacks.losses import LOSSES
from robust_core.attacks.precision import USUAL
from robust_core.attacks.scoring import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER, ScoringRule
from robust_core.attacks.threat import NORM_TITLES, Aim, Norm, ThreatModel, pixel_units
from robust_core.checks import finite, whole
from robust_core.data.image_set import ImageSet
from robust_core.door.attack_configs import precision_called
from robust_core.door.given_images import as_images
from robust_core.door.models import choose
from robust_core.door.running import BatchSize, Events, ShowProgress, drive
from robust_core.errors import BadInput
from robust_core.models.spec import ModelSpec
from robust_core.names import find
from robust_core.studies import attack_checks, attack_curve
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest

if TYPE_CHECKING:
    from robust_core.door.models import Models

SCORING = {"any_step_so_far": ANY_STEP_SO_FAR, "last_iterate": LAST_ITERATE, "paper": PAPER}
NAMED_TARGETS: dict[Aim, str] = {"random": "random", "least_likely": "least likely"}
STEPS_TO_CROSS = 2.5  # as Madry et al.: all steps together are 2.5 times eps


def pgd(
    models: "Models",
    images: Any,
    eps: "float | str | ThreatModel | Sequence[float | str | ThreatModel]",
    *,
    steps: int = 50,
    norm: str = "linf",
    step_size: "float | str | None" = None,
    step_fraction: float | None = None,
    targets: "str | int | Sequence[int] | None" = None,
    start: str = "clean",
    restarts: int = 1,
    loss: str = "cross-entropy",
    precision: str = USUAL,
    scoring: str = "any_step_so_far",
    keep: bool = False,
    check: "bool | Models" = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> AttackCurve:
    """Attack `images` by projected gradient descent (Madry et al. 2018); one run gives the accuracy after every step
    from 0 to `steps`.

    models     a model, a key of the table, or a list of them
    images     an ImageSet, or what `load_images` takes
    eps        radius of the ball in pixel units, such as 4/255 or "4/255"; a ThreatModel, such as
               `rc.threats.ORHAN_2019`, says all of the attack; or a list of either
    norm       "linf" (the largest change of any value) or "l2" (the root of the summed squares over the image)
    step_size  in the same unit; or `step_fraction` of each eps, such as 0.1; without either 2.5 · eps / steps
    targets    None leads away from the label; "random", "least_likely", a class, or a class for each image is led to
    start      "clean", "random", or "random_unclipped"; `restarts` above 1 need a random one
    loss       what the attack follows: "cross-entropy"; "dlr" (difference of logits ratio, Croce & Hein 2020) or
               "margin" (difference of logits, Carlini & Wagner 2017), which do not vanish where a model is sure of
               itself
    precision  "float32_folded", a copy with batch norm folded into convolutions; "float32", the network as it is;
               "bfloat16_float32_stem", gradients in bfloat16 but for the first layer, every label in float32, for
               networks and devices that allow it
    scoring    "any_step_so_far" counts an image as correct while no step has fooled the model, "last_iterate" looks at
               the last step alone, "paper" is Orhan's rule for targeted attacks
    keep       whether the result holds the adversarial images
    check      whether the attack is checked: the result's `checks` say then, with numbers and sources, how many of the
               images that no step breaks fall to FGSM, uniform noise, the other loss, an attack without a limit, the
               clean image again, and to what breaks each of the other models, and each of those that `check` names in
               place of True; `checks.worst_case` is the accuracy over all of them, an upper bound on robust accuracy
               still

    The label that counts is the true one where it is known, else the clean prediction; n_labels_known says of how many
    images. Raises BadInput or UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> result = rc.pgd("efficientnet_lite0", rc.load_images("foolbox", 4), "1/255", steps=2, progress=False)
    >>> result.frame[["model", "eps", "step", "n"]].tail(1).values.tolist()
    [['efficientnet_lite0', 0.00392156862745098, 2, 4]]
    >>> bool(result.frame["accuracy_percent"].is_monotonic_decreasing)
    True
    >>> checked = rc.pgd("mini_resnext", rc.load_images("mini", 4), "4/255", steps=2, check=True, progress=False)
    >>> checked.checks.frame["check"].to_list()
    ['fgsm', 'noise', 'other_loss', 'unbounded', 'again']
    """
    found, chosen = as_images(images), choose(models)
    options = {
        "steps": steps,
        "norm": norm,
        "step_size": step_size,
        "step_fraction": step_fraction,
        "targets": targets,
        "start": start,
        "restarts": restarts,
        "loss": loss,
        "precision": precision,
        "seed": seed,
    }
    threats = threats_of(eps, options)
    rule = SCORING[find("scoring rule", scoring, {key: row.title for key, row in SCORING.items()})]
    if rule.targeted_only and not all(threat.targeted for threat in threats):
        raise BadInput('The scoring "paper" is of targeted attacks; give targets, such as targets="random".')
    classes = None if isinstance(targets, str) or targets is None else _classes(targets, len(found))
    request = AttackCurveRequest(chosen.specs, found, threats, classes, rule if keep else None)
    sources = () if isinstance(check, bool) else choose(check).specs
    return drive(_attacked(request, rule, check, sources), progress, batch_size, "PGD", chosen)


def threats_of(eps: Any, options: dict[str, Any]) -> tuple[ThreatModel, ...]:
    """The attack at each eps, with the options in DEFAULTS."""
    several = [eps] if isinstance(eps, str | Real | ThreatModel) or not isinstance(eps, Iterable) else list(eps)
    if not several:
        raise BadInput("There is no eps; expected at least one.")
    return tuple(_threat(one, options) for one in several)


DEFAULTS = {
    "steps": 50,
    "norm": "linf",
    "step_size": None,
    "step_fraction": None,
    "targets": None,
    "start": "clean",
    "restarts": 1,
    "loss": "cross-entropy",
    "precision": USUAL,
    "seed": 0,
}


def _threat(eps: Any, options: dict[str, Any]) -> ThreatModel:
    if isinstance(eps, ThreatModel):
        if changed := next(
            (
                name
                for name, default in DEFAULTS.items()
                if options[name] is not default
                and options[name] != default
                and (name, eps.aim) != ("targets", "chosen")  # which class that is, a threat model does not say
            ),
            None,
        ):
            raise BadInput(
                f"A threat model says all of the attack; got {changed}={options[changed]!r} too. Use "
                "dataclasses.replace to change one."
            )
        return eps
    norm = norm_of(options["norm"])
    length, steps, targets = pixel_units(eps), whole("steps", options["steps"], 1), options["targets"]
    aim: Aim = "untargeted" if targets is None else "chosen"
    if isinstance(targets, str):
        aim = find("target", targets, NAMED_TARGETS)
    return ThreatModel(
        norm=norm,
        eps=length,
        step_size=_step_size(length, steps, options["step_size"], options["step_fraction"]),
        steps=steps,
        aim=aim,
        start=options["start"],
        restarts=whole("restarts", options["restarts"], 1),
        stop_at_success=False,
        seed=whole("seed", options["seed"], 0),
        loss=find("loss", options["loss"], {key: row.title for key, row in LOSSES.items()}),
        precision=precision_called(options["precision"]),
    )


def _step_size(length: float, steps: int, given: Any, fraction: Any) -> float:
    if given is not None and fraction is not None:
        raise BadInput("step_size and step_fraction say the same; expected one of them.")
    if fraction is not None:
        return finite("step_fraction", fraction, 0, math.inf) * length
    return STEPS_TO_CROSS * length / steps if given is None else pixel_units(given)


def norm_of(norm: str) -> Norm:
    """The norm that `norm` names; raises BadInput or UnknownName for anything else."""
    if not isinstance(norm, str):
        raise BadInput(f'norm must be "linf" or "l2"; got {norm!r}.')
    return find("norm", {"inf": "linf", "∞": "linf", "2": "l2"}.get(norm.casefold(), norm), NORM_TITLES)


def _classes(targets: Any, n: int) -> int | tuple[int, ...]:
    if not isinstance(targets, Iterable):
        if isinstance(targets, Integral) and not isinstance(targets, bool):
            return int(targets)
        raise BadInput(
            f'targets must be "random", "least_likely", a class, or a class for each image; got {targets!r}.'
        )
    given = tuple(targets.tolist() if hasattr(targets, "tolist") else targets)
    if len(given) != n:
        raise BadInput(f"There are {n} images and {len(given)} targets; expected one for each.")
    return given


def _attacked(
    request: AttackCurveRequest, rule: ScoringRule, check: Any, sources: tuple[ModelSpec, ...]
) -> Events[AttackCurve]:
    result = yield from attack_curve.run(request, rule)
    for trajectories in result.trajectories.values():
        check_labels(trajectories[0].spec, bool(trajectories[0].steps[0].goal.known.any()), request.images)
    if check is False:
        return result
    checks = AttackChecksRequest.of_attack(request, rule, sources)
    return replace(result, checks=(yield from attack_checks.run(checks, result)))


def check_labels(spec: ModelSpec, some_known: bool, images: ImageSet) -> None:
    """Labelled images of which the model knows no label are a mistake that clean predictions in their place would
    hide.
    """
    if not some_known and (labelled := next((image for image in images if image.label is not None), None)):
        raise BadInput(
            f"None of the labels is a class of {spec.name}: they are of {labelled.label_space.title}, its classes are "
            f"{spec.label_space.title}. "
            "Name its classes with rc.wrap(..., classes=...), or leave the labels out with labels=None."
        )
