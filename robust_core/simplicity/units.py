"""Units: how many are silent on an image, and to how many classes each of them answers."""

import numpy as np
from torch import Tensor

CHUNK = 50  # resamples at once


def silent_fraction(maps: Tensor) -> Tensor:
    """The fraction of values (B,) that are zero or less in the maps (B,C,H,W): sparsity, behind a ReLU."""
    return (maps <= 0).float().mean((1, 2, 3))


def classes_answered(activations: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """To how many classes each unit (U,) answers: those whose mean activation is at least half of that of its
    favourite class; NaN for a unit that no class excites.

    `activations` (N,U) are those of N images with the labels (N,). Half of the maximum is where the width of a tuning
    curve is read. Values below zero count as silence. The fewer images a class has, the further do their means scatter,
    and the fewer reach half of the largest: numbers compare on the same images alone.
    """
    heard = np.maximum(activations, 0)
    return _at_half_maximum(np.stack([heard[labels == label].mean(0) for label in np.unique(labels)]))


def resampled_classes(activations: np.ndarray, labels: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """The mean of `classes_answered` over all units (resamples,), for images drawn anew within each class."""
    rng, heard = np.random.default_rng(seed), np.maximum(activations, 0)
    groups = [heard[labels == label] for label in np.unique(labels)]
    found = []
    for first in range(0, resamples, CHUNK):
        rows = min(CHUNK, resamples - first)
        means = np.stack([_resampled_means(group, rows, rng) for group in groups])  # (classes, rows, units)
        found.append(mean_over_units(_at_half_maximum(means)))
    return np.concatenate(found)


def mean_over_units(counts: np.ndarray) -> np.ndarray:
    """The mean (...) of the counts (..., U) over the units that are not silent, NaN where all are."""
    speaking = np.isfinite(counts)
    with np.errstate(invalid="ignore"):
        return np.where(speaking, counts, 0).sum(-1) / speaking.sum(-1)


def _at_half_maximum(means: np.ndarray) -> np.ndarray:
    best = means.max(0)
    return np.where(best > 0, (means >= best / 2).sum(0), np.nan)


def _resampled_means(group: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    n = len(group)
    return (rng.multinomial(n, np.full(n, 1 / n), rows) / n).astype(group.dtype) @ group
