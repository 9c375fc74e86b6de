"""Activations as sums of few concepts: non-negative matrix factorisation, and whether it finds the same ones again."""

import warnings

import numpy as np

MOST_ITERATIONS = 2_000


def factorised(activations: np.ndarray, concepts: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients U (N,R) and concepts W (R,C), nowhere negative, whose product comes near to the activations (N,C);
    each concept has length 1 (Fel et al. 2023, equation 1).

    R is at most N and C. The start is a singular value decomposition, whose zeros `seed` fills.
    """
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    method = NMF(concepts, init="nndsvdar", random_state=seed, max_iter=MOST_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # how good it is, the error says
        coefficients = method.fit_transform(activations.astype(np.float64))
    length = np.linalg.norm(method.components_, axis=1)
    whole = np.where(length > 0, length, 1)
    return coefficients * whole, method.components_ / whole[:, None]


def coefficients(activations: np.ndarray, bank: np.ndarray) -> np.ndarray:
    """The non-negative coefficients (N,R) of activations (N,C) in the concepts (R,C): least squares for each row."""
    from scipy.optimize import nnls

    basis, triangle = np.linalg.qr(bank.T.astype(np.float64))
    return np.array([nnls(triangle, row)[0] for row in activations.astype(np.float64) @ basis])


def relative_error(activations: np.ndarray, approximation: np.ndarray) -> float:
    """The length of what is missed, relative to that of the activations; NaN where they are zero."""
    length = float(np.linalg.norm(activations))
    return float(np.linalg.norm(activations - approximation)) / length if length else float("nan")


def found_again(bank: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, float]:
    """Cosines (R,) of each concept of the bank's counterparts in two other banks, found independently; and the mean
    cosine of those that are no counterparts, NaN for a single concept.

    Counterparts are matched one to one, for the largest sum of cosines.
    """
    from scipy.optimize import linear_sum_assignment

    ours, theirs = (other[linear_sum_assignment(-_cosines(bank, other))[1]] for other in (first, second))
    between = _cosines(ours, theirs)
    others = between[~np.eye(len(bank), dtype=bool)]
    return np.diag(between).copy(), float(others.mean()) if len(others) else float("nan")


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)
    return (one @ other.T) / np.where(lengths > 0, lengths, 1)
