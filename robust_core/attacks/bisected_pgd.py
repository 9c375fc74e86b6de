"""The smallest change that PGD finds, by bisection over ε: every image has a ball of its own, which shrinks when the
attack succeeds and grows when it does not.

One step of Madry et al. 2018 (section 2.1) goes along the margin, the logit of the best other class less that of the
label: it stays steep where a network is sure of itself, and divided by the length of its gradient it says how far away
the boundary is, to first order, which is the first ε that is tried. A ball that was not left within a few steps does
not prove that it holds nothing: once both ends of a bisection have met, it begins anew below the best change.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from robust_core.attacks.balls import TINY, ascend
from robust_core.attacks.goals import Goal
from robust_core.attacks.search import Search, Standing
from robust_core.events import Progress
from robust_core.models.finite import require_finite

STEPS_EACH = 8  # in one ball, before it counts as holding nothing
STEP_FRACTION = 0.5  # of the radius, for the first step in a ball
DECAY = 0.6  # from each of them to the next
GROWTH = 1.5  # of a radius, at least, while none is known that is large enough
MET = 1.01  # the ratio of both ends at which a bisection is over
ANEW = 0.9  # of the best distance: where the next one begins


def run(search: Search) -> Generator[Progress | Standing, None, None]:
    """Every step, of all images that are right when clean, and one look at where the last one leads."""
    bisection = _Bisection(search)
    for step in range(1, search.config.steps + 1):
        yield from bisection.step()
        yield search.standing(step)
    yield from search.look(bisection.places, bisection.pixels)


class _Bisection:
    """The state: a row for each image at `places`, on the model's device.

    low, high  the largest radius at which the attack failed, and the smallest distance at which it succeeded
    radius     of the ball that is searched now, in which `tried` steps have failed
    """

    def __init__(self, search: Search):
        self.search, self.ball, self.places = search, search.ball, search.active
        self.clean = search.clean[self.places]
        self.pixels = self.clean.clone()
        rows = torch.zeros(len(self.places), device=self.clean.device)
        self.low, self.radius, self.tried = rows.clone(), rows.clone(), rows.clone()
        self.high = torch.full_like(rows, torch.inf)
        self.widest = self.ball.diameter(tuple(self.clean.shape[1:]))

    def step(self) -> Generator[Progress, None, None]:
        """Look at where every image is, change its radius by what is seen there, and take it a step on."""
        logits, gradients = yield from self.search.follow(self.places, self.pixels, _margin)
        direction = self.ball.direction(gradients)
        steepness = (gradients * direction).flatten(1).sum(1)
        require_finite(self.search.model.spec.title, "gradients", steepness.isfinite().cpu())
        margin = _margin(logits, self.search.goal(self.places)).to(steepness)
        self._bisect(margin, steepness)
        radius = self.radius.view(-1, 1, 1, 1)
        step_size = STEP_FRACTION * radius * DECAY ** self.tried.view(-1, 1, 1, 1)
        self.pixels = ascend(self.pixels, gradients, self.clean, self.ball, step_size, radius)

    def _bisect(self, margin: Tensor, steepness: Tensor) -> None:
        distance = self.ball.distance(self.pixels - self.clean)
        success = margin > 0
        self.high = torch.where(success & (distance < self.high), distance, self.high)
        self.tried += 1
        failed = ~success & (self.tried > STEPS_EACH) & (self.radius > 0)
        self.low = torch.where(failed, self.radius, self.low)
        self.low = torch.where(self.high <= MET * self.low, ANEW * self.high, self.low)
        linear = distance + margin.abs() / steepness.clamp_min(TINY)  # where the boundary is, to first order
        wider = torch.maximum(linear, GROWTH * self.radius).clamp_max(self.widest)
        between = torch.where(self.high.isinf(), wider, (self.low + self.high) / 2)
        moves = success | failed | (self.radius == 0)
        self.radius = torch.where(moves, between, self.radius)
        self.tried = torch.where(moves, 0.0, self.tried)


def _margin(logits: Tensor, goal: Goal) -> Tensor:
    """(B,) the logit of the best other class less that of the label, of logits (B,K): above 0 where it fools."""
    labels = goal.labels.to(logits.device)[:, None]
    others = logits.scatter(1, labels, -torch.inf)
    return others.amax(1) - logits.gather(1, labels).squeeze(1)
