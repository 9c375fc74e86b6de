"""The changes by which models are attacked, for others to try: which images these want, and how each is attacked."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from robust_core.attacks.threat import ThreatModel
from robust_core.events import Progress, mapped
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import (
    AttackCurveRequest,
    ending_after,
    only_steps,
    read_inputs,
    targets_of,
    using,
)

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.attacks.goals import Goal
    from robust_core.attacks.pgd import AttackStep
    from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class LeftImages:
    """The places of the B images that an attack on `spec` leaves, and the goal (B,) of each."""

    spec: ModelSpec
    places: tuple[int, ...]
    goal: "Goal"


Left = Mapping[tuple[str, ThreatModel], LeftImages]  # by model key and threat
Changes = dict[tuple[str, ThreatModel], "dict[int, Tensor]"]  # by model key and threat: (3,H,W) by the image's place


def wanted_of(source: ModelSpec, left: Left) -> dict[ThreatModel, dict[int, int]]:
    """For each threat the images, as labels by place, on which other models of the same classes want to try what breaks
    `source`.
    """
    wanted: dict[ThreatModel, dict[int, int]] = {}
    for (key, threat), one in left.items():
        if key != source.key and one.spec.label_space == source.label_space and one.places:
            labels = dict(zip(one.places, one.goal.labels.tolist(), strict=True))
            wanted[threat] = labels | wanted.get(threat, {})
    return wanted


def attack_source(
    spec: ModelSpec, request: AttackCurveRequest, left: Left, changes: Changes
) -> Generator[Progress, None, None]:
    """Attack `spec` on the images that others want, away from the labels that count for these, and put the changes into
    `changes`.
    """
    with using(spec) as model:
        for threat, labels in wanted_of(spec, left).items():
            places = sorted(labels)
            pixels, _ = yield from mapped(read_inputs(request.images, places, spec), at_the_beginning)
            goals = [labels[place] for place in places], targets_of(request, places)
            ending = yield from _attacked(model, pixels, threat, *goals, places)
            changes[spec.key, threat] = dict(zip(places, ending - pixels, strict=True))


def at_the_beginning(event: Progress) -> Progress:
    """An event of what comes before a part's own work, which leaves its bar where it is."""
    return Progress(0, 1, "", event.note)


def _attacked(
    model: "LoadedModel",
    pixels: "Tensor",
    threat: ThreatModel,
    labels: list[int],
    targets: list[int] | None,
    places: list[int],
) -> "Generator[Progress, None, Tensor]":
    """The images (B,3,H,W) that the attack, in float32, ends with: each at its first success, else at the last step."""
    from robust_core.attacks.checks import in_float32
    from robust_core.attacks.pgd import pgd
    from robust_core.attacks.scoring import ANY_STEP_SO_FAR

    before: list[AttackStep] = []
    ending: Tensor | None = None
    plain = in_float32(threat)
    for step in only_steps(pgd(model, pixels, labels, plain, targets, indices=places, keep=range(len(places)))):
        ending = ending_after(before, ending, step, ANY_STEP_SO_FAR)
        before.append(replace(step, pixels=step.pixels[:0]))
        yield Progress(step.step, threat.steps, "")
    assert ending is not None  # every attack has a step 0
    return ending
