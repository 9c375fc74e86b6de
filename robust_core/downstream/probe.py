"""A linear probe: multinomial logistic regression on features (N,U) that a network computed once (Salman et al. 2020,
section 2: fixed-feature transfer learning). Nothing of a test fold is seen before it is predicted, not even its mean.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)  # C, the inverse of the regularisation, among which cross-validation chooses
INNER_FOLDS = 3
UNCHOSEN = 1.0  # C where a class has one image, so that nothing can be left out
TOLERANCE, MOST_STEPS = 1e-3, 500


@dataclass(frozen=True, eq=False)
class CrossValidated:
    """What a probe made of every image when it was left out.

    predictions  (repeats,N) class of each image by the probe that has not seen it
    fold_of      (repeats,N) the fold in which it was left out
    strengths    the C chosen for each repeat and fold, in their order
    """

    predictions: np.ndarray
    fold_of: np.ndarray
    strengths: tuple[float, ...]

    def scores(self, labels: np.ndarray) -> list[float]:
        """The accuracy of each fold of each repeat."""
        correct = self.predictions == labels
        return [
            float(correct[repeat][folds == fold].mean())
            for repeat, folds in enumerate(self.fold_of)
            for fold in range(int(folds.max()) + 1)
        ]


def cross_validated(
    features: np.ndarray, labels: np.ndarray, folds: int, repeats: int, seed: int
) -> Generator[int, None, CrossValidated]:
    """Repeated stratified k-fold cross-validation; yields how many folds are done. The same labels and `seed` give the
    same folds, whatever the features.
    """
    from sklearn.model_selection import RepeatedStratifiedKFold

    split = RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed)
    predictions, fold_of = (np.zeros((repeats, len(labels)), np.int16) for _ in range(2))
    strengths = []
    for number, (train, test) in enumerate(split.split(labels, labels)):
        repeat, fold = divmod(number, folds)
        fitted, strength = fit(features[train], labels[train], seed)
        predictions[repeat, test], fold_of[repeat, test] = fitted.predict(features[test]), fold
        strengths.append(strength)
        yield number + 1
    return CrossValidated(predictions, fold_of, tuple(strengths))


def learning_curve(
    features: np.ndarray, labels: np.ndarray, counts: Sequence[int], draws: int, seed: int
) -> Generator[int, None, tuple[tuple[float, ...], ...]]:
    """The accuracy on all other images after training on `count` images of each class, for each of `counts` and each
    draw of them; yields how many fits are done. The same labels and `seed` give the same draws, whatever the features.
    """
    found = []
    for number, count in enumerate(counts):
        scores = []
        for draw in range(draws):
            train = _drawn(labels, count, np.random.default_rng([seed, count, draw]))
            fitted, _ = fit(features[train], labels[train], seed)
            scores.append(float((fitted.predict(features[~train]) == labels[~train]).mean()))
            yield number * draws + draw + 1
        found.append(tuple(scores))
    return tuple(found)


def fit(features: np.ndarray, labels: np.ndarray, seed: int) -> tuple[Any, float]:
    """Standardised features into logistic regression, C chosen by stratified cross-validation within these images
    alone; the fitted pipeline and C.
    """
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fewest, settings = int(np.unique(labels, return_counts=True)[1].min()), {"tol": TOLERANCE, "max_iter": MOST_STEPS}
    if fewest == 1:
        fitted = make_pipeline(StandardScaler(), LogisticRegression(C=UNCHOSEN, **settings))
        return fitted.fit(features, labels), UNCHOSEN
    inner = StratifiedKFold(min(INNER_FOLDS, fewest), shuffle=True, random_state=seed)
    choosing = LogisticRegressionCV(
        Cs=STRENGTHS, cv=inner, scoring="accuracy", l1_ratios=(0.0,), use_legacy_attributes=False, **settings
    )
    fitted = make_pipeline(StandardScaler(), choosing).fit(features, labels)
    return fitted, float(choosing.C_)


def _drawn(labels: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """(N,) bool: `count` images of every class."""
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        chosen[rng.choice(np.flatnonzero(labels == label), count, replace=False)] = True
    return chosen
