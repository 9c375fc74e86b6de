"""From class probabilities to one of the 16 entry-level categories: the two published rules, as a table."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from robust_core.errors import BadInput
from robust_core.labels import CATEGORIES, CLASSES

NAMES = tuple(CATEGORIES)


@dataclass(frozen=True)
class DecisionRule:
    """`scores` maps probabilities (N,1000) to scores (N,16), in the order of `NAMES`; the highest score is the
    decision.
    """

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
        source="Orhan 2019, evaluate_shapebias.py: all logits outside the 207 classes are ignored, the best single "
        "class decides",
    ),
    DecisionRule(
        key="mean_probability",
        title="mean probability per category",
        scores=_mean_probability,
        source="Geirhos et al. 2021, model-vs-human decision_mappings.py: mean of the softmax probabilities of a "
        "category's classes",
    ),
)


def category_scores(probabilities: np.ndarray, rule: DecisionRule) -> np.ndarray:
    """Scores (N,16) in the order of `NAMES` for softmax probabilities (N,1000), or (N,16) of a model whose classes are
    the categories.

    Those 16 are their own scores under any rule. Raises BadInput when the shape is another one.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] not in (len(CLASSES), len(NAMES)):
        raise BadInput(
            f"Probabilities must have the shape (N, {len(CLASSES)}) or (N, {len(NAMES)}); got {probabilities.shape}."
        )
    return probabilities if probabilities.shape[1] == len(NAMES) else rule.scores(probabilities)


def decide(probabilities: np.ndarray, rule: DecisionRule) -> np.ndarray:
    """Index into `NAMES` (N,) of the highest score; a tie goes to the category that comes first in the alphabet.

    Shapes and errors are those of `category_scores`.
    """
    return category_scores(probabilities, rule).argmax(axis=1)
