"""A corruption at a severity, as one value that keys, links and pages can hold."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from robust_core.checks import set_whole
from robust_core.corruptions.frost_photos import frost_source
from robust_core.corruptions.table import CORRUPTIONS, STORED_JPEG_QUALITY
from robust_core.errors import UnknownName

if TYPE_CHECKING:  # pages hold conditions before torch is there
    from torch import Tensor


@dataclass(frozen=True)
class Condition:
    """`corruption` at `severity` 1 to 5, drawn from `seed`; severity 0 is the clean image, whatever the corruption.
    `as_stored` sends it through the JPEG that the stored ImageNet-C went through; `frost` is what frost is made of, ""
    for other corruptions.

    Raises UnknownName for a corruption that is not in the table and BadInput for a severity outside 0-5 or a seed below
    0.
    """

    corruption: str
    severity: int
    seed: int
    as_stored: bool = False
    frost: str = field(init=False, default="", repr=False)

    def __post_init__(self):
        if self.corruption not in CORRUPTIONS:
            raise UnknownName("corruption", self.corruption, CORRUPTIONS)
        set_whole(self, "severity", 0, 5)
        set_whole(self, "seed", 0)
        if self.severity and self.corruption == "frost":
            object.__setattr__(self, "frost", frost_source().protocol)

    def apply(self, pixels: "Tensor") -> "Tensor":
        """`pixels` (B, 3, H, W) in [0, 1] under this condition; at severity 0 the very same tensor."""
        if self.severity == 0:
            return pixels
        from robust_core.corruptions.apply import corrupt

        return corrupt(pixels, self.corruption, self.severity, self.seed, as_stored=self.as_stored)

    @property
    def identity(self) -> dict[str, Any] | None:
        """As plain values, with what frost is made of; None for the clean image, which is the same whatever the
        corruption and the seed.
        """
        if not self.severity:
            return None
        values = {"corruption": self.corruption, "severity": self.severity, "seed": self.seed}
        return values | {name: value for name in ("as_stored", "frost") if (value := getattr(self, name))}

    @property
    def protocol(self) -> str:
        """What beside corruption, severity and seed determines the image, in words: what frost is made of, and the
        JPEG; "" where nothing does.
        """
        jpeg = f"JPEG of quality {STORED_JPEG_QUALITY}, as stored" if self.severity and self.as_stored else ""
        return "; ".join(filter(None, (self.frost, jpeg)))

    def __str__(self) -> str:
        return f"{CORRUPTIONS[self.corruption].title}, severity {self.severity}" if self.severity else "clean"


CLEAN = Condition(next(iter(CORRUPTIONS)), 0, 0)
