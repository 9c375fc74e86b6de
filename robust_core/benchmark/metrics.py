"""What the raw predictions on a benchmark come to: accuracy, ratios to AlexNet, calibration, and two models on the same
images.

Flip probability and top-5 distance of a frame sequence are in `perturbations`, shape bias is in `cue_conflict.votes`;
nothing here needs PyTorch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from robust_core.errors import BadInput, UnknownName
from robust_core.intervals import Interval, mcnemar, newcombe, wilson
from robust_core.results import published

LARGEST_TOP5_DISTANCE = 18  # the first four classes in places behind the fifth, the fifth class first
IMAGES_PER_BIN = 100


def in_top(logits: ArrayLike, labels: ArrayLike, k: int) -> np.ndarray:
    """Whether each label is among the `k` first classes: (N,) bool from `logits` (N, K) and `labels` (N,).

    Equal logits rank by class number. Raises BadInput when the shapes do not belong together, a logit is not finite, or
    a label is no class.
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not 1 <= k <= logits.shape[1]:
        raise BadInput(
            f"Expected logits (N, K), labels (N,) and 1 <= k <= K; got {logits.shape}, {labels.shape} and k = {k}."
        )
    if not np.isfinite(logits).all() or (labels < 0).any() or (labels >= logits.shape[1]).any():
        raise BadInput(f"Expected finite logits and labels from 0 to {logits.shape[1] - 1}; some are not.")
    own = np.take_along_axis(logits, labels[:, None], axis=1)
    earlier = np.arange(logits.shape[1]) < labels[:, None]
    return ((logits > own) | (logits == own) & earlier).sum(axis=1) < k


def accuracy(correct: ArrayLike) -> Interval | None:
    """The share of correct predictions with Wilson's interval; `correct` (N,) bool; None without images."""
    (correct,) = _checked(correct, kinds="b")
    return wilson(int(correct.sum()), len(correct))


# Ratios to AlexNet (Hendrycks and Dietterich 2019). They are in percent, so that AlexNet has 100 everywhere.


@cache
def alexnet(benchmark: str, metric: str) -> Mapping[str, float]:
    """AlexNet's published `metric` by the name of the corruption or perturbation; of the whole `benchmark` it stands
    under "".
    """
    table = published("hendrycks_alexnet")
    found = {
        "".join(row.condition.values): row.value for row in table if (row.benchmark, row.metric) == (benchmark, metric)
    }
    if not found:
        raise UnknownName(
            "number of AlexNet", f"{metric} on {benchmark}", {f"{row.metric} on {row.benchmark}" for row in table}
        )
    return found


def corruption_errors(mean_errors: Mapping[str, float]) -> dict[str, float]:
    """CE in percent by corruption, for any of the 15 and the 4 extra ones.

    `mean_errors` are top-1 errors in percent, each the mean of severities 1 to 5. Raises UnknownName or BadInput for
    others.
    """
    return _ratios(mean_errors, _alexnet_with_extra("ImageNet-C", "mean_error"))


def mce(mean_errors: Mapping[str, float]) -> float:
    """The mean CE in percent, over exactly the 15 corruptions; arguments as for `corruption_errors`."""
    return _mean(corruption_errors(mean_errors), alexnet("ImageNet-C", "mean_error"))


def relative_corruption_errors(mean_errors: Mapping[str, float], clean_error: float) -> dict[str, float]:
    """Relative CE in percent by corruption: what the corruption adds to `clean_error`, as a share of what it adds to
    AlexNet's.

    Errors are in percent. It is negative where a model errs less on corrupted images.
    """
    if not 0 <= clean_error <= 100:
        raise BadInput(f"A clean error is a percentage from 0 to 100, but {clean_error} came.")
    of_alexnet, base = alexnet("ImageNet", "top1_error")[""], _alexnet_with_extra("ImageNet-C", "mean_error")
    _check(mean_errors, base)
    return {name: 100 * (error - clean_error) / (base[name] - of_alexnet) for name, error in mean_errors.items()}


def relative_mce(mean_errors: Mapping[str, float], clean_error: float) -> float:
    """The mean relative CE in percent, over exactly the 15 corruptions."""
    return _mean(relative_corruption_errors(mean_errors, clean_error), alexnet("ImageNet-C", "mean_error"))


def flip_rates(flip_probabilities: Mapping[str, float]) -> dict[str, float]:
    """FR in percent by perturbation; flip probabilities in percent, each the mean over sequences of
    `corruptions.sequences.flip_probability`.
    """
    return _ratios(flip_probabilities, _alexnet_with_extra("ImageNet-P", "flip_probability"))


def mfr(flip_probabilities: Mapping[str, float]) -> float:
    """The mean FR in percent, over exactly the 10 perturbations."""
    return _mean(flip_rates(flip_probabilities), alexnet("ImageNet-P", "flip_probability"))


def top5_ratios(top5_distances: Mapping[str, float]) -> dict[str, float]:
    """T5D in percent by perturbation; distances in ranks, 0 to 18, each the mean over sequences of
    `corruptions.sequences.top5_distance`.
    """
    return _ratios(top5_distances, _alexnet_with_extra("ImageNet-P", "top5_distance"), highest=LARGEST_TOP5_DISTANCE)


def mt5d(top5_distances: Mapping[str, float]) -> float:
    """The mean T5D in percent, over exactly the 10 perturbations."""
    return _mean(top5_ratios(top5_distances), alexnet("ImageNet-P", "top5_distance"))


def _alexnet_with_extra(benchmark: str, metric: str) -> Mapping[str, float]:
    """Also of the extra ones, which are in no published mean."""
    return {**alexnet(benchmark, metric), **alexnet(f"{benchmark} extra", metric)}


def _ratios(values: Mapping[str, float], base: Mapping[str, float], highest: float = 100) -> dict[str, float]:
    _check(values, base, highest)
    return {name: 100 * value / base[name] for name, value in values.items()}


def _check(values: Mapping[str, float], base: Mapping[str, float], highest: float = 100) -> None:
    for name, value in values.items():
        if name not in base:
            raise UnknownName("corruption or perturbation", name, base)
        if not 0 <= value <= highest:
            raise BadInput(f"Expected a value from 0 to {highest} for {name}, but {value} came.")


def _mean(ratios: Mapping[str, float], expected: Mapping[str, float]) -> float:
    if set(ratios) != set(expected):
        differing = ", ".join(sorted(set(ratios) ^ set(expected)))
        raise BadInput(
            f"The mean is over exactly the {len(expected)} published ones; missing or too many: {differing}."
        )
    return float(np.mean(list(ratios.values())))


# Calibration (Hendrycks et al. 2021, Natural adversarial examples; hendrycks/natural-adv-examples @07770705,
# calibration_tools.py)


def rms_calibration_error(confidence: ArrayLike, correct: ArrayLike, *, as_published: bool) -> float:
    """The root mean square over images, 0 to 1, of mean confidence less accuracy of the image's bin; `confidence`
    (N,) in [0, 1].

    Bins hold 100 images of neighbouring confidence, the last one up to 199. `as_published` keeps the reference's
    quirk: its loop leaves out that last bin, the most confident images, yet divides by all. Raises BadInput for fewer
    images than two bins.
    """
    confidence, correct = _predictions(confidence, correct)
    if len(confidence) < 2 * IMAGES_PER_BIN:
        raise BadInput(
            f"Expected at least {2 * IMAGES_PER_BIN} images for two bins of {IMAGES_PER_BIN}; got {len(confidence)}."
        )
    order = np.argsort(confidence, kind="stable")  # the reference leaves the order of ties to NumPy and the processor
    starts = np.arange(0, len(order) - IMAGES_PER_BIN + 1, IMAGES_PER_BIN)
    sizes = np.diff(starts, append=len(order))
    gaps = np.add.reduceat(confidence[order] - correct[order], starts) / sizes
    counted = slice(-1 if as_published else None)
    return float(np.sqrt((sizes * gaps**2)[counted].sum() / len(order)))


def aurra(confidence: ArrayLike, correct: ArrayLike, *, as_published: bool) -> float:
    """The area under the response rate accuracy curve, 0 to 1: the mean accuracy when the 1, 2, ... N most confident
    predictions are given.

    `confidence` (N,) in [0, 1], `correct` (N,) bool. `as_published` keeps the reference's quirk: equal confidences
    stand in one order, here the last image first; NumPy's, which it takes, depends on the processor.
    Otherwise they share their accuracy, which is the mean over all their orders.
    """
    confidence, correct = _predictions(confidence, correct)
    credit = correct.astype(float) if as_published else _shared_by_ties(confidence, correct)
    most_confident_first = np.argsort(confidence, kind="stable")[::-1]
    return float(np.mean(np.cumsum(credit[most_confident_first]) / np.arange(1, len(credit) + 1)))


def _shared_by_ties(confidence: np.ndarray, correct: np.ndarray) -> np.ndarray:
    _, group = np.unique(confidence, return_inverse=True)
    return (np.bincount(group, correct) / np.bincount(group))[group]


def _predictions(confidence: ArrayLike, correct: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    (confidence,), (correct,) = _checked(confidence, kinds="f"), _checked(correct, kinds="b")
    if len(confidence) != len(correct) or not len(correct):
        raise BadInput(
            f"Expected one confidence for each of at least one prediction; got {len(confidence)} and {len(correct)}."
        )
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise BadInput("Expected confidences from 0 to 1; some are not.")
    return confidence.astype(float), correct


# Two models on the same images


@dataclass(frozen=True)
class PairedPredictions:
    """Two models on the same images: how many `both`, only one, or `neither` predict right."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def p_value(self) -> float | None:
        """McNemar's exact test that neither is more accurate; None when nothing divides them."""
        return mcnemar(self.only_first, self.only_second)

    @property
    def difference(self) -> Interval | None:
        """The second's accuracy less the first's, with Newcombe's interval for paired shares; None without images.

        It holds at any n, where the bootstrap of few images covers too little (tests/bench/RESULTS.md).
        """
        return newcombe(self.both, self.only_first, self.only_second, self.neither)


def paired(first: ArrayLike, second: ArrayLike) -> PairedPredictions:
    """Which of the same images two models get right; both (N,) bool; raises BadInput when they are not as many."""
    first, second = _checked(first, second, kinds="b")
    return PairedPredictions(
        *(int(cell.sum()) for cell in (first & second, first & ~second, ~first & second, ~first & ~second))
    )


def _checked(*columns: ArrayLike, kinds: str) -> tuple[np.ndarray, ...]:
    """Each of `columns` as an array (N,) whose dtype is of `kinds`, all as long as the first."""
    arrays = tuple(map(np.asarray, columns))
    if any(array.ndim != 1 or array.dtype.kind not in kinds or len(array) != len(arrays[0]) for array in arrays):
        named = {"b": "bool", "f": "float"}[kinds]
        raise BadInput(
            f"Expected one {named} per image; got {', '.join(f'{array.dtype} {array.shape}' for array in arrays)}."
        )
    return arrays
