"""What an experiment asks about images that somebody may change: what is right under an attack, on the model itself or
on another one, how little fools it, and what no attack changes. Tasks as those of `tasks.py`.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.threat import ThreatModel
from robust_core.benchmark.image_means import CLEAN
from robust_core.benchmark.tasks import Question, UnitPredictions
from robust_core.certificates.smoothing import Smoothing
from robust_core.events import Progress, mapped, progress_of

if TYPE_CHECKING:  # pages list experiments before torch is there
    from torch import Tensor

    from robust_core.attacks.pgd import AttackStep
    from robust_core.attacks.search import Attacked
    from robust_core.certificates.certify import Certificate
    from robust_core.models.loading import LoadedModel

CLEAN_STANDS_IN = "clean_stands_in"
UNCLIPPED_START = "unclipped_start"
ATTACK, SOURCE, SIGMA = "attack", "source", "sigma"  # words of conditions
SMALLEST_EPS, ABSTAINS, RADIUS = "smallest_eps", "abstains", "radius"  # fields of predictions
MANY_CLASSES = 16  # with more of them no attack takes more passes


@dataclass(frozen=True)
class RobustAccuracy:
    """Whether the prediction is right after each step of an attack, whose eps the condition sets; `step_fraction` of
    eps is its step, if given.

    Read as the paper does (clean_stands_in), or by the last iterate.
    """

    threat: ThreatModel
    step_fraction: float | None = None
    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = True

    @property
    def passes(self) -> int:
        """One forward and one backward for every step, and the clean image."""
        return 2 * self.threat.steps + 1

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """correct (B, steps + 1) bool, the clean image first."""
        from robust_core.attacks.pgd import AttackStep, pgd
        from robust_core.attacks.scoring import LAST_ITERATE, PAPER, read

        threat, steps = set_threat(self.threat, self.step_fraction, question), []
        labels, places = question.labels.tolist(), question.places.tolist()
        for event in pgd(question.model, question.pixels, labels, threat, indices=places):
            if isinstance(event, AttackStep):
                steps.append(event)
                yield Progress(event.step, threat.steps, "steps", "attacking")
            else:
                yield event
        counted = read(steps, PAPER if CLEAN_STANDS_IN in question.quirks else LAST_ITERATE)
        return {"correct": np.stack([correct.numpy() for correct in counted], axis=1)}


@dataclass(frozen=True)
class UnderAttack:
    """Whether the prediction is right after the attack that the condition names, which is one of `attacks`."""

    attacks: tuple[AttackConfig, ...]
    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = True

    @property
    def passes(self) -> int:
        """At most, in the mean over the attacks."""
        return sum(map(_passes, self.attacks)) // len(self.attacks)

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """clean_correct, correct (B,) bool: without the attack, and with it."""
        config = next(one for one in self.attacks if one.attack == question.settings[ATTACK])
        found = yield from _attacked(question.model, question, config)
        return {CLEAN: found.clean_correct.numpy(), "correct": ~found.broken.numpy()}


@dataclass(frozen=True)
class TransferAttack:
    """Whether the prediction is right about images that were attacked on another model (Papernot et al. 2017): the
    `substitute`, or the `source` that the condition names.

    A ThreatModel hands over the last iterate, or the clean image where it failed (clean_stands_in); an AttackConfig the
    last image that fools the other model, or else the last one.
    """

    attack: ThreatModel | AttackConfig
    substitute: str | None = None
    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = True

    @property
    def passes(self) -> int:
        """One forward and one backward for every step, the clean image, and the other model's prediction."""
        return 2 * self.attack.steps + 2

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """correct (B,) bool."""
        from robust_core.models.pool import shared_pool

        with shared_pool().use(self.substitute or question.settings[SOURCE]) as attacker:
            handed_over = yield from self._handed_over(attacker, question)
        return {"correct": (yield from question.logits(handed_over)).argmax(1) == question.labels}

    def _handed_over(self, attacker: "LoadedModel", question: Question) -> "Generator[Progress, None, Tensor]":
        """The attacked images (B,3,H,W), on the device of the model that is asked."""
        if isinstance(self.attack, ThreatModel):
            return (yield from _last_iterate(attacker, question, set_threat(self.attack, None, question)))
        found = yield from _attacked(attacker, question, self.attack, persist=True)
        return found.pixels.to(question.model.device)


@dataclass(frozen=True)
class SmallestChange:
    """The smallest eps at which one of `searches` fools the model, image by image."""

    searches: tuple[AttackConfig, ...]
    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = True

    @property
    def passes(self) -> int:
        """Of all searches together."""
        return sum(map(_passes, self.searches))

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """smallest_eps (B,) float32: 0 where the clean image is wrong, infinite where no search fools the model."""
        distances = []
        for config in self.searches:
            found = yield from _attacked(question.model, question, config)
            distances.append(found.distance.numpy())
        return {SMALLEST_EPS: np.min(distances, axis=0).astype(np.float32)}


@dataclass(frozen=True)
class Certify:
    """How far the class of the smoothed model is certified, with the one of `smoothings` that has the condition's
    sigma.
    """

    smoothings: tuple[Smoothing, ...]
    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = False

    @property
    def passes(self) -> int:
        """One for every draw of noise."""
        return max(one.n0 + one.n for one in self.smoothings)

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """correct, abstains (B,) bool: whether the right class is certified, and whether none is; radius (B,) of the
        certified class in pixel units, 0 where there is none.
        """
        from robust_core.certificates.certify import certify

        sigma = float(question.settings[SIGMA])
        smoothing = replace(next(one for one in self.smoothings if one.sigma == sigma), seed=question.seed)
        proofs: list[Certificate] = []
        for image, place in zip(question.pixels, question.places.tolist(), strict=True):
            yield Progress(len(proofs), len(question.places), "images", "certifying")
            proofs.append((yield from progress_of(certify(question.model, image, smoothing, place))))
        abstains = np.array([proof.abstains for proof in proofs])
        return {
            "correct": (np.array([proof.candidate for proof in proofs]) == question.labels) & ~abstains,
            ABSTAINS: abstains,
            RADIUS: np.array([proof.radius for proof in proofs]),
        }


def _passes(config: AttackConfig) -> int:
    return sum(config.row.passes(config.steps, MANY_CLASSES))


def _attacked(
    model: "LoadedModel", question: Question, config: AttackConfig, *, persist: bool = False
) -> "Generator[Progress, None, Attacked]":
    """What an attack of the table comes to on `model`, with the run's seed and each image's own draws."""
    from robust_core.studies.attacking import attacked

    labels, places = question.labels.tolist(), question.places.tolist()
    seeded = replace(config, seed=question.seed)
    return attacked(model, question.pixels, labels, seeded, indices=places, persist=persist)


def _last_iterate(
    attacker: "LoadedModel", question: Question, threat: ThreatModel
) -> "Generator[Progress, None, Tensor]":
    """The images as the attack on `attacker` left them; clean ones where it failed and these stand in."""
    import torch

    from robust_core.attacks.pgd import pgd

    pixels, labels, places = question.pixels, question.labels.tolist(), question.places.tolist()
    work = pgd(attacker, pixels, labels, threat, indices=places, keep=range(len(pixels)))
    step = yield from mapped(work, _attacking)
    attacked = step.pixels.to(pixels.device)
    if CLEAN_STANDS_IN in question.quirks:
        attacked = torch.where(step.reached.to(pixels.device)[:, None, None, None], attacked, pixels)
    return attacked


def _attacking(event: "Progress | AttackStep") -> Progress:
    """An event of an attack as a Progress that names it."""
    if isinstance(event, Progress):
        return replace(event, note="attacking")
    return Progress(event.step, event.threat.steps, "steps", "attacking")


def set_threat(threat: ThreatModel, step_fraction: float | None, question: Question) -> ThreatModel:
    """`threat` with the condition's eps, the run's seed, and the start that the quirks ask for."""
    eps = float(question.settings["eps"])
    start = threat.start if UNCLIPPED_START in question.quirks or threat.start != "random_unclipped" else "random"
    return replace(
        threat,
        eps=eps,
        step_size=step_fraction * eps if step_fraction else threat.step_size,
        start=start,
        seed=question.seed,
    )
