"""Attributions from gradients to the pixels. The loops are ours, as Captum's neither report, nor stop, nor take a
seed.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import as_leaf, gradients, in_batches, logits, once
from robust_core.attributions.methods import LARGEST_GAP_FRACTION
from robust_core.attributions.sampling import Estimate, until_steady
from robust_core.attributions.shared_copies import shared_copy
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Work = Generator[Progress, None, Tensor]
Drawn = Generator[Progress, None, Estimate]
GOLDEN_RATIO = (5**0.5 - 1) / 2
_FOR_NOISE, _FOR_PLACE = 0, 1


def saliency(model: LoadedModel, pixels: Tensor, target: int, *, colours: str) -> Work:
    """(1,3,H,W) the gradient; `colours` says how the map shows it."""
    return (yield from once(model, pixels, lambda: gradients(model, pixels, target)))


def input_x_gradient(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    """(1,3,H,W) the pixels times the gradient."""
    return pixels * (yield from once(model, pixels, lambda: gradients(model, pixels, target)))


def guided_backprop(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    """(1,3,H,W) the gradient, with its positive part alone behind every ReLU; Captum's hooks go to a copy that shares
    weights.
    """
    from captum.attr import GuidedBackprop  # not before it is needed: a page shows results sooner

    method = GuidedBackprop(shared_copy(model).network)
    return (yield from once(model, pixels, lambda: method.attribute(as_leaf(pixels), target).detach()))


def integrated_gradients(model: LoadedModel, pixels: Tensor, target: int, *, baseline: str, steps: int) -> Work:
    """(1,3,H,W) the gradient times the change, averaged along the way by Gauss and Legendre's rule with `steps`
    nodes.
    """
    start = make_baseline(baseline, pixels, model.spec.preprocess)
    nodes, weights = (
        torch.tensor(row, dtype=torch.float32).to(pixels).view(-1, 1, 1, 1)
        for row in np.polynomial.legendre.leggauss(steps)
    )

    def part(places: range) -> Tensor:
        rows = slice(places.start, places.stop)
        between = torch.lerp(start, pixels, (1 + nodes[rows]) / 2)
        return (weights[rows] / 2 * gradients(model, between, target)).sum(0, keepdim=True)

    return (pixels - start) * sum((yield from in_batches(model, pixels, steps, part)))


def smoothgrad(model: LoadedModel, pixels: Tensor, target: int, *, samples: int, noise: float, seed: int) -> Drawn:
    """The mean gradient over noisy copies."""

    def draw(places: Sequence[int]) -> tuple[Tensor]:
        return (gradients(model, _noisy(pixels, places, noise, seed), target).sum(0, keepdim=True),)

    estimate, _ = yield from until_steady(model, pixels, samples, draw, lambda sums, n: sums[0] / n)
    return estimate


def vargrad(model: LoadedModel, pixels: Tensor, target: int, *, samples: int, noise: float, seed: int) -> Drawn:
    """The variance of the gradient over noisy copies."""

    def draw(places: Sequence[int]) -> tuple[Tensor, Tensor]:
        of_copies = gradients(model, _noisy(pixels, places, noise, seed), target)
        return of_copies.sum(0, keepdim=True), of_copies.square().sum(0, keepdim=True)

    estimate, _ = yield from until_steady(
        model, pixels, samples, draw, lambda sums, n: sums[1] / n - (sums[0] / n).square()
    )
    return estimate


def gradient_shap(
    model: LoadedModel, pixels: Tensor, target: int, *, baseline: str, samples: int, noise: float, seed: int
) -> Drawn:
    """The mean of gradient × change, each at a random place between the baseline and a noisy copy.

    Its sum is the score of the noisy copies less the baseline's. It draws on while that misses by more than
    LARGEST_GAP_FRACTION.
    """
    start = make_baseline(baseline, pixels, model.spec.preprocess)
    start_score = yield from once(model, start, lambda: logits(model, start)[0, target])

    def draw(places: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        ends = _noisy(pixels, places, noise, seed)
        along = torch.tensor([_along(seed, place) for place in places]).to(pixels).view(-1, 1, 1, 1)
        between = torch.lerp(start.expand_as(ends), ends, along)
        added = (gradients(model, between, target) * (ends - start)).sum(0, keepdim=True)
        of_ends = len(places) * logits(model, ends if noise else pixels)[:, target].mean()
        return added, of_ends, torch.tensor(len(places))

    def adds_up(sums: tuple[Tensor, ...], n: int) -> bool:
        change = sums[1] / n - start_score
        return bool((sums[0].sum() / n - change).abs() <= LARGEST_GAP_FRACTION / 2 * change.abs())

    estimate, sums = yield from until_steady(model, pixels, samples, draw, lambda sums, n: sums[0] / n, adds_up)
    return replace(estimate, end_score=float(sums[1] / sums[2]))


def _along(seed: int, place: int) -> float:
    """Where on the way the draw at `place` lies, 0 to 1: the draws of each half are spread evenly, by the golden ratio
    from a random start, which misses the sum by much less than independent draws.
    """
    half, number = place % 2, place // 2
    return float((_generator(seed, half, _FOR_PLACE).random() + number * GOLDEN_RATIO) % 1)


def _noisy(pixels: Tensor, places: Sequence[int], noise: float, seed: int) -> Tensor:
    """(n,3,H,W) copies of the image, each with draws of its own, so that the batch size changes nothing; not clipped,
    as in the papers.
    """
    shape = tuple(pixels.shape[1:])
    draws = np.stack([_generator(seed, place, _FOR_NOISE).standard_normal(shape, dtype=np.float32) for place in places])
    return pixels + noise * torch.from_numpy(draws).to(pixels)


def _generator(seed: int, place: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng([seed, place, purpose])
