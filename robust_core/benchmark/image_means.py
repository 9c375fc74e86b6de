"""Numbers that are means over images and conditions, such as the mCE, and their interval: a bootstrap over the images,
each of which counts under all conditions at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Required, TypedDict

import numpy as np

from robust_core.benchmark.tasks import UnitPredictions
from robust_core.resampling import OVER_IMAGES, percentile_bounds, resampled_means
from robust_core.results import BenchmarkCondition

IMAGE = "image"  # a field of predictions: the number of each image, the same under every condition
CLEAN = "clean_correct"  # a field of predictions: whether the same image is classified correctly without a corruption
ByCondition = Mapping[BenchmarkCondition, UnitPredictions]
Statistic = Callable[[Mapping[str, float]], float]


class Bounds(TypedDict, total=False):
    """The fields of a Number that bound it; none where no interval is known."""

    low: float
    high: float
    interval_method: str


class Bounded(Bounds):
    """The same with what they bound."""

    value: Required[float]


@dataclass(frozen=True, eq=False)
class Means:
    """Means by name, such as those of corruptions: their `values`, the `n` images of each, and `resampled` once more
    for every resample of the images; none where the images of the names are not known to be the same.
    """

    values: Mapping[str, float]
    n: Mapping[str, int]
    resampled: Sequence[Mapping[str, float]]

    def bounded(self, statistic: Statistic, n: int) -> Bounded:
        """The value of a `statistic` of the means, and the bounds that it has with `n` images, rounded so that every
        processor stores the same.
        """
        value = Bounded(value=statistic(self.values))
        again = np.array([statistic(one) for one in self.resampled])
        bounds = percentile_bounds(again, n) if len(again) else None
        if bounds:
            value |= Bounds(low=round(bounds[0], 6), high=round(bounds[1], 6), interval_method=OVER_IMAGES)
        return value


def means_of(
    predictions: ByCondition,
    parts: Mapping[str, Sequence[BenchmarkCondition]],
    score: Callable[[UnitPredictions], np.ndarray],
) -> Means:
    """The mean of `score` (N,) over the images, and over the conditions that are the `parts` of a name."""
    scores = {name: [score(predictions[condition]) for condition in conditions] for name, conditions in parts.items()}
    values = {name: float(np.mean([one.mean(dtype=np.float64) for one in of_name])) for name, of_name in scores.items()}
    n = {name: len(of_name[0]) for name, of_name in scores.items()}
    if not scores or not _same_images([predictions[one] for conditions in parts.values() for one in conditions]):
        return Means(values, n, ())
    by_image = np.stack([np.mean(of_name, axis=0) for of_name in scores.values()], axis=1)
    return Means(values, n, [dict(zip(scores, row, strict=True)) for row in resampled_means(by_image).tolist()])


def _same_images(predictions: Sequence[UnitPredictions]) -> bool:
    """Whether all of them are known to be about the same images in the same order."""
    images = [one.get(IMAGE) for one in predictions]
    return images[0] is not None and all(one is not None and np.array_equal(one, images[0]) for one in images)
