"""What one model predicts for images whose object is edited, and how that is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from robust_core.images import LabelledImage
from robust_core.intervals import Interval, newcombe, wilson
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import true_label


@dataclass(frozen=True, eq=False)
class EditedPredictions:
    """What one model predicts for each edit and image (edits, n): the class, and the `probability` of the class that is
    followed (n,), which is the true one where it is known, else the one predicted for the original. The first edit is
    none: the scene itself, or the object pasted back. `original` and `original_probability` (n,) are of images as they
    came.
    """

    spec: ModelSpec
    device: str
    predicted: np.ndarray
    probability: np.ndarray
    followed: np.ndarray
    original: np.ndarray
    original_probability: np.ndarray

    @property
    def n(self) -> int:
        """How many images."""
        return self.predicted.shape[1]

    @property
    def correct(self) -> np.ndarray:
        """Whether each edit of each image (edits, n) is predicted as the class that is followed."""
        return self.predicted == self.followed

    @property
    def control_keeps(self) -> np.ndarray:
        """Of which images (n,) the cut alone leaves the prediction as it was; scenes are not cut."""
        return self.predicted[0] == self.original

    def accuracy(self, place: int) -> Interval:
        """The fraction of all images that is correct under the edit at `place`."""
        return _counted(self.correct[place])

    @property
    def original_accuracy(self) -> Interval:
        """The fraction of the images that is correct as they came."""
        return _counted(self.original == self.followed)

    @property
    def control(self) -> Interval:
        """The fraction of the images whose prediction the cut alone does not change."""
        return _counted(self.control_keeps)

    def change(self, place: int) -> Interval:
        """What the edit at `place` adds to the accuracy on the same images unedited, paired."""
        before, after = self.correct[0], self.correct[place]
        only_before, only_after = int((before & ~after).sum()), int((after & ~before).sum())
        both = int((before & after).sum())
        found = newcombe(both, only_before, only_after, self.n - both - only_before - only_after)
        assert found is not None  # the request refuses to be without images
        return found

    def kept(self, place: int) -> Interval | None:
        """Of the images that are right unedited, the fraction that is right under the edit; None without any."""
        right = self.correct[0]
        return wilson(int((right & self.correct[place]).sum()), int(right.sum()))

    @classmethod
    def of(
        cls,
        spec: ModelSpec,
        device: str,
        images: Sequence[LabelledImage],
        originals: np.ndarray,
        edited: Sequence[np.ndarray],
    ) -> "EditedPredictions":
        """What the probabilities (n, classes) for the images as they came, and for them under each edit, come to."""
        at, original = np.arange(len(images)), originals.argmax(1)
        truths = [true_label(image, spec.label_space) for image in images]
        pairs = zip(original, truths, strict=True)
        followed = np.array([one if truth is None else truth for one, truth in pairs])
        predicted = np.stack([one.argmax(1) for one in edited])
        probability = np.stack([one[at, followed] for one in edited]).astype(np.float32)
        return cls(spec, device, predicted, probability, followed, original, originals[at, followed].astype(np.float32))

    @classmethod
    def together(cls, parts: Sequence["EditedPredictions"]) -> "EditedPredictions":
        """The same model's predictions for several sets of images as one."""
        arrays = ("predicted", "probability", "followed", "original", "original_probability")
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(one, name) for one in parts], axis=-1) for name in arrays
        }
        return replace(parts[0], **joined)


def _counted(hits: np.ndarray) -> Interval:
    found = wilson(int(hits.sum()), len(hits))
    assert found is not None  # the request refuses to be without images
    return found
