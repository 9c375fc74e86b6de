"""What the ReaL labels say of a run's predictions (Beyer et al. 2020).

It is looked up by the names of the files whenever numbers are made and is no part of a stored unit, so that runs that
were stored before have it too.
"""

from collections.abc import Mapping

import numpy as np

from robust_core.benchmark.plans import Plan, Unit
from robust_core.benchmark.stored_runs import UnitPredictions
from robust_core.benchmark.summaries import NO_REAL_LABEL, REAL
from robust_core.benchmark.unit_images import Images, Stored
from robust_core.data.real_labels import labels_of


def with_real_labels(plan: Plan, predictions: Mapping[str, UnitPredictions]) -> dict[str, UnitPredictions]:
    """The same units by name; those of files whose predicted class is stored have a field more, `real` (N,) int8: 1
    where the class is among the ReaL labels, 0 where it is not, -1 where there are none.
    """
    units = {unit.name: unit for unit in plan.units}
    return {name: _judged(plan.images[units[name].condition], units[name], one) for name, one in predictions.items()}


def _judged(images: Images, unit: Unit, predictions: UnitPredictions) -> UnitPredictions:
    if not isinstance(images, Stored) or "label" not in predictions:
        return predictions
    labels = map(labels_of, images.file_names(unit.places))
    right = [
        int(label in among) if among else NO_REAL_LABEL
        for label, among in zip(predictions["label"].tolist(), labels, strict=True)
    ]
    return {**predictions, REAL: np.array(right, np.int8)}
