"""Whether confidence is accuracy: reliability bins and ECE, NLL and Brier score, and one temperature that mends them.

Guo et al. 2017, On calibration of modern neural networks. Nothing here needs PyTorch.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from robust_core.errors import BadInput
from robust_core.intervals import Interval, wilson

BINS = 15
COLDEST, HOTTEST = 0.02, 50.0
RESAMPLES = 1000


@dataclass(frozen=True)
class ReliabilityBin:
    """Predictions whose confidence is above `low` and at most `high`: their `accuracy` is None where there are none."""

    low: float
    high: float
    n: int
    mean_confidence: float | None
    accuracy: Interval | None


def confidences(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The largest probability (N,) of the softmax of `logits` (N, K) / `temperature`, and whether its class is that of
    `labels` (N,).
    """
    log_probabilities = _log_softmax(_checked(logits, labels) / temperature)
    return np.exp(log_probabilities.max(1)), log_probabilities.argmax(1) == labels


def reliability_bins(confidence: np.ndarray, correct: np.ndarray, bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """`bins` of equal width from 0 to 1 with the accuracy of the predictions in each; both arrays are (N,)."""
    place, edges = _places(confidence, bins), [number / bins for number in range(bins + 1)]
    return tuple(_bin(edges[number], edges[number + 1], place == number, confidence, correct) for number in range(bins))


def _places(confidence: np.ndarray, bins: int) -> np.ndarray:
    """The number of each prediction's bin, which holds its upper edge but not its lower one."""
    return (np.ceil(confidence * bins).astype(int) - 1).clip(0, bins - 1)


def _bin(low: float, high: float, inside: np.ndarray, confidence: np.ndarray, correct: np.ndarray) -> ReliabilityBin:
    n = int(inside.sum())
    return ReliabilityBin(
        low, high, n, float(confidence[inside].mean()) if n else None, wilson(int(correct[inside].sum()), n)
    )


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = BINS) -> float:
    """ECE, 0 to 1: the gap between accuracy and mean confidence of each bin, weighted by how many predictions it has.

    Chance alone makes it larger than 0, the more so the fewer images there are.
    """
    return float(np.abs(np.bincount(_places(confidence, bins), confidence - correct, bins)).sum() / len(confidence))


def nll_nats(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """The mean negative log-likelihood of the true classes, in nats."""
    return float(_nll_each(logits, labels, temperature).mean())


def _nll_each(logits: np.ndarray, labels: np.ndarray, temperature: float) -> np.ndarray:
    scaled = _log_softmax(_checked(logits, labels) / temperature)
    return -scaled[np.arange(len(labels)), labels]


def _brier_each(logits: np.ndarray, labels: np.ndarray, temperature: float) -> np.ndarray:
    probabilities = np.exp(_log_softmax(_checked(logits, labels) / temperature))
    own = probabilities[np.arange(len(labels)), labels]
    return (probabilities**2).sum(1) - 2 * own + 1


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature from 0.02 to 50 at which `nll_nats` is least; it has one minimum, being convex in 1 / T.

    Where every prediction is right, the colder the better: the fit ends near 0.02.
    """
    from scipy.optimize import minimize_scalar  # a page that shows results must not wait for its import

    found = minimize_scalar(
        lambda log_t: nll_nats(logits, labels, float(np.exp(log_t))),
        bounds=(np.log(COLDEST), np.log(HOTTEST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


@dataclass(frozen=True)
class Estimate:
    """A mean over images, or an error of all of them, with the bounds of its 95% interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class CalibrationScores:
    """How well `n` predictions at `temperature` are calibrated; intervals of ECE, NLL and the Brier score (0 to 2) are
    the percentiles of 1,000 bootstrap resamples of the images.
    """

    temperature: float
    n: int
    accuracy: Interval | None
    ece: Estimate
    nll_nats: Estimate
    brier: Estimate
    bins: tuple[ReliabilityBin, ...]


def calibration_scores(logits: np.ndarray, labels: np.ndarray, temperature: float, seed: int) -> CalibrationScores:
    """All of it for `logits` (N, K) and `labels` (N,), N at least 1, divided by `temperature`."""
    confidence, correct = confidences(logits, labels, temperature)
    nll, brier = (each(logits, labels, temperature) for each in (_nll_each, _brier_each))
    n = len(labels)
    return CalibrationScores(
        temperature,
        n,
        wilson(int(correct.sum()), n),
        _bootstrap(lambda chosen: expected_calibration_error(confidence[chosen], correct[chosen]), n, seed),
        _bootstrap(lambda chosen: float(nll[chosen].mean()), n, seed),
        _bootstrap(lambda chosen: float(brier[chosen].mean()), n, seed),
        reliability_bins(confidence, correct),
    )


def _bootstrap(statistic: Callable[[np.ndarray], float], n: int, seed: int) -> Estimate:
    rng = np.random.default_rng(seed)
    drawn = [statistic(rng.integers(n, size=n)) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Estimate(statistic(np.arange(n)), float(low), float(high))


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def _checked(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not len(labels):
        raise BadInput(f"Expected logits (N, K) and labels (N,), N >= 1; got {logits.shape} and {labels.shape}.")
    return logits.astype(np.float64)
