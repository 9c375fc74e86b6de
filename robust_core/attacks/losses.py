"""What an attack follows, as a table: the cross-entropy, the difference of logits ratio (DLR), or the margin.

The cross-entropy of a network that is sure of itself has a gradient that float32 cannot hold. The margin is a
difference of logits, which vanishes with neither; the DLR divides it by another one, so that the scale of the logits
does not change it either.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from robust_core.attacks.goals import Goal
from robust_core.attacks.threat import LossName
from robust_core.errors import BadInput

TINY_DENOMINATOR = 1e-12  # as AutoAttack has it


@dataclass(frozen=True)
class Loss:
    """One loss.

    of                  (B,) from logits (B,K) and a Goal; the attack raises it if untargeted and lowers it if targeted
    column              what tables call its mean, with its unit
    least_classes       how many classes it needs, untargeted and targeted
    """

    title: str
    column: str
    least_classes: tuple[int, int]
    of: Callable[[Tensor, Goal], Tensor]

    def check_classes(self, classes: int, targeted: bool) -> None:
        """Raise BadInput where a model has too few classes for it."""
        untargeted_least, targeted_least = self.least_classes
        if classes < (targeted_least if targeted else untargeted_least):
            raise BadInput(
                f"The {self.title} loss needs at least {untargeted_least} classes, {targeted_least} when the attack is "
                f"targeted; this model has {classes}."
            )


def _cross_entropy(logits: Tensor, goal: Goal) -> Tensor:
    return functional.cross_entropy(logits, goal.classes.to(logits.device), reduction="none")


def _dlr(logits: Tensor, goal: Goal) -> Tensor:
    """Croce & Hein 2020, section 4; the targeted one with its sign turned, since it is lowered."""
    labels = goal.labels.to(logits.device)
    own, most = _at(logits, labels), logits.topk(3 if goal.targets is None else 4, dim=1).values.T
    if goal.targets is None:
        best_other = torch.where(logits.argmax(1) == labels, most[1], most[0])
        return (best_other - own) / (most[0] - most[2] + TINY_DENOMINATOR)
    target = _at(logits, goal.targets.to(logits.device))
    return (own - target) / (most[0] - (most[2] + most[3]) / 2 + TINY_DENOMINATOR)


def _margin(logits: Tensor, goal: Goal) -> Tensor:
    """Carlini & Wagner 2017, section V-A, f6 without its floor: the best other logit minus the label's; targeted, the
    best other minus the target's.
    """
    classes = goal.classes.to(logits.device)
    own, others = _at(logits, classes), logits.scatter(1, classes[:, None], -torch.inf)
    return others.amax(1) - own


def _at(rows: Tensor, columns: Tensor) -> Tensor:
    return rows.gather(1, columns[:, None]).squeeze(1)


LOSSES: dict[LossName, Loss] = {
    "cross-entropy": Loss("cross-entropy", "mean_loss_nats", (1, 1), _cross_entropy),
    "dlr": Loss("DLR", "mean_dlr_loss", (3, 4), _dlr),
    "margin": Loss("margin", "mean_margin_logits", (2, 2), _margin),
}
