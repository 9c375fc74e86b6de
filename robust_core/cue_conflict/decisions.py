"""From 1,000 class probabilities to one of the 16 entry-level categories: the two published rules, as a table."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES, CLASSES

NAMES = tuple(CATEGORIES)


@dataclass(frozen=True)
class DecisionRule:
    """`scores` maps probabilities (N,1000) to scores (N,16), in the order of `NAMES`; the highest score is the decision."""

    key: str
    title: str
    scores: Callable[[np.ndarray], np.ndarray]
    source: str


def _best_class(probabilities: np.ndarray) -> np.ndarray:
    return np.stack([probabilities[:, list(indices)].max(axis=1) for indices in CATEGORIES.values()], axis=1)


def _mean_probability(probabilities: np.ndarray) -> np.ndarray:
    return np.stack([probabilities[:, list(indices)].mean(axis=1) for indices in CATEGORIES.values()], axis=1)


RULES = (
    DecisionRule(
        key="restricted_argmax",
        title="best of the 207 mapped classes",
        scores=_best_class,
        source="Orhan 2019, evaluate_shapebias.py: all logits outside the 207 classes are ignored, the best single class decides",
    ),
    DecisionRule(
        key="mean_probability",
        title="mean probability per category",
        scores=_mean_probability,
        source="Geirhos et al. 2021, model-vs-human decision_mappings.py: mean of the softmax probabilities of a category's classes",
    ),
)


def decide(probabilities: np.ndarray, rule: DecisionRule) -> np.ndarray:
    """Index into `NAMES` (N,) for softmax probabilities (N,1000); a tie goes to the category that comes first in the alphabet.

    Raises BadInput when the shape is another one.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] != len(CLASSES):
        raise BadInput(f"Probabilities must have the shape (N, {len(CLASSES)}); got {probabilities.shape}.")
    return rule.scores(probabilities).argmax(axis=1)
