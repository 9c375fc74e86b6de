"""When two devices agree: float32 rounds differently on each, so that all these allow for a stated difference."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tests.bench.gpu.cases import Found, Outcome

LOGIT_TOLERANCE = 1e-3  # of the standard deviation of the reference's logits
SIGNS_LEAST = 0.999  # of the values of an image, whose first step must go the same way
IMAGES_MOST = 0.04  # by which the accuracy after any step may differ, at least one image
LOSS_TOLERANCE = 0.05  # of the mean loss after the last step, relative
CORRELATION_LEAST = 0.999
LEVELS_LEAST = 0.995  # of the values of a corrupted image, which must be equal or one level of 255 apart
MEAN_LEVELS_MOST = 0.1


def said(agrees: bool) -> Outcome:
    """The outcome of a check."""
    return "pass" if agrees else "fail"


def judge_labels(reference: Tensor, logits: Tensor) -> Found:
    """Logits (N,K) of both devices: none may differ by more than the tolerance, and a label only where the margin of
    the reference is so small that such a difference turns it.
    """
    tolerance = LOGIT_TOLERANCE * float(reference.std())
    largest = float((reference - logits).abs().max())
    best = reference.topk(2, dim=1).values
    margins, differs = best[:, 0] - best[:, 1], reference.argmax(1) != logits.argmax(1)
    turned = margins[differs]
    agrees = bool(torch.isfinite(logits).all()) and largest <= tolerance and not bool((turned > 2 * tolerance).any())
    words = f"{int(differs.sum())} of {len(logits)} labels differ"
    if len(turned):
        words += f", where the margins are {', '.join(f'{float(one):.1e}' for one in turned[:5])}"
    classes = len(reference.argmax(1).unique())
    return said(agrees), (
        f"{words} ({classes} classes are predicted); logits by at most {largest:.1e}, tolerance {tolerance:.1e}; "
        f"smallest margin {float(margins.min()):.1e}"
    )


@dataclass(frozen=True, eq=False)
class Walk:
    """What is compared of one trajectory: `first` (N,3,H,W) the change of the first step; after each step, `left`
    images counted as correct of `n`, and at the end their mean `loss`.
    """

    first: Tensor
    left: tuple[int, ...]
    n: int
    loss: float
    farthest: float


def judge_walks(reference: Walk, walk: Walk, eps: float) -> Found:
    """Trajectories of signs part where a gradient is nearly zero, and each goes its own way from there: so the first
    step is compared value by value, and later ones by how many images they leave.
    """
    same = float((reference.first.sign() == walk.first.sign()).float().mean())
    apart = max(abs(one - other) for one, other in zip(reference.left, walk.left, strict=True))
    loss_apart = abs(walk.loss - reference.loss) / max(abs(reference.loss), 1e-6)
    agrees = (
        same >= SIGNS_LEAST
        and apart <= max(1, IMAGES_MOST * walk.n)
        and loss_apart <= LOSS_TOLERANCE
        and walk.farthest <= eps * (1 + 1e-5) + 1e-6
    )
    return said(agrees), (
        f"first steps agree in {100 * same:.3f}% of values; images left {reference.left[0]}→{reference.left[-1]} and "
        f"{walk.left[0]}→{walk.left[-1]} of {walk.n}, at most {apart} apart after any of {len(walk.left) - 1} steps; "
        f"mean loss at the end {reference.loss:.4f} and {walk.loss:.4f}"
    )


def correlation(one: Tensor, other: Tensor) -> float:
    """Pearson's, of two maps of one shape; 1 where both are the same everywhere."""
    first, second = (each.flatten().double() - each.double().mean() for each in (one, other))
    length = float(first.norm() * second.norm())
    return 1.0 if torch.equal(one, other) else float(first @ second) / length if length else 0.0


def judge_levels(pairs: dict[str, tuple[Tensor, Tensor]]) -> Found:
    """Images (B,3,H,W) in [0, 1] of both devices under each corruption; the one that agrees least is named."""
    close, mean = {}, {}
    for name, (reference, other) in pairs.items():
        apart = ((reference - other) * 255).round().abs()
        close[name], mean[name] = float((apart <= 1).float().mean()), float(apart.mean())
    worst = min(close, key=lambda name: (close[name], -mean[name]))
    agrees = all(close[name] >= LEVELS_LEAST and mean[name] <= MEAN_LEVELS_MOST for name in pairs)
    return said(agrees), (
        f"{len(pairs)} corruptions; least alike {worst}: {100 * close[worst]:.3f}% of values within one level, "
        f"{mean[worst]:.4f} levels apart on average"
    )


def judge_counts(reference: Sequence[int], other: Sequence[int], n: int) -> Found:
    """How many of `n` images are broken on both devices, after each of several attacks."""
    most = max(abs(one - two) for one, two in zip(reference, other, strict=True))
    words = ", ".join(f"{one} and {two}" for one, two in zip(reference, other, strict=True))
    return said(most <= max(1, IMAGES_MOST * n)), f"{words} of {n} images broken"
