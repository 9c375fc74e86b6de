"""Whether an accuracy under attack can be believed: further attacks on the images that the attack leaves."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from robust_core.attacks.threat import ThreatModel
from robust_core.errors import BadInput
from robust_core.events import Progress, mapped, of_all
from robust_core.intervals import Interval, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest, Trajectory, read_inputs, using
from robust_core.studies.study_result import Provenance, StudyResult, percent
from robust_core.studies.transfer_changes import Changes, Left, LeftImages, at_the_beginning, attack_source, wanted_of

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

    from robust_core.attacks.checks import Check, Survivors
    from robust_core.attacks.scoring import ScoringRule
    from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class AttackChecksRequest(AttackCurveRequest):
    """The attacks of an AttackCurveRequest; the checks are on the images that no step of an attack breaks.

    The models try each other's adversarial images, and those of `sources`, which are not checked themselves. With
    `target_alone` nothing but the target class is a success, as Orhan's scoring rule has it; raises BadInput where an
    attack is untargeted then.
    """

    study: ClassVar[str] = "attack_checks"

    sources: tuple[ModelSpec, ...] = ()
    target_alone: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target_alone and not all(threat.targeted for threat in self.threats):
            raise BadInput("Only a targeted attack has a target class to reach; got an untargeted one.")

    @classmethod
    def of_attack(
        cls, attack: AttackCurveRequest, rule: "ScoringRule", sources: tuple[ModelSpec, ...] = ()
    ) -> "AttackChecksRequest":
        """The checks of an attack as `rule` counts its successes, beside other `sources` of adversarial images."""
        return cls(
            attack.models,
            attack.images,
            attack.threats,
            attack.targets,
            sources=sources,
            target_alone=rule.targeted_only,
        )

    @property
    def attack(self) -> AttackCurveRequest:
        """The attacks alone."""
        return AttackCurveRequest(self.models, self.images, self.threats, self.targets)

    @property
    def every_source(self) -> tuple[ModelSpec, ...]:
        """Every model whose adversarial images others try."""
        return tuple({spec.key: spec for spec in (*self.models, *self.sources)}.values())


@dataclass(frozen=True, eq=False)
class CheckOutcome:
    """What one check came to: for each of the images that the attack leaves, whether it is `broken`.

    refusal  why it could not be run, "" where it was
    """

    check: "Check"
    threat: ThreatModel
    broken: tuple[bool, ...]
    refusal: str = ""

    @property
    def title(self) -> str:
        """What was tried."""
        return self.check.title(self.threat)

    @property
    def fires(self) -> bool:
        """Whether it shows that the attack failed."""
        return bool(self.broken) and self.check.fires(sum(self.broken), len(self.broken))

    @property
    def interval(self) -> Interval | None:
        """The fraction that it breaks; None where nothing was tried."""
        return wilson(sum(self.broken), len(self.broken))

    @property
    def sentence(self) -> str:
        """What it means, with the numbers."""
        if not self.broken:
            return self.refusal or "The attack leaves no image, so there is nothing to try."
        return self.check.sentence(sum(self.broken), len(self.broken), self.threat)


@dataclass(frozen=True, eq=False)
class CheckedAttack:
    """One model's attack under one threat, with what every check came to.

    after_attack  the fraction of all images that no step of the attack breaks
    worst_case    the fraction of all images that no check within the ball breaks either
    """

    trajectory: Trajectory
    outcomes: tuple[CheckOutcome, ...]
    after_attack: Interval
    worst_case: Interval


@dataclass(frozen=True, eq=False)
class AttackChecks(StudyResult):
    """A row for each model, threat and check."""

    parts: ClassVar[str] = "checked"

    checked: tuple[CheckedAttack, ...]

    @property
    def worst_case(self) -> dict[tuple[str, float], Interval]:
        """Accuracy over the attack and all checks within the ball, by model and eps: still an upper bound on robust
        accuracy.
        """
        return {(one.trajectory.spec.name, one.trajectory.threat.eps): one.worst_case for one in self.checked}

    def sentences(self) -> tuple[str, ...]:
        """What each check means, with its source."""
        return tuple(
            f"{one.trajectory.spec.name}, {outcome.title}: {outcome.sentence} [{outcome.check.source}]"
            for one in self.checked
            for outcome in one.outcomes
        )

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each model, threat and check."""
        import pandas

        return pandas.DataFrame(row for one in self.checked for row in _rows(one))

    def figure(self) -> "Figure":
        """What each check breaks of the images that the attack leaves."""
        from robust_core.plots import results

        who = self.frame["model"] + ", " + self.frame["attack"] + ": " + self.frame["title"]
        return results.bars(self.frame.assign(who=who), "who", "broken_percent", "broken of what the attack leaves, %")


def run(request: AttackChecksRequest, curve: AttackCurve | None = None) -> Generator[Any, None, AttackChecks]:
    """Attack, unless `curve` has the steps of `request.attack` already, and run every check on what is left.

    Yields the events of the attack, and a Progress for each step of a check. Raises what `attack_curve.run` raises.
    """
    if curve is None:
        curve = yield from attack_curve.run(request.attack)
    trajectories = [one for spec in request.models for one in curve.trajectories[spec.name]]
    left = {(one.spec.key, one.threat): images_left(one, request) for one in trajectories}
    changes: Changes = {}  # filled by the first parts, and tried by the others
    sources = [spec for spec in request.every_source if wanted_of(spec, left)]
    parts: list[tuple[str, Generator[Progress, None, Any]]] = [
        *((f"attacking {spec.title}", attack_source(spec, request, left, changes)) for spec in sources),
        *((spec.title, _check_model(spec, request, left, changes)) for spec in request.models),
    ]
    found = yield from of_all(parts)
    outcomes = [of_threat for of_model in found[len(sources) :] for of_threat in of_model]
    checked = [_checked(one, its, request) for one, its in zip(trajectories, outcomes, strict=True)]
    return AttackChecks(Provenance.of(request, request.images.digest), tuple(checked))


def images_left(trajectory: Trajectory, request: AttackChecksRequest) -> LeftImages:
    """The images that no step of the attack breaks."""
    places = _counted(trajectory, request).nonzero().flatten()
    return LeftImages(trajectory.spec, tuple(places.tolist()), trajectory.steps[0].goal.at(places))


def _counted(trajectory: Trajectory, request: AttackChecksRequest) -> "Tensor":
    """(N,) which images no step of the attack breaks."""
    from robust_core.attacks.scoring import ANY_STEP_SO_FAR, PAPER, read

    *_, counted = read(trajectory.steps, PAPER if request.target_alone else ANY_STEP_SO_FAR)
    return counted


def _check_model(
    spec: ModelSpec, request: AttackChecksRequest, left: Left, changes: Changes
) -> Generator[Progress, None, list[tuple[CheckOutcome, ...]]]:
    """What the checks come to under each threat."""
    with using(spec) as model:
        parts = [(threat.eps_text, _check_threat(model, threat, request, left, changes)) for threat in request.threats]
        return (yield from of_all(parts))


def _check_threat(
    model: "LoadedModel", threat: ThreatModel, request: AttackChecksRequest, left: Left, changes: Changes
) -> Generator[Progress, None, tuple[CheckOutcome, ...]]:
    from robust_core.attacks.checks import CHECKS, Survivors

    one = left[model.spec.key, threat]
    if not one.places:
        return tuple(CheckOutcome(check, threat, ()) for check in CHECKS)
    pixels, _ = yield from mapped(read_inputs(request.images, one.places, model.spec), at_the_beginning)
    survivors = Survivors(threat, pixels, one.goal, one.places, request.target_alone)
    tried = [*CHECKS, *_transfers(one, threat, request, changes)]
    return tuple((yield from of_all([(check.title(threat), _outcome(model, check, survivors)) for check in tried])))


def _transfers(
    one: LeftImages, threat: ThreatModel, request: AttackChecksRequest, changes: Changes
) -> "Iterator[Check]":
    """A check for each other model of the same classes that has been attacked."""
    import torch

    from robust_core.attacks.checks import transfer_from

    for source in request.every_source:
        if source.key != one.spec.key and source.label_space == one.spec.label_space:
            by_place = changes[source.key, threat]
            yield transfer_from(source.title, torch.stack([by_place[place] for place in one.places]))


def _outcome(model: "LoadedModel", check: "Check", survivors: "Survivors") -> Generator[Progress, None, CheckOutcome]:
    try:
        broken = yield from mapped(check.run(model, survivors), _without_unit)
    except BadInput as error:  # too few classes for its loss
        return CheckOutcome(check, survivors.threat, (), str(error))
    return CheckOutcome(check, survivors.threat, tuple(broken.tolist()))


def _without_unit(event: Progress) -> Progress:
    return Progress(event.done, event.total, "")


def _checked(trajectory: Trajectory, outcomes: tuple[CheckOutcome, ...], request: AttackChecksRequest) -> CheckedAttack:
    counted = _counted(trajectory, request)
    broken = [one.broken for one in outcomes if one.broken and not one.check.beyond]
    safe = sum(not any(of_image) for of_image in zip(*broken, strict=True)) if broken else int(counted.sum())
    after, worst = wilson(int(counted.sum()), len(counted)), wilson(safe, len(counted))
    assert after is not None  # the request refuses to be without images
    assert worst is not None
    return CheckedAttack(trajectory, outcomes, after, worst)


def _rows(one: CheckedAttack) -> Iterator[dict[str, Any]]:
    threat, spec = one.trajectory.threat, one.trajectory.spec
    who = {
        "model": spec.name,
        "attack": f"{threat.norm_title} {threat.eps_text}",
        "norm": threat.norm,
        "eps": threat.eps,
    }
    whole = {
        "accuracy_percent": 100 * one.after_attack.estimate,
        "worst_case_percent": 100 * one.worst_case.estimate,
        "worst_case_low_percent": 100 * one.worst_case.low,
        "worst_case_high_percent": 100 * one.worst_case.high,
        "n_images": one.worst_case.n,
        "protocol": str(threat),
        "weights_sha256": spec.weights.sha256,
    }
    for outcome in one.outcomes:
        counts = {"broken": sum(outcome.broken), "n": len(outcome.broken)} | percent("broken", outcome.interval)
        meaning = {"fires": outcome.fires, "meaning": outcome.sentence, "source": outcome.check.source}
        yield who | {"check": outcome.check.key, "title": outcome.title} | counts | meaning | whole
