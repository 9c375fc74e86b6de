"""Concepts taken away one by one, in the order of their importance, the other way round, and at random."""

from dataclasses import dataclass

import numpy as np

RANDOM_ORDERS = 16


@dataclass(frozen=True, eq=False)
class Deletions:
    """Which concepts are left (M,R), 1 or 0, and where the curves are found among these rows: `falling` and `rising`
    (R+1,) in the order of importance and against it, `random` (orders, R+1); `without` (R,) lacks one concept each.
    """

    masks: np.ndarray
    falling: np.ndarray
    rising: np.ndarray
    random: np.ndarray
    without: np.ndarray


def deletions(concepts: int, seed: int, orders: int = RANDOM_ORDERS) -> Deletions:
    """For concepts that are numbered from the most to the least important."""
    rng = np.random.default_rng(seed)
    falling = np.arange(concepts)
    drawn = [_left(rng.permutation(concepts)) for _ in range(orders)]
    parts = [_left(falling), _left(falling[::-1]), *drawn, 1 - np.eye(concepts, dtype=int)]
    masks, places = np.unique(np.concatenate(parts), axis=0, return_inverse=True)
    curves = places[: (orders + 2) * (concepts + 1)].reshape(orders + 2, concepts + 1)
    return Deletions(masks.astype(np.float64), curves[0], curves[1], curves[2:], places[-concepts:])


def area(curve: np.ndarray) -> np.ndarray:
    """The area below curves (R+1,...) over the share of concepts that are gone, by the trapezoidal rule."""
    return np.trapezoid(curve, axis=0) / (len(curve) - 1)


def _left(order: np.ndarray) -> np.ndarray:
    """Which are left (R+1,R) after none, one, two, … of them in that order are gone."""
    left = np.ones((len(order) + 1, len(order)), int)
    for gone, concept in enumerate(order, start=1):
        left[gone:, concept] = 0
    return left
