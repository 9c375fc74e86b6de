"""One image along a sequence of ImageNet-P: how often the predicted label flips, and how far the top five move.

The frames are made live at the model's input size; stored ImageNet-P went through video and differs.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from robust_core.events import Progress
from robust_core.images import LabelledImage, Preprocess, to_pixels, to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import Prediction, predict
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance, StudyResult

if TYPE_CHECKING:  # torch comes with the first prediction, not with the first page
    import pandas
    from plotly.graph_objects import Figure
    from torch import Tensor

BATCH_SIZE = 8


@dataclass(frozen=True, eq=False)
class PerturbationRequest(Request):
    """What one model predicts for every frame of the sequence that `perturbation` makes of `image` from `seed`."""

    study: ClassVar[str] = "perturbation_sequence"

    image: LabelledImage
    perturbation: str
    seed: int


@dataclass(frozen=True, eq=False)
class PerturbationSequence(StudyResult):
    """One model's predictions along a sequence, with ImageNet-P's measures by its own formulas."""

    spec: ModelSpec
    perturbation: str
    predictions: tuple[Prediction, ...]
    flip_probability: float
    top5_distance: float

    def to_frame(self) -> "pandas.DataFrame":
        """A row for each frame, with the measures of the whole sequence."""
        import pandas

        return pandas.DataFrame(
            {
                "model": self.spec.name,
                "perturbation": self.perturbation,
                "frame": number,
                "class": prediction.label_space.names[prediction.label],
                "probability": prediction.top(1)[0][1],
                "flip_probability": self.flip_probability,
                "top5_distance": self.top5_distance,
                "n": 1,
                "protocol": "frames made live at the model's input size",
                "weights_sha256": self.spec.weights.sha256,
            }
            for number, prediction in enumerate(self.predictions)
        )

    def figure(self) -> "Figure":
        """The probability of the predicted class, frame by frame."""
        from robust_core.plots import results

        frame = self.frame.assign(percent=100 * self.frame["probability"])
        return results.curves(frame, ("model",), "frame", "percent", "frame", "probability, %")


def run(request: PerturbationRequest) -> Generator[Progress, None, PerturbationSequence]:
    """Predict for every frame; raises as `predictions.run` does."""
    import torch

    from robust_core.corruptions.sequences import PERTURBATIONS, flip_probability, top5_distance
    from robust_core.models.pool import shared_pool

    spec, image = request.spec, request.image
    reference = PERTURBATIONS[request.perturbation].reference
    yield Progress(0, None, "", "loading the model")
    with shared_pool().use(spec.key) as model:
        frames = _frames(image, spec.preprocess_for(image.centre_crop_only), request.perturbation, request.seed)
        predictions: list[Prediction] = []
        for first in range(0, len(frames), BATCH_SIZE):
            yield Progress(first, len(frames), "frames", "predicting")
            predictions += predict(model, frames[first : first + BATCH_SIZE])[0]
    probabilities = torch.from_numpy(np.stack([prediction.probabilities for prediction in predictions]))[None]
    flips = flip_probability(probabilities.argmax(-1), reference)
    distance = top5_distance(probabilities, reference)
    return PerturbationSequence(
        Provenance.of(request), spec, request.perturbation, tuple(predictions), float(flips), float(distance)
    )


def frames_of(
    image: LabelledImage, preprocess: Preprocess, perturbation: str, seed: int
) -> Generator[Progress, None, tuple[np.ndarray, ...]]:
    """The frames of a sequence as 8-bit RGB (H, W, 3)."""
    yield Progress(0, None, "", "making the frames")
    return tuple(to_rgb(_frames(image, preprocess, perturbation, seed)))


def _frames(image: LabelledImage, preprocess: Preprocess, perturbation: str, seed: int) -> "Tensor":
    """The sequence at the model's input size, made from the resized image before its crop, so that what lay outside
    can move in.
    """
    from robust_core.corruptions.sequences import frames

    height, width, _ = image.rgb.shape
    shorter = preprocess.resize or min(height, width)
    whole = to_pixels(image, replace(preprocess, crop=shorter))
    return frames(whole, perturbation, seed, crop_px=preprocess.crop)
