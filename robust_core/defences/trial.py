"""One attacker against one defended model on a set of images, and what the defended model says of its images.

The vote that judges has draws of its own, which no attacker sees.
"""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.counting import PassCount, counted
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.search import attack
from robust_core.attacks.threat import Norm, ThreatModel
from robust_core.defences.attackers import ATTACKERS, EOT_DRAWS, SQUARE_QUERIES, Attacker
from robust_core.defences.table import Defence
from robust_core.defences.wrapping import defended, vote
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

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

    @classmethod
    def of(
        cls,
        plain: LoadedModel,
        standing: LoadedModel,
        defence: Defence,
        pixels: Tensor,
        known: Sequence[int | None],
        budget: Budget,
    ) -> Generator[Progress, None, "Trial"]:
        """The trial in which an image counts as its label, or, where that is not `known`, as what the defended model
        says of it.

        Raises BadInput for a label that the model does not have.
        """
        predicted = yield from vote(standing, defence, pixels, (budget.seed, FOR_JUDGE))
        labels = [its if label is None else label for its, label in zip(predicted.tolist(), known, strict=True)]
        return cls(plain, standing, defence, pixels, torch.tensor(labels), budget)

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
    looks    how many images were still right after each step, in its own eyes
    steps    of its PGD, without pixels
    seconds  in which it was at work
    """

    attacker: Attacker
    pixels: Tensor
    count: PassCount
    looks: list[int] = field(default_factory=list)
    steps: list[AttackStep] = field(default_factory=list)
    seconds: float = 0.0


def attempt(trial: Trial, attacker: Attacker) -> Generator[Progress | Look, None, Attempt]:
    """Let one attacker try; yields a Look after every step of its own on the defended model."""
    source, count = counted(trial.plain if attacker.transfer else trial.standing)
    if not attacker.transfer:
        draws = EOT_DRAWS if attacker.averaged else 1
        purpose = 2 + list(ATTACKERS).index(attacker.key)
        source = defended(source, trial.defence, known=attacker.known, draws=draws, seed=trial.seed(purpose))
    made = Attempt(attacker, trial.pixels, count)
    work = _search(trial, source, made) if attacker.loss is None else _pgd(trial, source, made)
    with closing(work):
        while True:
            started = time.perf_counter()  # others may work between two events
            event = next(work, None)
            made.seconds += time.perf_counter() - started
            if event is None:
                return made
            yield event


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
            score = torch.where(event.correct, event.loss, torch.inf) if sees_all else event.loss
            made.pixels = torch.where((score > best)[:, None, None, None], event.pixels, made.pixels)
            best = best.maximum(score)
            made.steps.append(replace(event, pixels=event.pixels[:0]))
            made.looks.append(int(event.correct.sum()))
            looked = Look(event.step, made.looks[-1])
            yield Progress(event.step, threat.steps, "steps") if made.attacker.transfer else looked
            if sees_all and event.step == 1 and _cannot_move(event):
                yield from _stand_still(made, threat.steps)
                return


def _cannot_move(step: AttackStep) -> bool:
    """Whether no image has moved, or ever will: those that are still right have a gradient of zero."""
    return bool(((step.distance == 0) & (step.zero_gradient | ~step.correct)).all())


def _stand_still(made: Attempt, steps: int) -> Generator[Look, None, None]:
    """The steps that are left, all of them the last one made."""
    last = made.steps[-1]
    for step in range(last.step + 1, steps + 1):
        made.steps.append(replace(last, step=step))
        made.looks.append(made.looks[-1])
        yield Look(step, made.looks[-1])


def threat_of(trial: Trial, attacker: Attacker, *, stop_at_success: bool) -> ThreatModel:
    """The PGD of an attacker: from the clean image, with steps that can cross the ball."""
    assert attacker.loss is not None  # a search has no threat model
    budget = trial.budget
    return ThreatModel(
        norm=budget.norm,
        eps=budget.eps,
        step_size=attacker.reach * budget.eps / budget.steps,
        steps=budget.steps,
        aim="untargeted",
        start="clean",
        restarts=1,
        stop_at_success=stop_at_success,
        seed=budget.seed,
        loss=attacker.loss,
    )
