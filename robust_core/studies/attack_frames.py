"""The frames of an attack, image by image: what the model was shown at some of the steps, and the last as a file can
hold it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from robust_core.images import LabelledImage, to_pixels, to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import Prediction, predict

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.attacks.pgd import AttackStep
    from robust_core.attacks.threat import ThreatModel
    from robust_core.models.loading import LoadedModel
    from robust_core.report.report_images import ReportImage

FEW_FRAMES = 4  # in a report
MAX_FRAMES = 13
MOST_BYTES = 2**25  # of the frames of one model's attack
LARGEST_FACTOR = 10**7  # by which a change is made visible; a float32 pixel of 0.5 has no smaller change than 6e-8


@dataclass(frozen=True, eq=False)
class AttackFrames:
    """One image under attack by one model, at `steps` of the trajectory.

    attacked     (F,H,W,3) uint8, rounded for the eye
    change       (F,H,W,3) uint8, the signed change from the clean image times `factor`; grey (128) is no change
    label        class per frame, with its `probability`; `correct` where it is the label that counts
    stored       (H,W,3) uint8, the last frame in 8 bits inside the ball, as a PNG can hold it
    stored_prediction  the model's prediction for `stored` as it is
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


def frame_steps(steps: int) -> tuple[int, ...]:
    """At most MAX_FRAMES of the steps 0 to `steps`, the first ones and the last among them, the later ones farther
    apart: most predictions flip early.
    """
    if steps < MAX_FRAMES:
        return tuple(range(steps + 1))
    spread = [{0, *np.geomspace(1, steps, count).round().astype(int).tolist()} for count in range(2, 4 * MAX_FRAMES)]
    return tuple(sorted(next(one for one in reversed(spread) if len(one) <= MAX_FRAMES)))


def most_with_frames(side_px: int) -> int:
    """How many images of `side_px` by `side_px` can have frames within MOST_BYTES."""
    return max(1, MOST_BYTES // (2 * MAX_FRAMES * 3 * side_px**2))


def develop(steps: "Sequence[AttackStep]", clean: "Tensor", model: "LoadedModel") -> list[AttackFrames]:
    """The frames of each of the K images `clean` (K,3,H,W), which are the `pixels` of all of `steps`."""
    import torch

    from robust_core.attacks.quantise import quantise

    if not len(clean):
        return []
    threat, space = steps[0].threat, model.spec.label_space
    stored = quantise(steps[-1].pixels, clean, threat.norm, threat.eps)
    files = [LabelledImage.of_pixels(rgb, "attacked", "", label_space=space) for rgb in to_rgb(stored)]
    as_stored, _ = predict(model, stored)
    reopened, _ = predict(model, torch.stack([to_pixels(file, model.spec.preprocess) for file in files]))
    return [
        AttackFrames(
            model.spec,
            tuple(step.step for step in steps),
            *_shown([step.pixels[place] for step in steps], clean[place], threat),
            label=tuple(int(step.label[place]) for step in steps),
            probability=tuple(float(step.probability[place]) for step in steps),
            correct=tuple(bool(step.correct[place]) for step in steps),
            stored=files[place].rgb,
            stored_prediction=as_stored[place],
            reopened=reopened[place],
        )
        for place in range(len(clean))
    ]


def report_images(frames: AttackFrames, group: str) -> "list[ReportImage]":
    """At most FEW_FRAMES of the frames, among them the first, the first with a wrong prediction, and the last; and the
    change of the last.
    """
    from robust_core.report.report_images import ReportImage

    count = len(frames.steps)
    wrong = next((place for place in range(count) if not frames.correct[place]), count - 1)
    chosen = sorted({0, wrong, (wrong + count - 1) // 2, count - 1})[:FEW_FRAMES]
    names = frames.spec.label_space.names
    found = []
    for place in chosen:
        said = f"{names[frames.label[place]]}, {100 * frames.probability[place]:.1f}%"
        step = "clean" if frames.steps[place] == 0 else f"step {frames.steps[place]}"
        alt = f"The image, {step}; the model predicts {said}."
        found.append(ReportImage(frames.attacked[place], f"{step.capitalize()}: {said}", alt, group))
    caption = f"Change at step {frames.steps[-1]}, enlarged {frames.factor:,} times (grey: none)"
    return [*found, ReportImage(frames.change[-1], caption, f"{caption}.", group)]


def _shown(frames: "list[Tensor]", clean: "Tensor", threat: "ThreatModel") -> tuple[np.ndarray, np.ndarray, int]:
    """The attacked frames and their changes for the eye, and the factor of the latter."""
    import torch

    attacked = torch.stack(frames)
    change = attacked - clean
    peak = threat.eps if threat.norm == "linf" else float(change.abs().amax())
    factor = max(1, int(min(0.5 / peak, LARGEST_FACTOR))) if peak else 1
    return to_rgb(attacked), to_rgb((0.5 + factor * change).clamp(0, 1)), factor
