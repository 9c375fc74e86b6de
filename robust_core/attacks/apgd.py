"""Auto-PGD (Croce & Hein 2020, "Reliable evaluation of adversarial robustness with an ensemble of diverse
parameter-free attacks", ICML, algorithm 1): projected gradient ascent with momentum, whose step size is halved where it
gets no farther.

Where paper and reference code differ, as the latter, by which all published numbers were made: a share of rises of
exactly ρ halves the step, and the first loss after a return to the best point is compared with that before the return.
An image that is broken leaves the batch, unless the search is to persist.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from robust_core.attacks.balls import Ball, ascend, project
from robust_core.attacks.draws import random_starts
from robust_core.attacks.goals import Goal, next_classes
from robust_core.attacks.losses import LOSSES
from robust_core.attacks.search import Events, Search
from robust_core.attacks.threat import LossName
from robust_core.events import Progress

ALPHA = 0.75  # weight of the step beside the momentum
RHO = 0.75  # share of steps that must raise the loss
FIRST_STEP = 2.0  # in radii
FIRST_GAP, LESS, SHORTEST = 22, 3, 6  # between checkpoints, in percent of all steps


@dataclass(eq=False)
class _Ascent:
    """The trajectories of the images that hold out, a row each; all at the same step.

    places, targets         (A,) of the images; targets None if untargeted
    clean, pixels, previous (A,3,H,W), the last two of this step and the one before; `gradient` at `pixels`
    loss                    (A,) at `pixels`
    best                    (A,3,H,W) where the loss was highest, with `best_gradient` and `best_loss`
    step_size               (A,1,1,1)
    rises                   (A,) how many steps raised the loss since the last checkpoint
    checked_loss            (A,) best_loss at the last checkpoint; `halved` (A,) whether the step was halved there
    """

    places: Tensor
    targets: Tensor | None
    clean: Tensor
    pixels: Tensor
    previous: Tensor
    gradient: Tensor
    loss: Tensor
    best: Tensor
    best_gradient: Tensor
    best_loss: Tensor
    step_size: Tensor
    rises: Tensor
    checked_loss: Tensor
    halved: Tensor

    def at(self, rows: Tensor) -> "_Ascent":
        """The trajectories where the mask `rows` (A,) is True."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        its: dict[str, Any] = {name: None if value is None else value[rows] for name, value in values}
        return _Ascent(**its)

    def moved(self, ball: Ball, eps: float, is_first: bool) -> Tensor:
        """(A,3,H,W) one step on, with momentum from the second on."""
        ahead = ascend(self.pixels, self.gradient, self.clean, ball, self.step_size, eps)
        if is_first:
            return ahead
        step = ALPHA * (ahead - self.pixels) + (1 - ALPHA) * (self.pixels - self.previous)
        return project(self.pixels + step, self.clean, ball, eps)

    def arrive(self, pixels: Tensor, loss: Tensor, gradient: Tensor) -> None:
        """Note the loss (A,) and the gradient at the new `pixels`."""
        self.previous, self.pixels, self.gradient = self.pixels, pixels, gradient
        self.rises += loss > self.loss
        self.loss = loss
        higher = loss > self.best_loss
        self.best[higher], self.best_gradient[higher] = pixels[higher], gradient[higher]
        self.best_loss = torch.where(higher, loss, self.best_loss)

    def check(self, steps: int) -> None:
        """Halve the step and return to the best point where too few of the last `steps` raised the loss, or where
        neither the step nor the best loss has changed since the last checkpoint.
        """
        stuck = (self.rises <= RHO * steps) | (~self.halved & (self.checked_loss >= self.best_loss))
        self.step_size[stuck] /= 2
        self.pixels[stuck], self.gradient[stuck] = self.best[stuck], self.best_gradient[stuck]
        self.rises, self.checked_loss, self.halved = torch.zeros_like(self.rises), self.best_loss, stuck


def apgd(search: Search, places: Tensor, loss: LossName, targets: Tensor | None = None, restart: int = 0) -> Events:
    """APGD from one random start on the images at `places` (A,), away from their labels or, with the DLR loss, towards
    `targets` (A,).

    Raises BadInput where the model has too few classes for the loss.
    """
    LOSSES[loss].check_classes(search.clean_logits.shape[1], targets is not None)
    steps, checks = search.config.steps, checkpoints(search.config.steps)
    state = yield from _begun(search, places, loss, targets, restart)
    for step in range(1, steps + 1):
        holds_out = search.holds_out(state.places)
        if not holds_out.any():
            return
        state = state if holds_out.all() else state.at(holds_out)
        pixels = state.moved(search.ball, search.eps, is_first=step == 1)
        if step == steps:
            yield from search.look(state.places, pixels)
        else:
            its_loss, gradient = yield from _followed(search, state.places, pixels, loss, state.targets)
            state.arrive(pixels, its_loss, gradient)
            if step in checks:
                state.check(checks[step])
        yield search.standing(step)


def _begun(
    search: Search, places: Tensor, loss: LossName, targets: Tensor | None, restart: int
) -> Generator[Progress, None, _Ascent]:
    pixels, clean = start(search, places, restart), search.clean[places]
    its_loss, gradient = yield from _followed(search, places, pixels, loss, targets)
    return _Ascent(
        places=places,
        targets=targets,
        clean=clean,
        pixels=pixels,
        previous=pixels,
        gradient=gradient,
        loss=its_loss,
        best=pixels.clone(),
        best_gradient=gradient.clone(),
        best_loss=its_loss,
        step_size=clean.new_full((len(places), 1, 1, 1), FIRST_STEP * search.eps),
        rises=torch.zeros(len(places)),
        checked_loss=its_loss,
        halved=torch.ones(len(places), dtype=torch.bool),
    )


def _followed(
    search: Search, places: Tensor, pixels: Tensor, loss: LossName, targets: Tensor | None
) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
    """The loss (A,), on the CPU, that the attack raises, and its gradient."""
    raised = _raised(loss)
    logits, gradient = yield from search.follow(places, pixels, raised, targets)
    return raised(logits, search.goal(places, targets)), gradient


def _raised(loss: LossName) -> Callable[[Tensor, Goal], Tensor]:
    """A targeted loss is lowered, so its negative is raised."""
    of = LOSSES[loss].of
    return lambda logits, goal: of(logits, goal) if goal.targets is None else -of(logits, goal)


def start(search: Search, places: Tensor, restart: int) -> Tensor:
    """(A,3,H,W) a random point on the edge of each ball, then brought into [0, 1]."""
    clean, indices = search.clean[places], [search.indices[place] for place in places.tolist()]
    ball, seed = search.ball, search.config.seed
    change = random_starts(torch.zeros_like(clean), ball, 1.0, seed, indices, restart)
    length = ball.distance(change).view(-1, 1, 1, 1)
    return (clean + search.eps * change / length).clamp(0, 1)


def checkpoints(steps: int) -> dict[int, int]:
    """After which steps the step size is reconsidered, and how many steps before each since the last; the paper's w."""
    percent, gap, last, found = FIRST_GAP, FIRST_GAP, 0, {}
    while percent <= 100:
        step = -(-percent * steps // 100)
        if step > last:
            found[step] = step - last
        gap, last = max(gap - LESS, SHORTEST), step
        percent += gap
    return found


def run_cross_entropy(search: Search) -> Events:
    """Untargeted, with the cross-entropy."""
    return apgd(search, search.active, "cross-entropy")


def run_dlr(search: Search) -> Events:
    """Untargeted, with the difference of logits ratio."""
    return apgd(search, search.active, "dlr")


def run_targeted(search: Search) -> Events:
    """Towards each of the next classes in turn, with the targeted DLR; the steps are those towards each."""
    targets = next_classes(search.clean_logits, search.labels)
    for number in range(targets.shape[1]):
        places = search.active
        if not len(places):
            return
        yield from search.share(apgd(search, places, "dlr", targets[places, number], number), number, targets.shape[1])
