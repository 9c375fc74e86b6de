"""Maps that are means over random draws: how many draws they take, and how closely another seed would draw them
again.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from torch import Tensor

from robust_core.attributions.batches import in_batches
from robust_core.events import Progress, mapped
from robust_core.models.loading import LoadedModel

STEADY = 0.8  # the correlation with another seed's map at which drawing ends, and below which a map is greyed
FIRST = 32  # draws before the first look

Sums = tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Estimate:
    """What a method computes: `values` (1,C,H,W).

    seed_correlation  for a method that draws, Pearson's correlation to expect with the map (summed over the colours) of
                      another seed; None for other methods, and for a map that is the same everywhere
    samples           how many draws it took, None for other methods
    end_score         the target's logit where the way from the baseline ends, None unless that is not the image itself
    """

    values: Tensor
    seed_correlation: float | None = None
    samples: int | None = None
    end_score: float | None = None


def until_steady(
    model: LoadedModel,
    pixels: Tensor,
    most: int,
    draw: Callable[[Sequence[int]], Sums],
    finish: Callable[[Sums, int], Tensor],
    enough: Callable[[Sums, int], bool] = lambda sums, n: True,
) -> Generator[Progress, None, tuple[Estimate, Sums]]:
    """Draw until another seed would give nearly the same map and `enough(sums, n)` holds, at most `most` times.

    `draw(places)` are sums over the draws at `places`, which are even in one half of all draws and odd in the other, so
    that the halves are independent; `finish(sums, n)` is the map (1,C,H,W) of n draws. Returns the estimate and the
    sums over all draws. The number of draws doubles between two looks.
    """
    halves: tuple[list[Sums], list[Sums]] = [], []
    done = 0
    while True:
        goal = min(most, max(FIRST, 2 * done))
        for half, sums in enumerate(halves):
            rows = range(_in_half(done, half), _in_half(goal, half))
            work = in_batches(model, pixels, len(rows), partial(_draw, draw, rows.start, half))
            sums.extend((yield from mapped(work, partial(_after, done, most))))
        done = goal
        correlation = split_half(*(finish(_total(half), _in_half(done, n)) for n, half in enumerate(halves)))
        total = _total(halves[0] + halves[1])
        if done == most or ((correlation is None or correlation >= STEADY) and enough(total, done)):
            return Estimate(finish(total, done), correlation, done), total
        yield Progress(done, most, "samples", "explaining")


def split_half(one: Tensor, other: Tensor) -> float | None:
    """The correlation to expect between two maps of all draws each, from maps (1,C,H,W) of half of them: Pearson's
    correlation r of the halves, stepped up to 2r / (1 + r) (Spearman 1910, Brown 1910).

    None where a map is the same everywhere.
    """
    first, second = (half.sum(1).flatten().cpu().double().numpy() for half in (one, other))
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    r = float(np.corrcoef(first, second)[0, 1])
    return 2 * r / (1 + r) if r > 0 else r


def _in_half(n: int, half: int) -> int:
    """How many of the first `n` places belong to half 0 (even) or 1 (odd)."""
    return (n + 1 - half) // 2


def _draw(draw: Callable[[Sequence[int]], Sums], first: int, half: int, rows: range) -> Sums:
    return draw([2 * (first + row) + half for row in rows])


def _after(done: int, most: int, event: Progress) -> Progress:
    return Progress(done + event.done, most, "samples", event.note)


def _total(parts: Sequence[Sums]) -> Sums:
    return tuple(sum(one[1:], one[0]) for one in zip(*parts, strict=True))
