"""The frames of one image under attack: what the model was shown at some of the steps, and the last as a file can hold
it.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import AttackCurveRequest, only_steps, read_inputs, targets_of, using
from robust_core.studies.predictions import Prediction, predict

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.attacks.pgd import AttackStep
    from robust_core.models.loading import LoadedModel

MAX_FRAMES = 24
LARGEST_FACTOR = 10**7  # by which a change is made visible; a float32 pixel of 0.5 has no smaller change than 6e-8


@dataclass(frozen=True, eq=False)
class AttackFramesRequest(AttackCurveRequest):
    """The image at `place` of the set is attacked again, alone, by one model under one threat."""

    study: ClassVar[str] = "attack_frames"

    place: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.models) != 1 or len(self.threats) != 1 or not 0 <= self.place < len(self.images):
            raise BadInput(
                f"Frames are of one model under one attack, for one of {len(self.images)} images; got "
                f"{len(self.models)} models, {len(self.threats)} attacks and the image at {self.place}."
            )


@dataclass(frozen=True, eq=False)
class AttackFrames:
    """One image under attack by one model, at `steps` of the trajectory.

    attacked     (F,H,W,3) uint8, rounded for the eye
    change       (F,H,W,3) uint8, the signed change from the clean image times `factor`; grey (128) is no change
    label        class per frame, with its `probability`; `correct` where it is the label that counts
    stored       (H,W,3) uint8, the last frame in 8 bits inside the ball, as a PNG can hold it
    judged       the model's prediction for `stored` as it is
    reopened     its prediction for `stored` as an upload, prepared as the model's publisher prescribes
    """

    spec: ModelSpec
    steps: tuple[int, ...]
    attacked: np.ndarray
    change: np.ndarray
    factor: int
    label: tuple[int, ...]
    probability: tuple[float, ...]
    correct: tuple[bool, ...]
    stored: np.ndarray
    stored_prediction: Prediction
    reopened: Prediction


def run(request: AttackFramesRequest) -> Generator[Progress, None, AttackFrames]:
    """Attack the image again, from the same random draws as in the whole set.

    A network rounds a batch of one image otherwise than a large batch, so that a step on the verge may differ from the
    set's.
    """
    from robust_core.attacks.pgd import pgd

    (spec,), (threat,), places = request.models, request.threats, [request.place]
    wanted, kept = frame_steps(threat.steps), []
    yield Progress(0, threat.steps, "steps", "loading the model")
    with using(spec) as model:
        clean, labels = yield from read_inputs(request.images, places, spec)
        attacked = pgd(model, clean, labels, threat, targets_of(request, places), indices=places, keep=[0])
        for step in only_steps(attacked):
            if step.step in wanted:
                kept.append(step)
            yield Progress(step.step, threat.steps, "steps", "attacking")
        return _developed(kept, clean, model)


def frame_steps(steps: int) -> tuple[int, ...]:
    """At most MAX_FRAMES of the steps 0 to `steps`, evenly spread, first and last among them."""
    return tuple(int(step) for step in np.unique(np.linspace(0, steps, min(steps + 1, MAX_FRAMES)).round()))


def _developed(steps: "list[AttackStep]", clean: "Tensor", model: "LoadedModel") -> AttackFrames:
    import torch

    from robust_core.attacks.quantise import quantise

    threat = steps[0].threat
    attacked = torch.cat([step.pixels for step in steps])
    change = attacked - clean
    peak = threat.eps if threat.norm == "linf" else float(change.abs().amax())
    factor = max(1, int(min(0.5 / peak, LARGEST_FACTOR))) if peak else 1
    stored = quantise(attacked[-1:], clean, threat.norm, threat.eps)
    image = LabelledImage.of_pixels(to_rgb(stored)[0], "attacked", "", label_space=model.spec.label_space)
    (stored_prediction,), _ = predict(model, stored)
    (reopened,), _ = predict(model, to_pixels(image, model.spec.preprocess)[None])
    return AttackFrames(
        spec=model.spec,
        steps=tuple(step.step for step in steps),
        attacked=to_rgb(attacked),
        change=to_rgb((0.5 + factor * change).clamp(0, 1)),
        factor=factor,
        label=tuple(int(step.label) for step in steps),
        probability=tuple(float(step.probability) for step in steps),
        correct=tuple(bool(step.correct) for step in steps),
        stored=image.rgb,
        stored_prediction=stored_prediction,
        reopened=reopened,
    )
