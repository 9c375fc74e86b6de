"""One image while an attack that sees decisions alone draws nearer to it: the best that is known after some of its
queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from robust_core.images import to_rgb
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import predict

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.models.loading import LoadedModel
    from robust_core.report.report_images import ReportImage

MOST_FRAMES = 8
LEVELS = 255


@dataclass(frozen=True, eq=False)
class QueryFrames:
    """One image under attack by one model, after `queries` of them, from 0 on.

    attacked     (F,H,W,3) uint8, rounded for the eye: the clean image until a change is known that fools the model
    label        the model's class for each frame, unrounded, with its `probability`
    distance     the length of each change; infinite where none is known
    """

    spec: ModelSpec
    queries: tuple[int, ...]
    attacked: np.ndarray
    label: tuple[int, ...]
    probability: tuple[float, ...]
    distance: tuple[float, ...]

    def verdict(self, place: int) -> str:
        """What the model says of one frame."""
        return f"{self.spec.label_space.names[self.label[place]]}, {100 * self.probability[place]:.1f}%"

    @property
    def factors(self) -> tuple[int, ...]:
        """By which each frame's change is enlarged: as far as it fits."""
        peaks = np.abs(self._change()).reshape(len(self.attacked), -1).max(1)
        return tuple(max(1, (LEVELS // 2) // int(peak)) if peak else 1 for peak in peaks)

    @property
    def change(self) -> np.ndarray:
        """(F,H,W,3) uint8, the change of each rounded frame times its own factor; grey (128) is none."""
        shown = 128 + self._change() * np.array(self.factors)[:, None, None, None]
        return shown.clip(0, LEVELS).astype(np.uint8)

    def _change(self) -> np.ndarray:
        return self.attacked.astype(int) - self.attacked[:1].astype(int)


def frame_queries(marks: Sequence[int]) -> tuple[int, ...]:
    """At most MOST_FRAMES of 0 and `marks`, evenly among them, the first and the last included."""
    every = (0, *marks)
    places = np.linspace(0, len(every) - 1, min(MOST_FRAMES, len(every))).round().astype(int)
    return tuple(every[place] for place in places)


def develop(
    model: "LoadedModel", queries: Sequence[int], frames: "Sequence[Tensor]", distances: "Sequence[Tensor]"
) -> list[QueryFrames]:
    """The frames of each of K images, from (K,3,H,W) and distances (K,) after each of `queries`."""
    import torch

    found = []
    for place in range(len(frames[0])):
        pixels = torch.stack([frame[place] for frame in frames])
        predictions, _ = predict(model, pixels)
        label = tuple(one.label for one in predictions)
        probability = tuple(float(one.probabilities.max()) for one in predictions)
        far = tuple(float(distance[place]) for distance in distances)
        found.append(QueryFrames(model.spec, tuple(queries), to_rgb(pixels), label, probability, far))
    return found


def report_images(frames: QueryFrames, group: str) -> "list[ReportImage]":
    """The clean image, one on the way, the last, and the change of the last."""
    from robust_core.report.report_images import ReportImage

    last = len(frames.queries) - 1
    found = []
    for place in sorted({0, last // 2, last}):
        after = f"after {frames.queries[place]:,} queries" if frames.queries[place] else "clean"
        caption = f"{after.capitalize()}: {frames.verdict(place)}"
        found.append(
            ReportImage(
                frames.attacked[place],
                caption,
                f"The image, {after}; the model predicts {frames.verdict(place)}.",
                group,
            )
        )
    caption = f"Change after {frames.queries[last]:,} queries, enlarged {frames.factors[last]:,} times (grey: none)"
    return [*found, ReportImage(frames.change[last], caption, f"{caption}.", group)]
