"""What the searches for the smallest changes come to, for one model: the best of them, image by image."""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from robust_core.attacks.table import AttackNorm
from robust_core.events import Progress
from robust_core.intervals import Interval, median, median_bounds, wilson
from robust_core.models.spec import ModelSpec

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.attacks.search import Attacked
    from robust_core.models.loading import LoadedModel

WRONG_WHEN_CLEAN = "wrong_when_clean"  # in place of an attack's key
LARGEST_FACTOR = 10**6  # by which a change is made visible
LEVELS_EACH_WAY = 8  # from grey, of a change that is kept for the eye: recordings stay small
LEVELS_OF_PIXELS = 255


@dataclass(frozen=True, eq=False)
class KeptChange:
    """A change for the eye: (H,W,3) uint8, times `factor`; grey (128) is none."""

    change: np.ndarray
    factor: int

    def on(self, clean: np.ndarray) -> np.ndarray:
        """The changed image (H,W,3) in 8 bits, from the clean one in 8 bits; as exact as `change` has levels."""
        added = (self.change.astype(float) - LEVELS_OF_PIXELS / 2) / self.factor
        return (clean + added).round().clip(0, LEVELS_OF_PIXELS).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class SmallestChanges:
    """What the union finds of one model on N images. Tensors (N,) are on the CPU.

    labels, known      which class counts as correct; whether that is the true one
    clean_label        the prediction for the clean image, with its `clean_probability`
    distance           the length of the smallest change; infinite where none is known, 0 where wrong when clean
    found_by           the attack that found it; "" where none did, WRONG_WHEN_CLEAN where there was nothing to find
    broken_in_8_bits   whether the model is still fooled once the changed image is rounded to 8 bits
    label, probability the prediction for the changed image
    by_attack          the distances (N,) that each attack found alone, by its key
    seconds            of each attack, by its key; `passes` forward and backward of all together
    changes            those that were to be kept, by place
    """

    spec: ModelSpec
    device: str
    labels: "Tensor"
    known: "Tensor"
    clean_label: "Tensor"
    clean_probability: "Tensor"
    distance: "Tensor"
    found_by: tuple[str, ...]
    broken_in_8_bits: "Tensor"
    label: "Tensor"
    probability: "Tensor"
    by_attack: "Mapping[str, Tensor]"
    seconds: Mapping[str, float]
    passes: tuple[int, int]
    changes: Mapping[int, KeptChange] = field(default_factory=dict, repr=False)

    @property
    def clean_correct(self) -> "Tensor":
        """(N,) whether the clean image is predicted correctly."""
        return self.clean_label == self.labels

    @cached_property
    def sorted_distances(self) -> tuple[float, ...]:
        """Of the images that are right when clean, ascending; infinite ones last."""
        return tuple(sorted(self.distance[self.clean_correct].tolist()))

    @property
    def median(self) -> float:
        """Of the images that are right when clean: the smallest distance at which half of them have fallen; NaN without
        any.
        """
        return median(self.sorted_distances)

    @property
    def median_bounds(self) -> tuple[float, float]:
        """The 95% interval of the median, which assumes no distribution."""
        return median_bounds(self.sorted_distances)

    def accuracy_at(self, eps: float) -> Interval:
        """The fraction of all images that no change within `eps` is known to break, with Wilson's interval."""
        interval = wilson(int((self.distance.double() > eps).sum()), len(self.distance))
        assert interval is not None  # the request refuses to be without images
        return interval

    def curve(self) -> list[tuple[float, Interval]]:
        """Every ε at which accuracy falls, from 0 on, with what is left there."""
        falls = sorted({0.0, *(one for one in self.distance.tolist() if math.isfinite(one))})
        return [(eps, self.accuracy_at(eps)) for eps in falls]


def length(norm: AttackNorm, eps: float) -> str:
    """A distance for people: "0.43/255" in L∞, else in pixel units."""
    if not math.isfinite(eps):
        return "none found"
    if norm != "linf":
        return f"{eps:.3g}"
    return f"{LEVELS_OF_PIXELS * eps:.3g}/255"


def united(
    model: "LoadedModel", clean: "Tensor", every: "Sequence[Attacked]", changes_of: tuple[int, ...]
) -> Generator[Progress, None, SmallestChanges]:
    """The best of `every` for each image."""
    import torch

    from robust_core.attacks.passes import Passes

    distance, which = torch.stack([one.distance for one in every]).min(0)
    first, places = every[0], torch.arange(len(clean))
    pixels = torch.stack([one.pixels for one in every])[which, places]
    passes = Passes(model, *clean.shape[2:])
    of_clean = (yield from passes.forward(clean.to(model.device))).softmax(1).max(1)
    of_changed = (yield from passes.forward(pixels.to(model.device))).softmax(1).max(1)
    keys = [one.config.attack for one in every]
    found_by = tuple(
        WRONG_WHEN_CLEAN if not right else keys[one] if far < math.inf else ""
        for right, one, far in zip(first.clean_correct.tolist(), which.tolist(), distance.tolist(), strict=True)
    )
    return SmallestChanges(
        spec=model.spec,
        device=str(model.device),
        labels=first.labels,
        known=first.known,
        clean_label=of_clean.indices,
        clean_probability=of_clean.values,
        distance=distance,
        found_by=found_by,
        broken_in_8_bits=torch.stack([one.broken_in_8_bits for one in every])[which, places],
        label=of_changed.indices,
        probability=of_changed.values,
        by_attack={one.config.attack: one.distance for one in every},
        seconds={one.config.attack: one.seconds for one in every},
        passes=(sum(one.forward_passes for one in every), sum(one.backward_passes for one in every)),
        changes={place: keep(pixels[place] - clean[place].cpu()) for place in changes_of},
    )


def keep(change: "Tensor") -> KeptChange:
    """`change` (3,H,W), as large as can be seen."""
    peak = float(change.abs().max())
    factor = max(1, int(min(0.5 / peak, LARGEST_FACTOR))) if peak else 1
    coarse = (2 * factor * change * LEVELS_EACH_WAY).round() / LEVELS_EACH_WAY
    shown = (LEVELS_OF_PIXELS / 2 * (1 + coarse)).clamp(0, LEVELS_OF_PIXELS).round()
    return KeptChange(shown.byte().permute(1, 2, 0).numpy().copy(), factor)
