"""The smallest change found that the smoothed classifier takes for another class: an upper bound on how far any radius
could be certified.

A gradient search like that of Salman et al. 2019 (SmoothAdv) with the steps of DDN (Rony et al. 2019) looks for a
direction on some draws of noise. How far along it the class changes, PREDICT says, on draws that no search has seen.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from robust_core.attacks.passes import Passes
from robust_core.certificates.certify import Certificate, prediction
from robust_core.certificates.noise import FOR_FIRST_VERDICT, FOR_SEARCH, noise
from robust_core.certificates.smoothing import MOST_VERDICTS, SmoothedSearch, Smoothing
from robust_core.certificates.votes import Votes, votes
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

GAMMA = 0.15  # by which the radius shrinks or grows in a step; Rony et al. 2019 take 0.05 and 100 steps or more
SURE = 10.0  # mean margin of the logits up to which they are taken as they are
LAST_STEP = 0.01  # of the first, which is σ long
FIRST_LOOK = 100  # draws after which a verdict ends where the class still leads
FIRST_PUSH, CLOSE_ENOUGH = 0.1, 0.05  # in σ: how far beyond the search's end, and how close two verdicts are in the end


@dataclass(frozen=True, eq=False)
class SmallestChange:
    """The nearest image that PREDICT takes for another class than the right one. It is wrong about one with probability
    at most α in all.

    distance  L2 in pixel units: 0 where the image itself is taken for another class, infinite where none was found
    label     the class it is taken for; None where none was found
    pixels    (3,H,W) float32 in [0, 1], on the CPU; the image itself where none was found
    """

    distance: float
    label: int | None
    pixels: Tensor


def smallest_change(
    model: LoadedModel, image: Tensor, right: int, certificate: Certificate, search: SmoothedSearch, index: int = 0
) -> Generator[Progress | Votes, None, SmallestChange]:
    """Look for the smallest change of `image` (3,H,W) that the smoothed classifier takes for another class than
    `right`, beginning with none at all, of which the `certificate` says what it is taken for, or, where that abstains,
    PREDICT on its draws.

    A change counts only where PREDICT returns another class; where it abstains, it does not.
    """
    said = prediction(certificate.votes, certificate.smoothing.alpha) if certificate.abstains else certificate.label
    if said not in (None, right):
        return SmallestChange(0.0, said, image.cpu())
    on_device = image.to(model.device)
    found = yield from _direction(model, on_device, right, certificate.smoothing, search, index)
    line = _Line(model, on_device, found, right, certificate.smoothing, index)
    return (yield from line.nearest(certificate.radius if certificate.label == right else 0.0))


def _direction(
    model: LoadedModel, image: Tensor, right: int, smoothing: Smoothing, search: SmoothedSearch, index: int
) -> Generator[Progress, None, Tensor]:
    """The shortest change (3,H,W) for which the right class loses its lead in the search's draws; the last one where
    there is none.
    """
    passes, change, length = Passes(model, *image.shape[1:]), torch.zeros_like(image), smoothing.sigma
    drawn = noise(tuple(image.shape), smoothing.seed, index, FOR_SEARCH, range(search.draws)).to(image)
    drawn, best, temperature = smoothing.sigma * drawn, None, 1.0
    for step in range(search.steps):
        yield Progress(step, search.steps, "steps", "searching")
        logits, gradients = yield from passes.forward_backward(
            image + change + drawn, partial(_probability, right=right, temperature=temperature)
        )
        temperature = _temperature(logits, right)
        fooled = bool(logits.argmax(1).bincount(minlength=logits.shape[1]).argmax() != right)
        if fooled and (best is None or change.norm() < best.norm()):
            best = change
        downhill = -gradients.sum(0)  # whose direction is that of the gradient of -log of the mean softmax
        size = LAST_STEP + (1 - LAST_STEP) * (1 + math.cos(math.pi * step / search.steps)) / 2
        change = change + smoothing.sigma * size * downhill / downhill.norm().clamp_min(torch.finfo().tiny)
        length *= (1 - GAMMA) if fooled else (1 + GAMMA)
        change = change * (length / change.norm().clamp_min(torch.finfo().tiny))
        change = (image + change).clamp(0, 1) - image
    return change if best is None else best


def _probability(logits: Tensor, _rows: slice, right: int, temperature: float) -> Tensor:
    return (logits / temperature).softmax(1)[:, right]


def _temperature(logits: Tensor, right: int) -> float:
    """1, or what the logits have to be divided by so that float32 holds a gradient where the model is surer of itself
    than that.
    """
    others = logits.clone()
    others[:, right] = -torch.inf
    margin = float((logits[:, right] - others.amax(1)).abs().mean())
    return max(1.0, margin / SURE)


class _Line:
    """The images along one direction, of which PREDICT judges at most MOST_VERDICTS, each on draws of its own."""

    def __init__(self, model: LoadedModel, image: Tensor, change: Tensor, right: int, smoothing: Smoothing, index: int):
        self.model, self.image, self.change, self.right = model, image, change, right
        self.smoothing, self.index = smoothing, index

    def nearest(self, held: float) -> Generator[Progress | Votes, None, SmallestChange]:
        """The nearest image that is taken for another class: outwards until there is one, then inwards by bisection
        towards `held`, the length of the longest change that is none.
        """
        sigma, nearest = self.smoothing.sigma, SmallestChange(math.inf, None, self.image.cpu())
        length, push = max(float(self.change.norm()), held), FIRST_PUSH * sigma
        for number in range(MOST_VERDICTS):
            label = yield from self._verdict(length, number)
            if label is not None:
                pixels = self._at(length)
                length = float((pixels - self.image).norm())  # clipping shortens a change
                nearest = SmallestChange(length, label, pixels.cpu())
            else:
                held = max(held, length)
            if nearest.distance - held < CLOSE_ENOUGH * sigma:
                break
            if nearest.label is None:
                length, push = length + push, 2 * push
            else:
                length = (held + nearest.distance) / 2
        return nearest

    def _at(self, length: float) -> Tensor:
        norm = float(self.change.norm())
        return (self.image + self.change * (length / norm)).clamp(0, 1) if norm else self.image

    def _verdict(self, length: float, number: int) -> Generator[Progress | Votes, None, int | None]:
        """The other class that PREDICT takes the image at this distance for; None where it abstains or stays."""
        at, purpose, first_look = self._at(length), FOR_FIRST_VERDICT + number, min(FIRST_LOOK, self.smoothing.n)
        found = yield from votes(self.model, at, self.smoothing, self.index, purpose, range(first_look))
        if found.top == self.right:
            return None
        rest = yield from votes(
            self.model, at, self.smoothing, self.index, purpose, range(first_look, self.smoothing.n)
        )
        counted = Votes(self.index, purpose, found.counts + rest.counts)
        said = prediction(counted, self.smoothing.alpha / MOST_VERDICTS)
        return None if said == self.right else said
