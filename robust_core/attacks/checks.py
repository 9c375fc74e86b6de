"""Further attacks on the images that an attack leaves, as a table: what each breaks says whether the first can be
believed.

A good attack leaves no image that one of them breaks, and without a limit it leaves none at all. `caveats` names the
sources.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from robust_core.attacks.balls import BALLS, project
from robust_core.attacks.draws import random_starts
from robust_core.attacks.goals import Goal
from robust_core.attacks.grids import resized
from robust_core.attacks.losses import LOSSES
from robust_core.attacks.passes import Passes
from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.precision import PRECISIONS, USUAL
from robust_core.attacks.threat import LossName, ThreatModel
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

NOISE_DRAWS = 20
REPEATS = 5  # as AutoAttack's check of randomized defenses
STEPS_TO_CROSS = 2.5  # all steps together of an attack without a limit, in diameters of the cube; as Madry et al. 2018
OTHER_LOSS: dict[LossName, LossName] = {
    "cross-entropy": "dlr",
    "dlr": "cross-entropy",
    "margin": "cross-entropy",
}
Broken = Generator[Progress, None, Tensor]


@dataclass(frozen=True, eq=False)
class Survivors:
    """The B images that an attack under `threat` leaves.

    pixels        (B,3,H,W) the clean images, in [0, 1]
    goal          what the attack was after
    indices       the number under which each has its random draws
    target_alone  whether nothing but the target class is a success (Orhan's scoring rule)
    """

    threat: ThreatModel
    pixels: Tensor
    goal: Goal
    indices: tuple[int, ...]
    target_alone: bool = False

    def broken(self, predicted: Tensor) -> Tensor:
        """(B,) whether the predictions (B,) mean that the image does not count as correct."""
        return self.goal.reached(predicted) if self.target_alone else predicted != self.goal.labels


@dataclass(frozen=True)
class Check:
    """One check.

    title      what is tried, such as "FGSM", from the threat
    because    what it means where it fires: where it breaks an image or, beyond the ball, where it leaves one
    beyond     whether it leaves the ball; its images do not count in a worst case then
    run        (B,) whether each image is broken; raises BadInput where the model has too few classes
    """

    key: str
    title: Callable[[ThreatModel], str] = field(repr=False)
    because: str
    source: str
    run: Callable[[LoadedModel, Survivors], Broken] = field(repr=False)
    beyond: bool = False

    def fires(self, broken: int, n: int) -> bool:
        """Whether `broken` of `n` images show that the attack failed."""
        return broken < n if self.beyond else broken > 0

    def sentence(self, broken: int, n: int, threat: ThreatModel) -> str:
        """What `broken` of `n` images mean for an attack under `threat`, with the numbers."""
        what, attack = self.title(threat), f"PGD-{threat.steps}"
        left = f"the {n} image{'' if n == 1 else 's'} that {attack} leaves"
        if not self.fires(broken, n):
            return f"{what} breaks {'all' if self.beyond else 'none'} of {left}, as it should be."
        if self.beyond:
            return f"{what} still leaves {n - broken} of {left}: {self.because}."
        return f"{what} breaks {broken} of {left}: {self.because}."


def fgsm_of(threat: ThreatModel) -> ThreatModel:
    """One step of eps from the clean image (Goodfellow et al. 2015), all else alike."""
    return replace(threat, steps=1, step_size=threat.eps, start="clean", restarts=1, stop_at_success=False)


def unbounded(threat: ThreatModel, shape: tuple[int, ...]) -> ThreatModel:
    """The same attack from the clean image in a ball that holds every image of `shape` (3,H,W).

    Its steps are as long, beside the ball, as they were, and long enough to cross it: what it leaves is not for want of
    steps alone.
    """
    diameter = BALLS[threat.norm].diameter(shape)
    ratio = max(threat.step_size / threat.eps if threat.eps else 0.0, STEPS_TO_CROSS / threat.steps)
    return replace(threat, eps=diameter, step_size=ratio * diameter, start="clean", restarts=1, stop_at_success=False)


def in_float32(threat: ThreatModel) -> ThreatModel:
    """The same attack in float32: what checks bfloat16 is not computed in it."""
    return replace(threat, precision=USUAL) if PRECISIONS[threat.precision].bfloat16 else threat


def moved(change: Tensor, clean: Tensor, threat: ThreatModel) -> Tensor:
    """`clean` (B,3,H,W) with the change (B,3,h,w) of another model's attack, resized where sizes differ, in the
    ball.
    """
    change = resized(change, *clean.shape[2:])
    return project(clean + change, clean, BALLS[threat.norm], threat.eps)


def transfer_from(title: str, change: Tensor) -> Check:
    """The check that tries the changes (B,3,h,w) by which the model of that title was attacked."""
    return Check(
        "transfer",
        lambda threat: f"Transfer from {title}",
        "another model's gradient does what its own does not, so its own is masked or badly used",
        "Carlini et al. 2019, sections 4.5 and 5.4",
        lambda model, left: _broken_by(model, left, moved(change, left.pixels, left.threat)),
    )


def _broken_by(model: LoadedModel, left: Survivors, images: Tensor) -> Broken:
    logits = yield from Passes(model, *images.shape[2:]).forward(images.to(model.device))
    return left.broken(logits.argmax(1))


def _attacked(threat: Callable[[Survivors], ThreatModel]) -> Callable[[LoadedModel, Survivors], Broken]:
    """The check that attacks once more, under the threat that `threat` makes, in float32; any step counts."""

    def run(model: LoadedModel, left: Survivors) -> Broken:
        goal, targets = left.goal, left.goal.targets
        chosen = None if left.threat.aim != "chosen" or targets is None else targets.tolist()
        events: Generator[Any, None, AttackStep] = pgd(
            model, left.pixels, goal.labels.tolist(), in_float32(threat(left)), chosen, indices=left.indices
        )
        broken = torch.zeros(len(left.pixels), dtype=torch.bool)
        for event in events:
            if isinstance(event, Progress):
                yield event
            elif event.step:
                broken |= left.broken(event.label)
                yield Progress(event.step, event.threat.steps, "steps")
        return broken

    return run


def _noise(model: LoadedModel, left: Survivors) -> Broken:
    broken = torch.zeros(len(left.pixels), dtype=torch.bool)
    ball, threat = BALLS[left.threat.norm], left.threat
    eps = min(threat.eps, ball.diameter(left.pixels.shape[1:]))
    for draw in range(NOISE_DRAWS):  # after the draws of the attack's own starts
        drawn = random_starts(left.pixels, ball, eps, threat.seed, left.indices, threat.restarts + draw)
        broken |= yield from _broken_by(model, left, drawn.clamp(0, 1))
    return broken


def _again(model: LoadedModel, left: Survivors) -> Broken:
    broken = []
    for _ in range(REPEATS):
        broken.append((yield from _broken_by(model, left, left.pixels)))
    repeats = torch.stack(broken)
    return repeats.any(0) & ~repeats.all(0)  # an image on the verge may fall with its batch, without any randomness


CHECKS: tuple[Check, ...] = (
    Check(
        "fgsm",
        lambda threat: "FGSM" if threat.norm == "linf" else "One step of ε",
        "one step does what all steps do not, so their size or number is wrong, or the gradient changes too fast",
        "Carlini et al. 2019, section 5.2",
        _attacked(lambda left: fgsm_of(left.threat)),
    ),
    Check(
        "noise",
        lambda threat: f"Uniform noise ({NOISE_DRAWS} draws)",
        "chance does what the gradient does not, so the gradient misleads the attack",
        "Carlini et al. 2019, sections 4.11 and 5.4",
        _noise,
    ),
    Check(
        "other_loss",
        lambda threat: f"PGD with the {LOSSES[OTHER_LOSS[threat.loss]].title} loss",
        "the attack's own loss misses what this one finds",
        "Croce & Hein 2020, section 4; AutoAttack's flag “Zero gradient”",
        _attacked(lambda left: replace(left.threat, loss=OTHER_LOSS[left.threat.loss])),
    ),
    Check(
        "unbounded",
        lambda threat: "PGD without a limit",
        "it fails for reasons of its own, not because ε is small",
        "Pintor et al. 2022, I6 (unconstrained attack failure); Carlini et al. 2019, section 5.3",
        _attacked(lambda left: unbounded(left.threat, tuple(left.pixels.shape[1:]))),
        beyond=True,
    ),
    Check(
        "again",
        lambda threat: f"Predicting again ({REPEATS} times)",
        "the model is randomized, so an attack has to average over its randomness",
        "Pintor et al. 2022, I2 (unstable predictions); AutoAttack's flag “Randomized defenses” (Croce & Hein 2020)",
        _again,
    ),
)
