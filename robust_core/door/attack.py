"""PGD: accuracy after every step of an attack, for several models and sizes of attack at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import torch

from robust_core import curves
from robust_core.attacks.caveats import caveats, make_run
from robust_core.attacks.pgd import AttackStep
from robust_core.attacks.readings import ANY_STEP_SO_FAR, LAST_ITERATE, PAPER, ScoringRule
from robust_core.attacks.threat import Aim, Norm, ThreatModel
from robust_core.door import figures
from robust_core.door.image_sets import ImageSet, as_images
from robust_core.door.models import Chosen, choose
from robust_core.door.outcomes import Outcome, Provenance, about, percent
from robust_core.door.running import BatchSize, Events, ShowProgress, drive, of_all
from robust_core.door.whole_numbers import whole
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped
from robust_core.models.spec import ModelSpec
from robust_core.names import find

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from robust_core.door.models import Models

SCORING = {"any_step_so_far": ANY_STEP_SO_FAR, "last_iterate": LAST_ITERATE, "paper": PAPER}
NORMS: dict[Norm, str] = {"linf": "L∞", "l2": "L2"}
NAMED_TARGETS: dict[Aim, str] = {"random": "random", "least_likely": "least likely"}
STEPS_TO_CROSS = 2.5  # as Madry et al.: all steps together are 2.5 times eps
FRACTION = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(?:/\s*(\d+(?:\.\d+)?))?\s*")


@dataclass(frozen=True, eq=False)
class AttackCurves(Outcome):
    """Accuracy after each step, step 0 being the clean images; a row for each model, threat and step.

    caveats      what has to be said beside the numbers, by (model, eps)
    adversarial  by (model, eps) the images (N,3,H,W) that the attack ends with, float32 in [0, 1] at the model's input
                 size; with "any_step_so_far" the first that is a success, where there is one. Empty unless `keep` was
                 asked for
    """

    caveats: Mapping[tuple[str, float], tuple[str, ...]]
    adversarial: Mapping[tuple[str, float], torch.Tensor] = field(repr=False)

    def figure(self) -> "Figure":
        """Accuracy against steps."""
        return figures.curves(
            self.frame, ("model", "attack"), "step", "accuracy_percent", "attack steps", "accuracy, %"
        )


def pgd(
    models: "Models",
    images: Any,
    eps: "float | str | ThreatModel | Sequence[float | str | ThreatModel]",
    *,
    steps: int = 50,
    norm: str = "linf",
    step_size: "float | str | None" = None,
    targets: "str | int | Sequence[int] | None" = None,
    start: str = "clean",
    restarts: int = 1,
    scoring: str = "any_step_so_far",
    keep: bool = False,
    batch_size: BatchSize = "auto",
    seed: int = 0,
    progress: ShowProgress = True,
) -> AttackCurves:
    """Attack `images` by projected gradient descent (Madry et al. 2018); one run gives the accuracy after every step
    from 0 to `steps`.

    models     a model, a key of the table, or a list of them
    images     an ImageSet, or what `load_images` takes
    eps        radius of the ball in pixel units, such as 4/255 or "4/255"; a ThreatModel, such as
               `rc.threats.ORHAN_2019`, says all of the attack; or a list of either
    norm       "linf" (the largest change of any value) or "l2" (the root of the summed squares over the image)
    step_size  in the same unit; None takes 2.5 · eps / steps
    targets    None leads away from the label; "random", "least_likely", a class, or a class for each image is led to
    start      "clean", "random", or "random_unclipped"; `restarts` above 1 need a random one
    scoring    "any_step_so_far" counts an image as correct while no step has fooled the model, "last_iterate" looks at
               the last step alone, "paper" is Orhan's rule for targeted attacks
    keep       whether the result holds the adversarial images

    The label that counts is the true one where it is known, else the clean prediction; n_labels_known says of how many
    images. Raises BadInput or UnknownName for arguments that do not fit, and what the models raise.

    >>> import robust_core as rc
    >>> result = rc.pgd("efficientnet_lite0", rc.load_images("foolbox", 4), "1/255", steps=2, progress=False)
    >>> result.frame[["model", "eps", "step", "n"]].tail(1).values.tolist()
    [['efficientnet_lite0', 0.00392156862745098, 2, 4]]
    >>> bool(result.frame["accuracy_percent"].is_monotonic_decreasing)
    True
    """
    found, chosen = as_images(images), choose(models)
    options = {
        "steps": steps,
        "norm": norm,
        "step_size": step_size,
        "targets": targets,
        "start": start,
        "restarts": restarts,
        "seed": seed,
    }
    threats = _threats(eps, options)
    rule = SCORING[find("scoring rule", scoring, {key: row.title for key, row in SCORING.items()})]
    if rule.targeted_only and not all(threat.targeted for threat in threats):
        raise BadInput('The scoring "paper" is of targeted attacks; give targets, such as targets="random".')
    classes = None if isinstance(targets, str) or targets is None else _classes(targets, len(found))
    return drive(_attacked(chosen, found, threats, classes, rule, keep), progress, batch_size, "PGD")


def parse_eps(eps: "float | str", norm: str) -> float:
    """A length in pixel units, from a number or a text such as "4/255"; raises BadInput for anything else, and for L∞
    above 1.
    """
    if isinstance(eps, str) and (match := FRACTION.fullmatch(eps)) and float(match[2] or 1):
        eps = float(match[1]) / float(match[2] or 1)
    if not isinstance(eps, Real) or isinstance(eps, bool):
        raise BadInput(f'eps must be a number in pixel units or a text such as "4/255"; got {eps!r}.')
    if norm == "linf" and eps > 1:
        raise BadInput(f'An L∞ eps is in pixel units, from 0 to 1; got {eps:g}. Was "{eps:g}/255" meant?')
    return float(eps)


def _threats(eps: Any, options: dict[str, Any]) -> tuple[ThreatModel, ...]:
    several = [eps] if isinstance(eps, str | Real | ThreatModel) or not isinstance(eps, Iterable) else list(eps)
    if not several:
        raise BadInput("There is no eps; expected at least one.")
    threats = tuple(_threat(one, options) for one in several)
    if len({_words(threat) for threat in threats}) < len(threats):
        raise BadInput("One attack is asked for twice; expected each once.")
    return threats


DEFAULTS = {"steps": 50, "norm": "linf", "step_size": None, "targets": None, "start": "clean", "restarts": 1, "seed": 0}


def _threat(eps: Any, options: dict[str, Any]) -> ThreatModel:
    if isinstance(eps, ThreatModel):
        if changed := next(
            (name for name, default in DEFAULTS.items() if options[name] is not default and options[name] != default),
            None,
        ):
            raise BadInput(
                f"A threat model says all of the attack; got {changed}={options[changed]!r} too. Use "
                "dataclasses.replace to change one."
            )
        return eps
    norm = _norm(options["norm"])
    length, steps, targets = parse_eps(eps, norm), whole("steps", options["steps"], 1), options["targets"]
    aim: Aim = "untargeted" if targets is None else "chosen"
    if isinstance(targets, str):
        aim = find("target", targets, NAMED_TARGETS)
    given = options["step_size"]
    return ThreatModel(
        norm=norm,
        eps=length,
        step_size=STEPS_TO_CROSS * length / steps if given is None else parse_eps(given, "step"),
        steps=steps,
        aim=aim,
        start=options["start"],
        restarts=whole("restarts", options["restarts"], 1),
        stop_at_success=False,
        seed=whole("seed", options["seed"], 0),
    )


def _norm(norm: str) -> Norm:
    if not isinstance(norm, str):
        raise BadInput(f'norm must be "linf" or "l2"; got {norm!r}.')
    return find("norm", {"inf": "linf", "∞": "linf", "2": "l2"}.get(norm.casefold(), norm), NORMS)


def _classes(targets: Any, n: int) -> int | list[int]:
    if not isinstance(targets, Iterable):
        if isinstance(targets, Integral) and not isinstance(targets, bool):
            return int(targets)
        raise BadInput(
            f'targets must be "random", "least_likely", a class, or a class for each image; got {targets!r}.'
        )
    given = targets.tolist() if hasattr(targets, "tolist") else list(targets)
    if len(given) != n:
        raise BadInput(f"There are {n} images and {len(given)} targets; expected one for each.")
    return given


def _attacked(
    chosen: Chosen, images: ImageSet, threats: tuple[ThreatModel, ...], classes: Any, rule: ScoringRule, keep: bool
) -> Events[AttackCurves]:
    import pandas

    parts = [(spec.name, _one(spec, images, threats, classes, rule, keep)) for spec in chosen.specs]
    found = yield from of_all(parts)
    rows, said = [], {}
    kept: dict[tuple[str, float], torch.Tensor] = {}
    for spec, (trajectories, pixels) in zip(chosen.specs, found, strict=True):
        runs = [make_run(one.steps, rule) for one in trajectories]
        for trajectory, run in zip(trajectories, runs, strict=True):
            rows += _rows(spec, trajectory, rule, images)
            said[spec.name, run.threat.eps] = tuple(
                one.sentence for one in caveats(run, [other for other in runs if other is not run])
            )
        kept |= {(spec.name, threat.eps): ending for threat, ending in pixels.items()}
    settings = {"attacks": [_words(threat) for threat in threats], "scoring": rule.sentence}
    return AttackCurves(
        pandas.DataFrame(rows), Provenance.of("PGD", chosen.specs, about(images), **settings), said, kept
    )


def _one(
    spec: ModelSpec, images: ImageSet, threats: tuple[ThreatModel, ...], classes: Any, rule: ScoringRule, keep: bool
) -> Events[tuple[tuple[curves.Trajectory, ...], dict[ThreatModel, torch.Tensor]]]:
    """One model under all threats: its trajectories, and where they are kept the images that each ends with."""
    kept: dict[ThreatModel, torch.Tensor] = {}
    reached: dict[ThreatModel, torch.Tensor] = {}

    def keep_images(event: Progress | AttackStep) -> Progress | AttackStep:
        if isinstance(event, AttackStep) and keep:
            before = reached.get(event.threat, torch.zeros_like(event.reached))
            done = (before & (rule is not LAST_ITERATE))[:, None, None, None]
            kept[event.threat] = torch.where(done, kept[event.threat], event.pixels) if event.step else event.pixels
            reached[event.threat] = before | (event.reached if event.threat.targeted else ~event.correct)
        return event

    trajectories = yield from mapped(curves.attack(spec.key, images, threats, classes, keep=keep), keep_images)
    _check_labels(spec, trajectories[0].steps[0], images)
    return trajectories, kept


def _check_labels(spec: ModelSpec, clean: AttackStep, images: ImageSet) -> None:
    """Labelled images of which the model knows no label are a mistake that clean predictions in their place would
    hide.
    """
    if not clean.goal.known.any() and (labelled := next((image for image in images if image.label is not None), None)):
        raise BadInput(
            f"None of the labels is a class of {spec.name}: they are of {labelled.label_space.title}, its classes are "
            f"{spec.label_space.title}. "
            "Name its classes with rc.wrap(..., classes=...), or leave the labels out with labels=None."
        )


def _rows(spec: ModelSpec, trajectory: curves.Trajectory, rule: ScoringRule, images: ImageSet) -> list[dict[str, Any]]:
    threat = trajectory.threat
    fixed = {
        "n": len(images),
        "n_labels_known": int(trajectory.steps[0].goal.known.sum()),
        "scoring": next(key for key, row in SCORING.items() if row is rule),
        "protocol": _words(threat),
        "weights_sha256": spec.weights.sha256,
    }
    who = {
        "model": spec.name,
        "attack": f"{NORMS[threat.norm]} {_length(threat.eps)}",
        "norm": threat.norm,
        "eps": threat.eps,
    }
    accuracies = curves.accuracies(trajectory.steps, rule)
    return [
        who
        | {"step": step.step}
        | percent("accuracy", accuracy)
        | {"mean_loss_nats": float(step.loss.double().mean())}
        | fixed
        for step, accuracy in zip(trajectory.steps, accuracies, strict=True)
    ]


def _length(eps: float) -> str:
    """In 255ths where that is a short number."""
    k = 255 * eps
    return f"{round(k, 3):g}/255" if abs(k - round(k, 3)) < 1e-9 and k <= 255 else f"{eps:g}"


def _words(threat: ThreatModel) -> str:
    """The attack in one line, such as "PGD, untargeted, L∞ 4/255, 50 steps of 0.2/255, clean start"."""
    restarts = (
        f"{threat.restarts} {threat.start.replace('_', ' ')} starts"
        if threat.restarts > 1
        else f"{threat.start.replace('_', ' ')} start"
    )
    aim = "untargeted" if not threat.targeted else f"targeted ({threat.aim.replace('_', ' ')} class)"
    stop = ", stops at the first success" if threat.stop_at_success else ""
    step = _length(threat.step_size) if threat.norm == "linf" else f"{threat.step_size:g}"
    return (
        f"PGD, {aim}, {NORMS[threat.norm]} {_length(threat.eps)}, {threat.steps} steps of {step}, "
        f"{restarts}{stop}, seed {threat.seed}"
    )
