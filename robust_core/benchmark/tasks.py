"""What an experiment asks a model about a batch of images, as data: predict, stay steady along a frame sequence,
decide. What is asked about attacks is in `attack_tasks.py`.

Every `ask` is a generator that returns the predictions: one array for each field, with a row per image.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from robust_core.benchmark.metrics import in_top
from robust_core.cue_conflict.decisions import RULES, decide
from robust_core.errors import BadInput
from robust_core.events import Progress

if TYPE_CHECKING:  # pages list experiments before torch is there
    from torch import Tensor

    from robust_core.models.loading import LoadedModel

UnitPredictions = Mapping[str, np.ndarray]
TOP = 5


@dataclass(frozen=True, eq=False)
class Question:
    """A batch for `model`: `levels` (B,3,H,W), or (B,T,3,H,W) for frame sequences, uint8; per image the class that
    counts, the texture's class of a cue conflict, and its place in the whole set, which is where its random draws come
    from.

    `settings` are those of the condition, `quirks` the published ones that are kept.
    """

    model: "LoadedModel"
    levels: "Tensor"
    labels: np.ndarray
    textures: np.ndarray
    places: np.ndarray
    settings: Mapping[str, str]
    seed: int
    quirks: frozenset[str]

    @property
    def pixels(self) -> "Tensor":
        """The batch as float32 in [0, 1], on the model's device."""
        return self.levels.to(self.model.device, non_blocking=True).float().div(255)

    def logits(self, attacked: "Tensor | None" = None) -> Generator[Progress, None, np.ndarray]:
        """Of every image or frame, one after the other, in batches that fit the device; or of their `attacked` pixels
        (B,3,H,W).
        """
        import torch

        pixels = self.pixels.flatten(0, -4) if attacked is None else attacked
        batches = self.model.batches(*pixels.shape[-2:])

        def forward(places: range) -> "Tensor":
            with torch.inference_mode():
                return self.model.logits(pixels[places.start : places.stop]).cpu()

        return torch.cat((yield from batches.run(len(pixels), forward))).numpy()


class Task(Protocol):
    """One kind of question; a row of its batch holds `frames` images, about, and takes `passes` through a network,
    forward or backward; half of them go backward where it takes `gradients`.
    """

    frames: ClassVar[int]
    gradients: ClassVar[bool]

    @property
    def passes(self) -> int: ...

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """The predictions for a batch, a row per image."""


@dataclass(frozen=True)
class Classify:
    """The best class, its softmax probability, and whether the true one is best or among the best five, with only
    `classes` in the running.
    """

    classes: tuple[int, ...] | None = None
    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = False
    passes: ClassVar[int] = 1

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """correct, in_top5 (B,) bool; confidence (B,) float32; label (B,) int16. Raises BadInput for a true class that
        is not in the running.
        """
        logits, labels = (yield from question.logits()), question.labels
        if self.classes:
            if not np.isin(labels, self.classes).all():
                raise BadInput(
                    f"Class {labels[~np.isin(labels, self.classes)][0]} is none of the {len(self.classes)} that this "
                    "experiment compares."
                )
            logits, labels = logits[:, list(self.classes)], np.searchsorted(self.classes, labels)
        best = logits.argmax(1)
        return {
            "correct": in_top(logits, labels, 1),
            "in_top5": in_top(logits, labels, TOP),
            "confidence": softmax(logits).max(1),
            "label": np.take(self.classes, best).astype(np.int16) if self.classes else best.astype(np.int16),
        }


@dataclass(frozen=True)
class PredictionStability:
    """How often the prediction flips along a frame sequence, and how far the five best classes move
    (ImageNet-P/test.py).
    """

    frames: ClassVar[int] = 31
    gradients: ClassVar[bool] = False
    passes: ClassVar[int] = 31

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """flip_probability (B,) in [0, 1] and top5_distance (B,) in ranks, both float32; a row per frame sequence."""
        import torch

        from robust_core.corruptions.sequences import PERTURBATIONS, flip_probability, top5_distance

        reference = PERTURBATIONS[question.settings["perturbation"]].reference
        sequences = torch.from_numpy((yield from question.logits())).unflatten(0, question.levels.shape[:2])
        return {
            "flip_probability": flip_probability(sequences.argmax(-1), reference).numpy().astype(np.float32),
            "top5_distance": top5_distance(sequences, reference).numpy().astype(np.float32),
        }


@dataclass(frozen=True)
class Decide:
    """The category that each published rule decides for on a cue conflict."""

    frames: ClassVar[int] = 1
    gradients: ClassVar[bool] = False
    passes: ClassVar[int] = 1

    def ask(self, question: Question) -> Generator[Progress, None, UnitPredictions]:
        """For each rule the decision (B,), and the categories of shape and texture (B,), as int8 indices of the 16."""
        probabilities = softmax((yield from question.logits()))
        decisions = {rule.key: decide(probabilities, rule).astype(np.int8) for rule in RULES}
        return decisions | {"shape": question.labels.astype(np.int8), "texture": question.textures.astype(np.int8)}


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities (N,K) float32."""
    from scipy.special import softmax as scipy_softmax

    return scipy_softmax(logits, axis=1)
