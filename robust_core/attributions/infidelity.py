"""How far a map's numbers predict what covering does to the score (Yeh et al. 2019, definition 2.1)."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import in_batches, logits
from robust_core.attributions.explain import Attribution
from robust_core.attributions.methods import METHODS
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

SQUARES = 64  # covered, one at a time
SQUARE_FRACTIONS = (0.1, 0.5)  # of the side
SEED = 0


@dataclass(frozen=True)
class Infidelity:
    """The mean squared error of the predicted fall of the score, divided by that of a map of zeros.

    own_scale   of the numbers as they are: 0 (all predicted) upwards, above 1 worse than zeros; None where the method's
                numbers claim no scale (`Method.claims` is "order")
    best_scale  after multiplying the map by the positive number that suits it best: 0 to 1; compares any two maps
    """

    own_scale: float | None
    best_scale: float


def infidelity(model: LoadedModel, pixels: Tensor, attribution: Attribution) -> Generator[Progress, None, Infidelity]:
    """Cover SQUARES squares of `pixels` (1,3,H,W) in turn by the method's own baseline, and compare the fall of the
    score with the map's.

    With I the change of the pixels, a map of slopes φ foretells I · φ, a map of contributions its sum over the square
    (Φ is φ times the whole change, as in section 2.1 of the paper). An order foretells its sum up to a scale.
    """
    method = METHODS[attribution.method]
    instead = make_baseline(method.baseline(attribution.settings), pixels, model.spec.preprocess)
    squares = random_squares(pixels.shape[2:]).to(pixels)
    claim = method.claim(attribution.settings)
    values = torch.from_numpy(attribution.map[None] if claim == "order" else attribution.values).double()
    change = (pixels - instead).cpu().double()[0] if claim == "slope" else 1

    def part(places: range) -> Tensor:
        covered = torch.where(squares[places.start : places.stop].bool(), instead, pixels)
        return attribution.score - logits(model, covered)[:, attribution.target]

    fell = torch.cat((yield from in_batches(model, pixels, SQUARES, part))).cpu().double()
    predicted = (squares.cpu() * (values * change).sum(0)).sum((1, 2, 3))
    own_scale = None if claim == "order" else _relative_error(predicted, fell)
    return Infidelity(own_scale, _relative_error(_best_scale(predicted, fell) * predicted, fell))


def random_squares(shape: Sequence[int]) -> Tensor:
    """(SQUARES,1,H,W) the squares that are covered, 1 inside, of random size and place, always the same."""
    rng, squares = np.random.default_rng(SEED), torch.zeros(SQUARES, 1, *shape)
    for square in squares[:, 0]:
        side_px = max(1, round(rng.uniform(*SQUARE_FRACTIONS) * min(shape)))
        top, left = (int(rng.integers(length - side_px + 1)) for length in shape)
        square[top : top + side_px, left : left + side_px] = 1
    return squares


def _best_scale(predicted: Tensor, fell: Tensor) -> float:
    size = predicted.square().sum()
    return float(((predicted * fell).sum() / size).clamp_min(0)) if size else 0.0


def _relative_error(predicted: Tensor, fell: Tensor) -> float:
    """0 where there was nothing to predict and nothing was predicted, infinite where something was."""
    error, effect = float((predicted - fell).square().sum()), float(fell.square().sum())
    return error / effect if effect else (0.0 if error == 0 else float("inf"))
