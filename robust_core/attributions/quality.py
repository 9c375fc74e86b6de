"""Whether a map can be believed: how well it predicts the effect of covering, how steady it is, and whether it beats
random maps.

None of these says that a map is right; each can say that it is not.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import in_batches, logits
from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.targets import Target
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

SQUARES = 64  # covered, one at a time, for infidelity
SQUARE_FRACTIONS = (0.1, 0.5)  # of the side
RADIUS = 0.02  # in pixel units, about 5/255, for sensitivity
NEARBY = 4  # images in that radius
STEPS = 16  # of the insertion and deletion curves
CONTROLS = 3  # random maps
SEED = 0


@dataclass(frozen=True, eq=False)
class Curves:
    """The target's probability (STEPS + 1,) as pixels are put onto the blurred image, and taken away to grey, best
    first.
    """

    insertion: np.ndarray
    deletion: np.ndarray

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve, 0 to 1; high is good."""
        return float(np.trapezoid(self.insertion, dx=1 / STEPS))

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve, 0 to 1; low is good."""
        return float(np.trapezoid(self.deletion, dx=1 / STEPS))

    @property
    def score(self) -> float:
        """Insertion area minus deletion area, -1 to 1."""
        return self.insertion_area - self.deletion_area


@dataclass(frozen=True, eq=False)
class AttributionMetrics:
    """The evidence about one map.

    infidelity    the share of what covering squares does to the score that the map does not predict, at its best
                  scale: 0 to 1
    sensitivity   the largest relative change of the map when every pixel moves by at most RADIUS; 0 is steady
    curves        insertion and deletion for the map, and for `controls`, random maps
    """

    infidelity: float
    sensitivity: float
    curves: Curves
    controls: tuple[Curves, ...]

    @property
    def beats_random(self) -> bool:
        """Whether insertion minus deletion is larger than for every control."""
        return self.curves.score > max(control.score for control in self.controls)


def evaluate(
    model: LoadedModel, pixels: Tensor, attribution: Attribution
) -> Generator[Progress, None, AttributionMetrics]:
    """All the evidence about `attribution`, a map of `model` for `pixels` (1,3,H,W); yields a Progress between batches.

    Costs NEARBY more explanations, and about 200 forward passes. Every draw is seeded.
    """
    pixels = pixels.detach().to(model.device)
    unexplained = yield from infidelity(model, pixels, attribution)
    largest_change = yield from max_sensitivity(model, pixels, attribution)
    curves = yield from insertion_deletion(model, pixels, attribution.target, attribution.map)
    controls = []
    for number in range(CONTROLS):
        controls.append(
            (yield from insertion_deletion(model, pixels, attribution.target, random_map(attribution.map, number)))
        )
    return AttributionMetrics(unexplained, largest_change, curves, tuple(controls))


def infidelity(model: LoadedModel, pixels: Tensor, attribution: Attribution) -> Generator[Progress, None, float]:
    """The share of the effect of covering squares that the map does not predict: 0 (all predicted) to 1 (as good as a
    map of zeros).

    Yeh et al. 2019, definition 2.1 at the map's best positive scale, divided by the infidelity of zeros, so that
    methods of any unit compare. A perturbation turns a square grey; the map predicts that the score falls by its sum
    over the square.
    """
    instead, squares = (
        make_baseline("mean grey", pixels, model.spec.preprocess),
        random_squares(pixels.shape[2:]).to(pixels),
    )

    def part(places: range) -> Tensor:
        covered = torch.where(squares[places.start : places.stop].bool(), instead, pixels)
        return attribution.score - logits(model, covered)[:, attribution.target]

    fell = torch.cat((yield from in_batches(model, pixels, SQUARES, part))).cpu().double()
    predicted_drop = (squares.cpu()[:, 0] * torch.from_numpy(attribution.map)).sum((1, 2), dtype=torch.float64)
    agreement = (predicted_drop * fell).sum().clamp_min(0).square()
    effect = predicted_drop.square().sum() * fell.square().sum()
    return float(1 - agreement / effect) if effect else 1.0


def max_sensitivity(model: LoadedModel, pixels: Tensor, attribution: Attribution) -> Generator[Progress, None, float]:
    """The largest relative change of the map over NEARBY images within RADIUS (Yeh et al. 2019, definition 2.5), 0
    for a steady map.
    """
    own, largest = attribution.map.astype(np.float64), 0.0  # squares of large and tiny maps leave float32
    for number in range(NEARBY):
        draws = torch.from_numpy(
            np.random.default_rng([SEED, number]).uniform(-RADIUS, RADIUS, pixels.shape).astype(np.float32)
        )
        nearby = (pixels + draws.to(pixels)).clamp(0, 1)
        target = Target("class", attribution.target)
        moved = yield from explain(model, nearby, attribution.method, target, **attribution.settings)
        largest = max(largest, float(np.linalg.norm(moved.map - own)))
    size = float(np.linalg.norm(own))
    return largest / size if size else float("inf")


def insertion_deletion(
    model: LoadedModel, pixels: Tensor, target: int, ranking: np.ndarray
) -> Generator[Progress, None, Curves]:
    """The curves for pixels (1,3,H,W) in the order of `ranking` (H,W), largest first (Petsiuk et al. 2018, section
    4.2).

    Insertion starts from the blurred image, deletion ends in mean grey.
    """
    order = np.argsort(-ranking, axis=None, kind="stable")
    place_of = torch.from_numpy(np.argsort(order).reshape(ranking.shape)).to(pixels.device)
    blurred, grey = (make_baseline(name, pixels, model.spec.preprocess) for name in ("blurred", "mean grey"))

    def part(places: range) -> Tensor:
        first = [round(ranking.size * (place % (STEPS + 1)) / STEPS) for place in places]
        taken = place_of < torch.tensor(first, device=pixels.device).view(-1, 1, 1, 1)
        inserting = torch.tensor([place <= STEPS for place in places], device=pixels.device).view(-1, 1, 1, 1)
        shown = torch.where(inserting, torch.where(taken, pixels, blurred), torch.where(taken, grey, pixels))
        return logits(model, shown).softmax(1)[:, target]

    probabilities = torch.cat((yield from in_batches(model, pixels, 2 * (STEPS + 1), part))).cpu().numpy()
    return Curves(probabilities[: STEPS + 1], probabilities[STEPS + 1 :])


def random_map(like: np.ndarray, number: int) -> np.ndarray:
    """A random map (H,W) of the same grain as `like`, the control that a map has to beat; another one for each
    `number`.

    It has the Fourier amplitudes of `like` and the phases of noise: coarse maps are compared with coarse ones, fine
    with fine.
    """
    noise = np.fft.rfft2(np.random.default_rng([SEED, number]).standard_normal(like.shape))
    return np.fft.irfft2(np.abs(np.fft.rfft2(like.astype(np.float64))) * noise / np.abs(noise), s=like.shape).astype(
        np.float32
    )


def random_squares(shape: Sequence[int]) -> Tensor:
    """(SQUARES,1,H,W) the squares that are covered, 1 inside, of random size and place, always the same."""
    dice, squares = np.random.default_rng(SEED), torch.zeros(SQUARES, 1, *shape)
    for square in squares[:, 0]:
        side_px = max(1, round(dice.uniform(*SQUARE_FRACTIONS) * min(shape)))
        top, left = (int(dice.integers(length - side_px + 1)) for length in shape)
        square[top : top + side_px, left : left + side_px] = 1
    return squares


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's rank correlation of two maps of the same shape, -1 to 1; None when one of them is the same
    everywhere.
    """
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one, other, axis=None).statistic)
