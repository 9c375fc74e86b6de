"""What an attack is after, per image: the label that counts as correct, and the target class where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from robust_core.attacks.draws import random_targets
from robust_core.attacks.threat import ThreatModel
from robust_core.checks import whole
from robust_core.errors import BadInput

UNKNOWN = -1
MOST_TARGETS = 9  # of an attack that tries one class after the other, as in AutoAttack


@dataclass(frozen=True, eq=False)
class Goal:
    """`labels` (B,) count as correct; where `known` (B,) is False it is the clean prediction. `targets` (B,), None if
    untargeted.
    """

    labels: Tensor
    known: Tensor
    targets: Tensor | None

    @property
    def classes(self) -> Tensor:
        """(B,) the classes whose loss is followed: up from the labels, or down to the targets."""
        return self.labels if self.targets is None else self.targets

    def at(self, images: Tensor) -> "Goal":
        """The goal of the images at these places, or where a mask (B,) is True."""
        return Goal(self.labels[images], self.known[images], None if self.targets is None else self.targets[images])

    def reached(self, predicted: Tensor) -> Tensor:
        """(B,) whether the predictions (B,) are what the attack wants: anything but the label, or exactly the
        target.
        """
        return predicted != self.labels if self.targets is None else predicted == self.targets


@dataclass(frozen=True, eq=False)
class Request:
    """What the caller asked for, before the model's clean prediction is known; `labels` (B,) may be UNKNOWN."""

    threat: ThreatModel
    labels: Tensor
    targets: Tensor | None
    indices: tuple[int, ...]

    def goal(self, logits: Tensor, rows: slice = slice(None)) -> Goal:
        """The goal for the images at `rows`, given the clean `logits` (B,K) of these.

        Raises BadInput when a class is not one of the K, or a chosen target is the label itself.
        """
        given = self.labels[rows]
        _check_range("label", given, logits.shape[1])
        labels = torch.where(given == UNKNOWN, logits.argmax(1), given)
        return Goal(labels, given != UNKNOWN, self._aim(logits, labels, rows))

    def _aim(self, logits: Tensor, labels: Tensor, rows: slice) -> Tensor | None:
        if self.threat.aim == "untargeted":
            return None
        if self.threat.aim == "random":
            return random_targets(labels, logits.shape[1], self.threat.seed, self.indices[rows])
        if self.threat.aim == "least_likely":
            # a model may be so wrong that the label is the least likely
            others = logits.scatter(1, labels[:, None], torch.inf)
            return others.argmin(1)
        assert self.targets is not None  # as `make_request` has checked
        targets = self.targets[rows]
        _check_range("target", targets, logits.shape[1])
        if (targets == labels).any():
            both = int(targets[targets == labels][0])
            raise BadInput(f"A target must differ from the image's own class; got class {both} for both.")
        return targets


def make_request(
    threat: ThreatModel,
    n: int,
    labels: Sequence[int | None] | None,
    targets: Sequence[int] | None,
    indices: Sequence[int] | None,
) -> Request:
    """The request for `n` images, checked as far as it can be without the model; raises BadInput."""
    if (targets is None) == (threat.aim == "chosen"):
        given = "no targets" if targets is None else "targets"
        raise BadInput(f"Targets belong to the aim 'chosen' and to no other; got {given} with the aim {threat.aim!r}.")
    labels = [None] * n if labels is None else list(labels)
    known = iter(_whole_numbers("label", [label for label in labels if label is not None]))
    return Request(
        threat,
        torch.tensor(_one_each("label", [UNKNOWN if label is None else next(known) for label in labels], n)),
        None if targets is None else torch.tensor(_one_each("target", _whole_numbers("target", targets), n)),
        tuple(range(n) if indices is None else _one_each("index", _whole_numbers("index", indices), n)),
    )


def next_classes(logits: Tensor, labels: Tensor) -> Tensor:
    """(B,T) the classes that come next to the labels (B,) by `logits` (B,K), from the highest down; at most 9."""
    others = logits.scatter(1, labels[:, None], torch.inf)
    return others.topk(min(MOST_TARGETS + 1, logits.shape[1]), dim=1).indices[:, 1:]


def _whole_numbers(kind: str, numbers: Sequence[int]) -> list[int]:
    return [whole(f"Each {kind}", number, 0) for number in numbers]


def _one_each(kind: str, numbers: list[int], n: int) -> list[int]:
    if len(numbers) != n:
        raise BadInput(f"There must be one {kind} for each of the {n} images; got {len(numbers)}.")
    return numbers


def _check_range(kind: str, classes: Tensor, known: int) -> None:
    if int(classes.max()) >= known:
        raise BadInput(f"The model has the classes 0 to {known - 1}; got {int(classes.max())} as a {kind}.")
