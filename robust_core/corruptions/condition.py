"""A corruption at a severity, as one value that keys, links and pages can hold."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from robust_core.checks import set_whole
from robust_core.corruptions.table import CORRUPTIONS
from robust_core.errors import UnknownName

if TYPE_CHECKING:  # pages hold conditions before torch is there
    from torch import Tensor


@dataclass(frozen=True)
class Condition:
    """`corruption` at `severity` 1 to 5, drawn from `seed`; severity 0 is the clean image, whatever the corruption.

    Raises UnknownName for a corruption that is not in the table and BadInput for a severity outside 0-5 or a seed below
    0.
    """

    corruption: str
    severity: int
    seed: int

    def __post_init__(self):
        if self.corruption not in CORRUPTIONS:
            raise UnknownName("corruption", self.corruption, CORRUPTIONS)
        set_whole(self, "severity", 0, 5)
        set_whole(self, "seed", 0)

    def apply(self, pixels: "Tensor") -> "Tensor":
        """`pixels` (B, 3, H, W) in [0, 1] under this condition; at severity 0 the very same tensor."""
        if self.severity == 0:
            return pixels
        from robust_core.corruptions.apply import corrupt

        return corrupt(pixels, self.corruption, self.severity, self.seed)

    @property
    def identity(self) -> dict[str, Any] | None:
        """As plain values; None for the clean image, which is the same whatever the corruption and the seed."""
        return {"corruption": self.corruption, "severity": self.severity, "seed": self.seed} if self.severity else None

    def __str__(self) -> str:
        return f"{CORRUPTIONS[self.corruption].title}, severity {self.severity}" if self.severity else "clean"


CLEAN = Condition(next(iter(CORRUPTIONS)), 0, 0)
