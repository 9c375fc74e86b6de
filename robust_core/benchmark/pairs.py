"""Two models on the same images: which runs can be compared image by image, and who is right where."""

from collections.abc import Iterable

import numpy as np

from robust_core.benchmark.stored_runs import Run
from robust_core.results import BenchmarkCondition

OF_ONE_MODEL = {"model", "weights_sha256", "units"}  # what may differ between two runs that are compared


def comparable(first: str, second: str, runs: Iterable[Run]) -> list[tuple[Run, Run]]:
    """The pairs of runs of two models, by key, that differ in nothing but the model and predicted the same images in
    the same order.
    """
    runs = [run for run in runs if run.images_digest]
    return [
        (one, other)
        for one in runs
        if one.identity.get("model") == first
        for other in runs
        if other.identity.get("model") == second and _shared(one) == _shared(other)
    ]


def correct_by_part(run: Run) -> dict[BenchmarkCondition, np.ndarray]:
    """Whether each image is classified correctly, (N,) bool, by condition; under an attack also by step. Empty for what
    has no correct predictions.

    Raises DataUnavailable when the predictions are not all there.
    """
    found: dict[BenchmarkCondition, np.ndarray] = {}
    for condition, predictions in run.predictions().items():
        correct = predictions.get("correct")
        if correct is not None and correct.ndim == 2:  # a column per attack step, the clean image first
            found |= {condition.and_at(steps=step): correct[:, step] for step in range(correct.shape[1])}
        elif correct is not None:
            found[condition] = correct
    return found


def _shared(run: Run) -> dict:
    return {name: value for name, value in run.identity.items() if name not in OF_ONE_MODEL}
