"""The Square attack (Andriushchenko et al. 2020, "Square attack: a query-efficient black-box adversarial attack via
random search", ECCV, algorithms 1 to 3): a square at a random place changes, and stays so where that lowers the margin.

The side of the square follows the paper's schedule for 10,000 queries whatever their number, as in AutoAttack. Each
image has its own squares, where the reference code has one place for all images of a batch.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from robust_core.attacks.balls import TINY
from robust_core.attacks.draws import square_generators
from robust_core.attacks.search import Events, Search
from robust_core.events import Progress

P_INIT = 0.8  # share of the image that the first squares cover
HALVED_AFTER = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)  # queries
CHANNELS = 3
DRAWS = 5 + CHANNELS  # places of two squares, which way that of L2 lies, and signs
QUERIES_AT_ONCE = 256  # that are drawn
STANDINGS = 100
Generators = list[np.random.Generator]


@dataclass(frozen=True)
class Squares:
    """What the squares of one norm are.

    start  (A,3,H,W) of clean images (A,3,H,W), eps and each image's generators
    move   candidates (A,3,H,W) from the best so far, the clean images, eps, the share of the image that a square
           covers, and draws (A,8) from [0, 1)
    """

    start: Callable[[Tensor, float, Generators], Tensor]
    move: Callable[[Tensor, Tensor, float, float, Tensor], Tensor]


def run(search: Search) -> Events:
    """As many queries as the attack has steps, the first for the start."""
    return square(search, search.config.steps)


def square(search: Search, queries: int) -> Events:
    """The Square attack on the images that are still to be attacked; a Standing comes when one breaks, and at every
    hundredth of the queries.
    """
    places, squares = search.active, SQUARES[search.config.norm]
    draws = _Draws(search.config.seed, [search.indices[place] for place in places.tolist()])
    pixels = squares.start(search.clean[places], search.eps, draws.generators)
    margin = _margin((yield from search.look(places, pixels)), search.labels[places])
    for query in range(1, queries):
        holds_out = search.holds_out(places)
        if not holds_out.all():
            yield search.standing(query)
            places, pixels, margin = places[holds_out], pixels[holds_out], margin[holds_out]
            draws.keep(holds_out)
        elif query % max(1, queries // STANDINGS) == 0:
            yield search.standing(query)
        else:
            yield Progress(query, queries, "queries")
        if not len(places):
            return
        moved = squares.move(pixels, search.clean[places], search.eps, covered(query - 1), draws.next().to(pixels))
        its_margin = _margin((yield from search.look(places, moved)), search.labels[places])
        lower = its_margin < margin
        pixels[lower], margin[lower] = moved[lower], its_margin[lower]


class _Draws:
    """The random numbers of each image, from its own `generators`, drawn for many queries at once."""

    def __init__(self, seed: int, indices: list[int]):
        self.generators = square_generators(seed, indices)
        self.left = torch.empty(len(indices), 0, DRAWS, dtype=torch.float64)

    def keep(self, images: Tensor) -> None:
        """Only those where the mask (A,) is True."""
        self.generators = [one for one, kept in zip(self.generators, images.tolist(), strict=True) if kept]
        self.left = self.left[images]

    def next(self) -> Tensor:
        """(A,8) in [0, 1)."""
        if not self.left.shape[1]:
            self.left = torch.from_numpy(np.stack([one.random((QUERIES_AT_ONCE, DRAWS)) for one in self.generators]))
        drawn, self.left = self.left[:, 0], self.left[:, 1:]
        return drawn


def covered(queries: int) -> float:
    """The share of the image that the next square covers after so many."""
    return P_INIT / 2 ** bisect_left(HALVED_AFTER, queries)


def _margin(logits: Tensor, labels: Tensor) -> Tensor:
    """(A,) by how much the label leads, which the attack lowers."""
    own = logits.gather(1, labels[:, None]).squeeze(1)
    return own - logits.scatter(1, labels[:, None], -torch.inf).amax(1)


def _side(clean: Tensor, share: float, least: int, odd: bool) -> int:
    height, width = clean.shape[2:]
    side = max(round(math.sqrt(share * height * width)), least)
    return min(side + (odd and side % 2 == 0), height, width)


def _corner(draws: Tensor, clean: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """(A,) the first row, and the first column, of a square that lies inside the image, from draws (A,2)."""
    height, width = clean.shape[2:]
    return (draws[:, 0] * (height - side + 1)).long(), (draws[:, 1] * (width - side + 1)).long()


def _mask(corner: tuple[Tensor, Tensor], clean: Tensor, side: int) -> Tensor:
    """(A,1,H,W) where the square is."""
    rows, columns = (
        (at := torch.arange(length, device=clean.device)[None] - first[:, None]).ge(0) & at.lt(side)
        for first, length in zip(corner, clean.shape[2:], strict=True)
    )
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def _signs(draws: Tensor) -> Tensor:
    return torch.where(draws < 0.5, -1.0, 1.0)


def _drawn_from(generators: Generators, shape: tuple[int, ...], like: Tensor) -> Tensor:
    return torch.from_numpy(np.stack([one.random(shape) for one in generators])).to(like)


def _linf_start(clean: Tensor, eps: float, generators: Generators) -> Tensor:
    """Vertical stripes one value wide."""
    return (clean + eps * _signs(_drawn_from(generators, (CHANNELS, 1, clean.shape[3]), clean))).clamp(0, 1)


def _linf_move(pixels: Tensor, clean: Tensor, eps: float, share: float, draws: Tensor) -> Tensor:
    """Algorithm 2: all of a square and channel goes to one edge of the ball."""
    side = _side(clean, share, least=1, odd=False)
    edge = (clean + eps * _signs(draws[:, -CHANNELS:])[:, :, None, None]).clamp(0, 1)
    return torch.where(_mask(_corner(draws[:, :2], clean, side), clean, side), edge, pixels)


def _l2_start(clean: Tensor, eps: float, generators: Generators) -> Tensor:
    """A grid of 5 × 5 bumps, of a random sign in each channel."""
    height, width = clean.shape[2:]
    side = max(1, min(height, width) // 5)
    rows, columns = height // side, width // side
    drawn = _drawn_from(generators, (rows, columns, 1 + CHANNELS), clean)
    tiles = _bumps(side, drawn[..., :1, None, None], clean) * _signs(drawn[..., 1:, None, None])
    change, top, left = torch.zeros_like(clean), (height - rows * side) // 2, (width - columns * side) // 2
    grid = tiles.permute(0, 3, 1, 4, 2, 5).reshape(len(clean), CHANNELS, rows * side, columns * side)
    change[:, :, top : top + rows * side, left : left + columns * side] = grid
    return _at_edge(clean, change, eps)


def _l2_move(pixels: Tensor, clean: Tensor, eps: float, share: float, draws: Tensor) -> Tensor:
    """Algorithm 3: the change inside a square grows a bump, out of what is left of eps and of the change inside a
    second square, which is emptied.
    """
    side, change = _side(clean, share, least=3, odd=True), pixels - clean
    grown, emptied = (_corner(draws[:, at : at + 2], clean, side) for at in (0, 2))
    rows, columns = (first[:, None] + torch.arange(side, device=clean.device) for first in grown)
    images, channels = torch.arange(len(clean))[:, None, None, None], torch.arange(CHANNELS)[None, :, None, None]
    window = (images, channels, rows[:, None, :, None], columns[:, None, None, :])
    both = _mask(grown, clean, side) | _mask(emptied, clean, side)
    spare = (eps**2 - _length(change, (1, 2, 3)).square()).clamp_min(0) / CHANNELS
    budget = (spare + _length(change * both, (2, 3)).square()).sqrt()
    bump = _bumps(side, draws[:, 4].view(-1, 1, 1, 1), clean) * _signs(draws[:, -CHANNELS:])[:, :, None, None]
    inside = bump + _unit(change[window], (2, 3))
    change = change * ~_mask(emptied, clean, side)
    change[window] = _unit(inside, (2, 3)) * budget
    return _at_edge(clean, change, eps)


def _at_edge(clean: Tensor, change: Tensor, eps: float) -> Tensor:
    return (clean + eps * _unit(change, (1, 2, 3))).clamp(0, 1)


def _length(change: Tensor, dimensions: tuple[int, ...]) -> Tensor:
    return torch.linalg.vector_norm(change, dim=dimensions, keepdim=True)


def _unit(change: Tensor, dimensions: tuple[int, ...]) -> Tensor:
    return change / _length(change, dimensions).clamp_min(TINY)


def _bumps(side: int, draws: Tensor, like: Tensor) -> Tensor:
    """One bump (side,side) for each of draws (…,1,1), upright or turned onto its side."""
    upright = bump(side).to(like)
    return torch.where(draws < 0.5, upright, upright.T)


@lru_cache
def bump(side: int) -> Tensor:
    """(side,side) of length 1: a positive mound over a negative one; the paper's η, section 3.3."""
    upper = side // 2
    both = torch.cat([_mound(upper, side), -_mound(side - upper, side)])
    return both / both.norm()


def _mound(height: int, width: int) -> Tensor:
    """(height,width) of length 1, rings around the middle, each higher than the next one out by 1 / k²."""
    rows, columns = (torch.arange(length) - length // 2 for length in (height, width))
    ring = torch.maximum(rows.abs()[:, None], columns.abs()[None])
    rises = 1.0 / torch.arange(1, max(height, width) // 2 + 2).square()
    mound = rises.flip(0).cumsum(0).flip(0)[ring]
    return mound / mound.norm().clamp_min(TINY)


SQUARES = {"linf": Squares(_linf_start, _linf_move), "l2": Squares(_l2_start, _l2_move)}
