"""Attributions from gradients to the pixels. The loops are ours, as Captum's neither report, nor stop, nor take a
seed.
"""

from collections.abc import Generator

import numpy as np
import torch
from captum.attr import GuidedBackprop
from torch import Tensor

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import as_leaf, gradients, in_batches, once
from robust_core.attributions.shared_copies import shared_copy
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

Work = Generator[Progress, None, Tensor]
_FOR_NOISE, _FOR_PLACE = 0, 1


def saliency(model: LoadedModel, pixels: Tensor, target: int, *, colours: str) -> Work:
    """The gradient (1,3,H,W), or its largest size over the colours (1,1,H,W)."""
    gradient = yield from once(model, pixels, lambda: gradients(model, pixels, target))
    return gradient.abs().amax(1, keepdim=True) if colours == "largest size" else gradient


def input_x_gradient(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    """(1,3,H,W) the pixels times the gradient."""
    return pixels * (yield from once(model, pixels, lambda: gradients(model, pixels, target)))


def guided_backprop(model: LoadedModel, pixels: Tensor, target: int) -> Work:
    """(1,3,H,W) the gradient, with its positive part alone behind every ReLU; Captum's hooks go to a copy that shares
    weights.
    """
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


def smoothgrad(model: LoadedModel, pixels: Tensor, target: int, *, samples: int, noise: float, seed: int) -> Work:
    """(1,3,H,W) the mean gradient over noisy copies."""
    mean, _ = yield from _moments(model, pixels, target, samples, noise, seed)
    return mean


def vargrad(model: LoadedModel, pixels: Tensor, target: int, *, samples: int, noise: float, seed: int) -> Work:
    """(1,3,H,W) the variance of the gradient over noisy copies."""
    mean, mean_square = yield from _moments(model, pixels, target, samples, noise, seed)
    return mean_square - mean.square()


def gradient_shap(
    model: LoadedModel, pixels: Tensor, target: int, *, baseline: str, samples: int, noise: float, seed: int
) -> Work:
    """(1,3,H,W) the mean of gradient × change, each at a random place between the baseline and a noisy copy."""
    start = make_baseline(baseline, pixels, model.spec.preprocess)

    def part(places: range) -> Tensor:
        ends = _noisy(pixels, places, noise, seed)
        along = torch.tensor([_dice(seed, place, _FOR_PLACE).random(dtype=np.float32) for place in places]).to(pixels)
        between = torch.lerp(start.expand_as(ends), ends, along.view(-1, 1, 1, 1))
        return (gradients(model, between, target) * (ends - start)).sum(0, keepdim=True)

    return sum((yield from in_batches(model, pixels, samples, part)), torch.zeros_like(pixels)) / samples


def _moments(
    model: LoadedModel, pixels: Tensor, target: int, samples: int, noise: float, seed: int
) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
    """(1,3,H,W) each: the means of the gradient and of its square over noisy copies."""

    def part(places: range) -> tuple[Tensor, Tensor]:
        of_copies = gradients(model, _noisy(pixels, places, noise, seed), target)
        return of_copies.sum(0, keepdim=True), of_copies.square().sum(0, keepdim=True)

    sums, squares = zip(*(yield from in_batches(model, pixels, samples, part)), strict=True)
    return sum(sums) / samples, sum(squares) / samples


def _noisy(pixels: Tensor, places: range, noise: float, seed: int) -> Tensor:
    """(n,3,H,W) copies of the image, each with draws of its own, so that the batch size changes nothing; not clipped,
    as in the papers.
    """
    shape = tuple(pixels.shape[1:])
    draws = np.stack([_dice(seed, place, _FOR_NOISE).standard_normal(shape, dtype=np.float32) for place in places])
    return pixels + noise * torch.from_numpy(draws).to(pixels)


def _dice(seed: int, place: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng([seed, place, purpose])
