"""What excites a network: images that maximize a unit or a class, step by step, and the gradient of a prediction as a
image.

The ascent is the eighth experiment of Orhan 2019 (eminorhan/resnext-wsl, visualize_features.py): targeted PGD, here
`attacks.pgd`, on a network without its last layer, so that its features stand where classes were. Kept quirks:

- The loss is the cross-entropy of a softmax over all units, though these are no logits: lowering the others serves it
  as well as raising the one, and no gradient reaches a unit that is silent at the start.
- eps 4.0 is no limit where pixels lie in [0, 1]; NO_LIMIT is the same.
- The original kept, of the images whose softmax gave the unit more than 1 - 1e-6, the one nearest to the start, if
  there was any. Here the ascent ends at the first, or shows its last.

Steps of 1/255 from an 8-bit image lead to 8-bit images, so that a PNG holds exactly what the network was shown.
"""

import math
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from robust_core.checks import whole
from robust_core.errors import BadInput
from robust_core.events import Progress, result_of
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.models.architectures import Architecture
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import only_steps, using
from robust_core.studies.feature_experiments import NO_LIMIT, STEP_SIZE, Ascent
from robust_core.studies.predictions import Prediction, predict
from robust_core.studies.request import Request

if TYPE_CHECKING:  # torch comes with the first image, not with the first page
    from torch import Tensor, nn

    from robust_core.models.loading import LoadedModel


MAX_FRAMES = 24
NO_LAST_LAYER = (
    "{} does not end with a linear layer that gives one number for each class; expected a network whose last layer is "
    "nn.Linear, such as torchvision's classifiers."
)


@dataclass(frozen=True, eq=False)
class AscentRequest(Request):
    """Change `image` until one network's unit or class is excited, as `ascent` says."""

    study: ClassVar[str] = "feature_visualization"

    ascent: Ascent
    image: LabelledImage


@dataclass(frozen=True, eq=False)
class AscentStep:
    """The experiment's objective after `step` steps, and at some steps the image, (H,W,3) uint8, otherwise None."""

    step: int
    objective: float
    rgb: np.ndarray | None


@dataclass(frozen=True, eq=False)
class AscentFrames:
    """One network's whole ascent.

    objective    the cross-entropy with the target, or its activation, at every step, 0 (the start) first
    steps        of the frames below, the last step among them
    frames       (F,H,W,3) uint8, exactly what the network was shown
    predictions  its prediction for each
    maximized    the unit's activation at each, or the probability of the class
    """

    spec: ModelSpec
    device: str
    ascent: Ascent
    objective: tuple[float, ...]
    steps: tuple[int, ...]
    frames: np.ndarray
    predictions: tuple[Prediction, ...]
    maximized: tuple[float, ...]

    @property
    def largest_change(self) -> int:
        """How far any value of the last frame is from that of the first, in 255ths."""
        first, last = self.frames[[0, -1]].astype(int)
        return int(np.abs(last - first).max())

    def place(self, step: int) -> int:
        """The frame that is seen at `step`: the latest that is not after it, as an ascent that has ended stands
        still.
        """
        return bisect_right(self.steps, step) - 1


def noise(side_px: int, seed: int) -> LabelledImage:
    """An image of uniform noise, `side_px` on each side, the same for the same seed; in 8 bits, which the original's
    was not.

    Raises BadInput for a side below 1 or a seed below 0.
    """
    side_px, seed = whole("side_px", side_px, 1), whole("seed", seed, 0)
    rgb = np.random.default_rng(seed).integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)
    return LabelledImage.of_pixels(rgb, f"noise, seed {seed}", "uniform noise", centre_crop_only=True)


def frame_steps(steps: int) -> tuple[int, ...]:
    """At most MAX_FRAMES of the steps 0 to `steps`, evenly spread, first and last among them."""
    return tuple(int(step) for step in np.unique(np.linspace(0, steps, min(steps + 1, MAX_FRAMES)).round()))


def run(request: AscentRequest) -> Generator[Progress | AscentStep, None, AscentFrames]:
    """Activation maximization; yields an AscentStep after each step.

    Raises BadInput for a target that the network does not have, and what `pool.use` and `to_pixels` raise.
    """
    spec, ascent, image = request.spec, request.ascent, request.image
    yield Progress(0, ascent.steps, "steps", "loading the model")
    with using(spec) as served:
        model = served.unfolded()
        start = to_pixels(image, spec.preprocess_for(image.centre_crop_only))[None]
        target_model, seen = _target_model(model, ascent), frame_steps(ascent.steps)
        trajectory = (
            _attack(target_model, start, ascent)
            if ascent.row.objective == "cross_entropy"
            else _maximize_alone(target_model, start, ascent)
        )
        so_far: list[AscentStep] = []
        for step, (objective, pixels) in enumerate(trajectory):
            so_far.append(AscentStep(step, objective, to_rgb(pixels)[0] if step in seen else None))
            yield so_far[-1]
            yield Progress(step, ascent.steps, "steps", "ascending")
        return _ascent_frames(so_far, to_rgb(pixels)[0], ascent, model, target_model)


@cache
def unit_count(architecture: Architecture) -> int:
    """How many features the last layer of a network reads."""
    import torch

    with torch.device("meta"):
        return _last_layer(architecture.build())[1].weight.shape[1]


def without_last_layer(model: "LoadedModel") -> "LoadedModel":
    """A copy that shares the weights, whose logits (B,U) are the features that the last layer reads; where that one
    works at every place, their means.

    Raises BadInput for a network without a linear layer.
    """
    from torch import nn

    from robust_core.attributions.shared_copies import shared_copy

    headless = shared_copy(model)
    headless.network.body.set_submodule(last_layer_of(model), nn.Identity())
    return headless


def last_layer_of(model: "LoadedModel") -> str:
    """The name of the layer that gives the logits; raises BadInput for a network without one."""
    name, _ = _last_layer(model.network.body)
    return name


def _last_layer(body: "nn.Module") -> "tuple[str, nn.Linear | nn.Conv2d]":
    """The layer that gives the logits: in every architecture the linear one, or the convolution, that was defined
    last.
    """
    from torch import nn

    linear = [(name, module) for name, module in body.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    if not linear:
        raise BadInput(NO_LAST_LAYER.format("The network"))
    return linear[-1]


def _target_model(model: "LoadedModel", ascent: Ascent) -> "LoadedModel":
    """The network whose output is maximized."""
    classes, units = _last_layer(model.network.body)[1].weight.shape[:2]
    kind, count = ("units", units) if ascent.row.maximizes == "unit" else ("classes", classes)
    if ascent.target >= count:
        raise BadInput(f"{model.spec.title} has the {kind} 0 to {count - 1}; got {ascent.target} as the target.")
    return without_last_layer(model) if kind == "units" else model


def _attack(target_model: "LoadedModel", start: "Tensor", ascent: Ascent) -> "Iterator[tuple[float, Tensor]]":
    """The cross-entropy and the image after each step of the attack, up to the one that is sure enough for the
    experiment.
    """
    from robust_core.attacks.pgd import pgd

    dummy_label = 0 if ascent.target else 1  # as in the original: it must differ from the target and plays no part
    for step in only_steps(pgd(target_model, start, [dummy_label], ascent.threat, [ascent.target], keep=[0])):
        loss = float(step.loss)
        yield loss, step.pixels
        if ascent.row.stops_above is not None and math.exp(-loss) > ascent.row.stops_above:
            return


def _maximize_alone(target_model: "LoadedModel", start: "Tensor", ascent: Ascent) -> "Iterator[tuple[float, Tensor]]":
    """The unit's activation and the image after each step along the sign of that activation's own gradient."""
    import torch

    from robust_core.attacks.balls import BALLS, ascend
    from robust_core.models.finite import require_finite

    def look(_places: range) -> "tuple[float, Tensor]":
        leaf = pixels.clone().requires_grad_()
        activation = target_model.logits(leaf)[0, ascent.target]
        return activation.item(), torch.autograd.grad(activation, leaf)[0]

    ball, start = BALLS[ascent.threat.norm], start.to(target_model.device)
    pixels = start
    for _ in range(ascent.steps + 1):
        ((activation, gradient),) = result_of(target_model.batches(*start.shape[2:]).run(1, look))
        require_finite(target_model.spec.title, "gradients", gradient.isfinite().all().cpu()[None])
        yield activation, pixels
        pixels = ascend(pixels, gradient, start, ball, STEP_SIZE, NO_LIMIT)


def _ascent_frames(
    so_far: Sequence[AscentStep],
    last: np.ndarray,
    ascent: Ascent,
    model: "LoadedModel",
    target_model: "LoadedModel",
) -> AscentFrames:
    import torch

    frames = {step.step: step.rgb for step in so_far if step.rgb is not None} | {so_far[-1].step: last}
    pixels = torch.from_numpy(np.stack(list(frames.values()))).permute(0, 3, 1, 2).float() / 255
    predicted, _ = predict(model, pixels)
    if ascent.row.maximizes == "unit":
        maximized = _activations(pixels, ascent.target, target_model)
    else:
        maximized = [float(prediction.probabilities[ascent.target]) for prediction in predicted]
    objective = tuple(step.objective for step in so_far)
    return AscentFrames(
        model.spec,
        str(model.device),
        ascent,
        objective,
        tuple(frames),
        np.stack(list(frames.values())),
        tuple(predicted),
        tuple(maximized),
    )


def _activations(pixels: "Tensor", unit: int, target_model: "LoadedModel") -> list[float]:
    import torch

    def look(places: range) -> list[float]:
        with torch.inference_mode():
            return target_model.logits(pixels[places.start : places.stop])[:, unit].tolist()

    parts = result_of(target_model.batches(*pixels.shape[2:], at_once=len(pixels)).run(len(pixels), look))
    return [activation for part in parts for activation in part]
