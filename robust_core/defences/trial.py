"""One attacker against one defended model on a set of images, and what the defended model says of its images.

The vote that judges has draws of its own, which no attacker sees.
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from robust_core.attacks.caveats import alarms, make_run
from robust_core.attacks.checks import CHECKS, Check, Survivors, transfer_from
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.counting import PassCount, counted
from robust_core.attacks.goals import Goal
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.scoring import ANY_STEP_SO_FAR
from robust_core.attacks.search import attack
from robust_core.attacks.threat import Norm, ThreatModel
from robust_core.defences.attackers import ATTACKERS, EOT_DRAWS, SQUARE_QUERIES, Attacker
from robust_core.defences.table import Defence
from robust_core.defences.wrapping import defended, vote
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

STEPS_TO_CROSS = 2.5  # all steps together, in radii; as Madry et al. 2018
FOR_JUDGE, FOR_CHECKS = 0, 1  # what draws are for, beside the attackers' from 2 on


@dataclass(frozen=True)
class Budget:
    """What every attacker may do: the ball, with eps in pixel units, the steps of PGD, and the seed of all draws."""

    norm: Norm
    eps: float
    steps: int
    seed: int


@dataclass(frozen=True, eq=False)
class Trial:
    """A defence before the court.

    plain      the model without it
    standing   the model that predicts behind it, which is `plain` but where a trained one stands in
    pixels     (B,3,H,W), float32 in [0, 1]
    labels     (B,) the classes that count as correct
    """

    plain: LoadedModel
    standing: LoadedModel
    defence: Defence
    pixels: Tensor
    labels: Tensor
    budget: Budget

    def seed(self, purpose: int) -> tuple[int, int]:
        """Of the draws for one purpose."""
        return self.budget.seed, purpose

    def judged(self, pixels: Tensor) -> Generator[Progress, None, Tensor]:
        """(B,) whether the defended model is right about `pixels`, by the vote of its draws."""
        return (yield from vote(self.standing, self.defence, pixels, self.seed(FOR_JUDGE))) == self.labels


@dataclass(frozen=True)
class Look:
    """What an attacker sees after a step: for how many of its images the defended model is still right."""

    step: int
    left: int


@dataclass(eq=False)
class Attempt:
    """What one attacker came to.

    pixels   (B,3,H,W) the images that it hands in: of each the step that looked best to it
    looks    how many images were still right after each step, in its own eyes; nothing of a search or a transfer
    steps    of its PGD, without pixels
    """

    attacker: Attacker
    pixels: Tensor
    count: PassCount
    looks: list[int] = field(default_factory=list)
    steps: list[AttackStep] = field(default_factory=list)


def attempt(trial: Trial, attacker: Attacker) -> Generator[Progress | Look, None, Attempt]:
    """Let one attacker try; yields a Look after every step of its own on the defended model."""
    source, count = counted(trial.plain if attacker.transfer else trial.standing)
    if not attacker.transfer:
        draws = EOT_DRAWS if attacker.averaged else 1
        purpose = 2 + list(ATTACKERS).index(attacker.key)
        source = defended(source, trial.defence, known=attacker.known, draws=draws, seed=trial.seed(purpose))
    made = Attempt(attacker, trial.pixels, count)
    yield from _search(trial, source, made) if attacker.loss is None else _pgd(trial, source, made)
    return made


def _search(trial: Trial, model: LoadedModel, made: Attempt) -> Generator[Progress, None, None]:
    config = AttackConfig.of(made.attacker.key, trial.budget.norm, trial.budget.eps, SQUARE_QUERIES, trial.budget.seed)
    with closing(attack(model, trial.pixels, trial.labels.tolist(), config)) as events:
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                made.pixels = end.value.pixels
                return
            yield event if isinstance(event, Progress) else Progress(event.done, config.steps, config.row.unit)


def _pgd(trial: Trial, model: LoadedModel, made: Attempt) -> Generator[Progress | Look, None, None]:
    sees_all = not (trial.defence.randomised or made.attacker.transfer)  # what the judge will say of a step
    threat = threat_of(trial, made.attacker, stop_at_success=sees_all)
    best = torch.full((len(trial.labels),), -torch.inf)
    with closing(pgd(model, trial.pixels, trial.labels.tolist(), threat, keep=range(len(best)))) as events:
        for event in events:
            if not isinstance(event, AttackStep):
                yield event
                continue
            merit = torch.where(event.correct, event.loss, torch.inf) if sees_all else event.loss
            made.pixels = torch.where((merit > best)[:, None, None, None], event.pixels, made.pixels)
            best = best.maximum(merit)
            made.steps.append(replace(event, pixels=event.pixels[:0]))
            made.looks.append(int(event.correct.sum()))
            looked = Look(event.step, made.looks[-1])
            yield Progress(event.step, threat.steps, "steps") if made.attacker.transfer else looked


def threat_of(trial: Trial, attacker: Attacker, *, stop_at_success: bool) -> ThreatModel:
    """The PGD of an attacker: from the clean image, with steps that can cross the ball."""
    assert attacker.loss is not None  # a search has no threat model
    budget = trial.budget
    return ThreatModel(
        norm=budget.norm,
        eps=budget.eps,
        step_size=STEPS_TO_CROSS * budget.eps / budget.steps,
        steps=budget.steps,
        aim="untargeted",
        start="clean",
        restarts=1,
        stop_at_success=stop_at_success,
        seed=budget.seed,
        loss=attacker.loss,
    )


@dataclass(frozen=True)
class Alarm:
    """What says that the naive attack cannot be believed: a caveat of its run or a check of what it leaves."""

    key: str
    sentence: str
    source: str


def alarms_of(
    trial: Trial, naive: Attempt, transfer: Attempt | None
) -> Generator[Progress, None, tuple[Alarm, ...]]:
    """The alarms that the naive attack sets off, the transferred images being one more check of it."""
    run = make_run(naive.steps, ANY_STEP_SO_FAR)
    found = [Alarm(caveat.key, caveat.sentence, caveat.source) for caveat in alarms(run)]
    places = run.survives.nonzero().flatten()
    if not len(places):
        return tuple(found)
    model = defended(trial.standing, trial.defence, seed=trial.seed(FOR_CHECKS))
    goal = Goal(trial.labels[places], torch.ones(len(places), dtype=torch.bool), None)
    left = Survivors(run.threat, trial.pixels[places], goal, tuple(places.tolist()))
    checks = list(CHECKS)
    if transfer is not None:
        checks.append(transfer_from(f"{trial.plain.spec.title} without it", (transfer.pixels - trial.pixels)[places]))
    for number, check in enumerate(checks):
        yield Progress(number, len(checks), "checks", check.title(run.threat))
        found += yield from _fired(model, check, left)
    return tuple(found)


def _fired(model: LoadedModel, check: Check, left: Survivors) -> Generator[Progress, None, list[Alarm]]:
    try:
        broken = int((yield from check.run(model, left)).sum())
    except BadInput:  # too few classes for its loss
        return []
    n = len(left.pixels)
    if not check.fires(broken, n):
        return []
    return [Alarm(check.key, check.sentence(broken, n, left.threat), check.source)]
