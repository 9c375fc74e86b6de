"""The fast adaptive boundary attack, targeted (Croce & Hein 2020, "Minimally distorted adversarial examples with a fast
adaptive boundary attack", ICML, algorithm 1): steps onto the boundary as the gradient sees it, drawn towards the clean
image.

As in AutoAttack: from the clean image, towards each of the next 9 classes in turn, without the paper's final search.
In a ball an image is done with as soon as a change inside it is found.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from robust_core.attacks.balls import TINY
from robust_core.attacks.goals import Goal, next_classes
from robust_core.attacks.search import Events, Search
from robust_core.events import Progress

MOST_TOWARDS_CLEAN = 0.1  # the paper's α_max
OVERSHOOT = 1.05  # η
BACK = 0.9  # β: how much of a change remains once it fools
SHORTEST = 1e-8
NEWTON_STEPS = 50  # far more than it takes
ROUNDING = 1e-5  # relative to the length


def run(search: Search) -> Events:
    """Towards each of the next classes in turn; the steps are those towards each."""
    targets = next_classes(search.clean_logits, search.labels)
    for number in range(targets.shape[1]):
        if not len(places := search.active):
            return
        yield from search.share(fab(search, places, targets[places, number]), number, targets.shape[1])


def fab(search: Search, places: Tensor, targets: Tensor) -> Events:
    """FAB towards `targets` (A,) on the images at `places` (A,); any wrong class is a success."""
    pixels = search.clean[places]
    for step in range(1, search.config.steps + 1):
        pixels = yield from _stepped(search, places, targets, pixels)
        yield search.standing(step)
        going = torch.isin(places, search.active)
        if not going.any():
            return
        if not going.all():
            places, targets, pixels = places[going], targets[going], pixels[going]


def _stepped(search: Search, places: Tensor, targets: Tensor, pixels: Tensor) -> Generator[Progress, None, Tensor]:
    clean = search.clean[places]
    logits, normal = yield from search.follow(places, pixels, _lead, targets)
    missing = -_lead(logits, search.goal(places, targets)).to(pixels)
    from_here = to_hyperplane(pixels, normal, missing, search.config.norm)
    further = missing + (normal * (pixels - clean)).flatten(1).sum(1)
    from_clean = to_hyperplane(clean, normal, further, search.config.norm)
    here, there = (search.ball.distance(change).clamp_min(SHORTEST) for change in (from_here, from_clean))
    weight = (here / (here + there)).clamp_max(MOST_TOWARDS_CLEAN).view(-1, 1, 1, 1)
    moved = (1 - weight) * (pixels + OVERSHOOT * from_here) + weight * (clean + OVERSHOOT * from_clean)
    moved = moved.clamp(0, 1)
    fools = (yield from search.look(places, moved)).argmax(1) != search.labels[places]
    moved[fools] = clean[fools] + BACK * (moved[fools] - clean[fools])
    return moved


def _lead(logits: Tensor, goal: Goal) -> Tensor:
    """(B,) by how much the target is ahead of the label."""
    assert goal.targets is not None
    labels, targets = goal.labels.to(logits.device)[:, None], goal.targets.to(logits.device)[:, None]
    return (logits.gather(1, targets) - logits.gather(1, labels)).squeeze(1)


def to_hyperplane(pixels: Tensor, normal: Tensor, missing: Tensor, norm: str) -> Tensor:
    """The shortest change of each of `pixels` (B,3,H,W) inside [0, 1] whose product with `normal` (B,3,H,W) is
    `missing` (B,); the farthest there is where none is long enough. The paper's section 3.1, its projections (3).

    Each value moves along the normal, in L∞ all alike and in L2 in proportion to it, until it reaches 0 or 1. How far
    that leads is a concave, piecewise linear function of the length, so that Newton's method from 0 on never overshoots
    and ends at the solution, without the sorting of the original.
    """
    peak = normal.abs().amax(dim=(1, 2, 3)).clamp_min(TINY)
    way = normal / (peak * torch.where(missing < 0, -1.0, 1.0)).view(-1, 1, 1, 1)
    size, room, missing = way.abs(), torch.where(way > 0, 1 - pixels, pixels), missing.abs() / peak
    speed = torch.ones_like(size) if norm == "linf" else size
    length = torch.zeros_like(missing)
    for _ in range(NEWTON_STEPS):
        change = torch.minimum(length.view(-1, 1, 1, 1) * speed, room)
        gap = missing - (size * change).flatten(1).sum(1)
        slope = (size * speed * (change < room)).flatten(1).sum(1)
        longer = torch.where(slope > 0, gap.clamp_min(0) / slope.clamp_min(TINY), 0)
        if not (longer > length * ROUNDING).any():
            break
        length = length + longer
    return way.sign() * change
