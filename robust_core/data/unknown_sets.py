"""Synthetic images that show nothing any classifier knows, as a table: noise, plain colours, blobs.

Made in [0, 1] at the size of a model's input, image i from seed + i. Gaussian noise and blobs are those of outlier
exposure (Hendrycks et al. 2019), apart from its blur across the channels of a blob.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from robust_core.checks import set_whole
from robust_core.errors import UnknownName


@dataclass(frozen=True)
class UnknownKind:
    """One row: `draw(generator, height_px, width_px)` gives an image (3, H, W), floats in [0, 1]."""

    key: str
    title: str
    rule: str
    draw: Callable[[np.random.Generator, int, int], np.ndarray]


def _blobs(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter((rng.random((3, height, width)) < 0.7).astype(float), (0, 1.5, 1.5))
    return np.where(smooth < 0.75, 0, smooth)


_ROWS = (
    UnknownKind(
        "uniform_noise",
        "Uniform noise",
        "every value uniform in [0, 1)",
        lambda rng, height, width: rng.random((3, height, width)),
    ),
    UnknownKind(
        "gaussian_noise",
        "Gaussian noise",
        "every value normal, mean 0.5 and standard deviation 0.25, cut to [0, 1]",
        lambda rng, height, width: rng.normal(0.5, 0.25, (3, height, width)).clip(0, 1),
    ),
    UnknownKind(
        "constant_colours",
        "Plain colours",
        "one colour, each channel uniform in [0, 1)",
        lambda rng, height, width: np.broadcast_to(rng.random((3, 1, 1)), (3, height, width)),
    ),
    UnknownKind("blobs", "Blobs", "blurred coin flips, black below 0.75", _blobs),
)
UNKNOWN_KINDS = {row.key: row for row in _ROWS}


@dataclass(frozen=True)
class SyntheticUnknown:
    """`n` images of one of UNKNOWN_KINDS, made at any size from `seed`; raises UnknownName or BadInput for others."""

    kind: str
    n: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in UNKNOWN_KINDS:
            raise UnknownName("set of unknown images", self.kind, UNKNOWN_KINDS)
        set_whole(self, "n", 1)
        set_whole(self, "seed", 0)

    def __len__(self) -> int:
        return self.n

    @property
    def title(self) -> str:
        """The row's."""
        return UNKNOWN_KINDS[self.kind].title

    @property
    def description(self) -> str:
        """What they are and how they are drawn, in words."""
        return f"{self.title} ({UNKNOWN_KINDS[self.kind].rule}), seed {self.seed}"

    @property
    def identity(self) -> dict[str, Any]:
        """As plain values."""
        return {"title": self.title, "kind": self.kind, "n": self.n, "seed": self.seed}

    def pixels(self, places: range, height_px: int, width_px: int) -> np.ndarray:
        """Images number `places` as (B, 3, H, W), float32 in [0, 1]."""
        draw = UNKNOWN_KINDS[self.kind].draw
        drawn = [draw(np.random.default_rng(self.seed + place), height_px, width_px) for place in places]
        return np.stack(drawn).astype(np.float32)
