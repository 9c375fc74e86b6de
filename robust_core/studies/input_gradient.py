"""The gradient of a prediction's logit with respect to the pixels: what a network is sensitive to on one image."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from robust_core.events import Progress
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import using
from robust_core.studies.predictions import Prediction, predict
from robust_core.studies.request import Request


@dataclass(frozen=True, eq=False)
class InputGradientRequest(Request):
    """The gradient of one model's predicted logit on `image`."""

    study: ClassVar[str] = "input_gradient"

    image: LabelledImage


@dataclass(frozen=True, eq=False)
class InputGradient:
    """The gradient (H,W,3) float32 of the predicted logit with respect to the pixels of `rgb` (H,W,3) uint8, signed and
    unscaled.
    """

    spec: ModelSpec
    device: str
    rgb: np.ndarray
    gradient: np.ndarray
    prediction: Prediction


def cosine_with_edges(found: InputGradient) -> float:
    """How well the gradient follows the edges of its image: the cosine of its size, summed over the colours, with
    Sobel's edges; NaN where either is zero everywhere.
    """
    from robust_core.simplicity.alignment import cosine, edge_strength, sensitivity

    edges = edge_strength(found.rgb[None] / np.float32(255))
    return float(cosine(sensitivity(found.gradient[None]), edges)[0])


def cosine_between(first: InputGradient, second: InputGradient) -> float | None:
    """The cosine of two signed gradients of one image; None where the models' input sizes differ."""
    from robust_core.simplicity.alignment import cosine

    if first.gradient.shape != second.gradient.shape:
        return None
    return float(cosine(first.gradient[None], second.gradient[None])[0])


def run(request: InputGradientRequest) -> Generator[Progress, None, InputGradient]:
    """One forward and one backward pass. Raises what `pool.use` and `to_pixels` raise."""
    from robust_core.attributions.gradients import saliency
    from robust_core.models.finite import require_finite

    spec, image = request.spec, request.image
    yield Progress(0, None, "", "loading the model")
    with using(spec) as model:
        pixels = to_pixels(image, spec.preprocess_for(image.centre_crop_only))[None].to(model.device)
        (prediction,), _ = predict(model, pixels)
        gradient = yield from saliency(model, pixels, prediction.label, colours="signed sum")
        require_finite(spec.title, "gradients", gradient.isfinite().all().cpu()[None])
        by_place = gradient[0].permute(1, 2, 0).cpu().contiguous().numpy()
        return InputGradient(spec, str(model.device), to_rgb(pixels)[0], by_place, prediction)
