"""One image under many conditions: the severities of a corruption, or the whole corruption grid.

All of it is computed live on the image at the model's input size; stored ImageNet-C was cropped to 224 px before.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from robust_core.corruptions import BENCHMARK_15
from robust_core.corruptions.condition import Condition
from robust_core.events import Progress
from robust_core.images import LabelledImage, Preprocess, to_pixels, to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import Prediction, predict
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:
    import pandas
    from plotly.graph_objects import Figure

SEVERITIES = (0, 1, 2, 3, 4, 5)
BATCH_SIZE = 8
PROTOCOL = "corrupted live at the model's input size, seed {seed}"


@dataclass(frozen=True, eq=False)
class CorruptionSweepRequest(Request):
    """What one model predicts for `image` under each of `conditions`."""

    study: ClassVar[str] = "corruption_sweep"

    image: LabelledImage
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, eq=False)
class CorruptionSweep(StudyResult):
    """One model's predictions for one image, one for each condition, in the order of `conditions`."""

    spec: ModelSpec
    conditions: tuple[Condition, ...]
    predictions: tuple[Prediction, ...]

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each condition, with the predicted class."""
        import pandas

        return pandas.DataFrame(
            {
                "model": self.spec.name,
                "corruption": condition.corruption if condition.severity else "none",
                "severity": condition.severity,
                "class": prediction.label_space.names[prediction.label],
                "probability": prediction.top(1)[0][1],
                "entropy_bits": prediction.entropy_bits,
                "n": 1,
                "protocol": "; ".join(filter(None, (PROTOCOL.format(seed=condition.seed), condition.protocol))),
                "weights_sha256": self.spec.weights.sha256,
            }
            for condition, prediction in zip(self.conditions, self.predictions, strict=True)
        )

    def figure(self) -> "Figure":
        """The probability of the predicted class, condition by condition."""
        from robust_core.plots import results

        named = self.frame["corruption"] + " " + self.frame["severity"].astype(str)
        return results.bars(
            self.frame.assign(label=named, percent=100 * self.frame["probability"]),
            "label",
            "percent",
            "probability, %",
        )


def severity_strip(condition: Condition) -> tuple[Condition, ...]:
    """The same corruption at severities 0 (clean) to 5."""
    return tuple(replace(condition, severity=severity) for severity in SEVERITIES)


def corruption_grid(condition: Condition, names: Sequence[str] = BENCHMARK_15) -> tuple[Condition, ...]:
    """The clean image, then each of the corruptions `names` at severities 1 to 5, with all else as in `condition`; at
    first the 15 of ImageNet-C, in the benchmark's order.
    """
    grid = [replace(condition, corruption=name, severity=severity) for name in names for severity in SEVERITIES[1:]]
    return (replace(condition, corruption=BENCHMARK_15[0], severity=0), *grid)


def run(request: CorruptionSweepRequest) -> Generator[Progress, None, CorruptionSweep]:
    """Predict under each condition; raises as `predictions.run` does."""
    import torch

    from robust_core.models.pool import shared_pool

    spec, image, conditions = request.spec, request.image, request.conditions
    yield Progress(0, len(conditions), "conditions", "loading the model")
    with shared_pool().use(spec.key) as model:
        pixels = to_pixels(image, spec.preprocess_for(image.centre_crop_only))[None]
        predictions: list[Prediction] = []
        for first in range(0, len(conditions), BATCH_SIZE):
            yield Progress(first, len(conditions), "conditions", "predicting")
            batch = torch.cat([condition.apply(pixels) for condition in conditions[first : first + BATCH_SIZE]])
            predictions += predict(model, batch)[0]
    return CorruptionSweep(Provenance.of(request), spec, conditions, tuple(predictions))


def images_under(
    image: LabelledImage, preprocess: Preprocess, conditions: Sequence[Condition]
) -> Generator[Progress, None, tuple[np.ndarray, ...]]:
    """What a model sees under each condition, as 8-bit RGB (H, W, 3)."""
    pixels = to_pixels(image, preprocess)[None]
    seen = []
    for number, condition in enumerate(conditions):
        yield Progress(number, len(conditions), "images", "corrupting")
        seen.append(to_rgb(condition.apply(pixels))[0])
    return tuple(seen)
