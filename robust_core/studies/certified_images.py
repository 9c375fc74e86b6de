"""What is proved of single images, what an attack found, and the curves that these make."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from robust_core.certificates.smoothing import Smoothing
from robust_core.intervals import Interval, wilson

Bound = Literal["certified", "not broken", "in between"]
STEPS_OF_SIGMA = 8  # radii of a curve within one σ
MOST_RADII = 64


@dataclass(frozen=True)
class CertifiedImage:
    """What is proved of one image, and what an attack found.

    place            among the images
    right            the class that counts as correct; `known` is False where that is `candidate`
    candidate        the class that the n0 draws chose, and its `count` of votes among the n
    p_low            the lower bound on its probability in noise
    radius           certified L2 radius in pixel units; 0 where it abstains
    attack_distance  L2 of the smallest change found: 0 where the image itself is taken for a wrong class, infinite
                     where none was found; None where it was not attacked
    attack_label     the class that it is taken for then
    """

    place: int
    right: int
    known: bool
    candidate: int
    count: int
    p_low: float
    radius: float
    attack_distance: float | None = None
    attack_label: int | None = None

    @property
    def abstains(self) -> bool:
        """Whether no class is certified."""
        return self.p_low <= 0.5

    @property
    def certified(self) -> bool:
        """Whether the right class is."""
        return not self.abstains and self.candidate == self.right

    @property
    def proof_is_broken(self) -> bool:
        """Whether a change within the certified radius was found, as chance lets happen with probability at most 2α."""
        return self.certified and self.attack_distance is not None and self.attack_distance < self.radius


def share(images: Sequence[CertifiedImage], bound: Bound, radius: float) -> Interval:
    """How many of the images are certified at least to `radius`, are not broken by a change up to it, or lie in
    between, with its 95% interval.
    """
    held = [_holds(one, bound, radius) for one in images]
    found = wilson(sum(held), len(held))
    assert found is not None  # the request refuses to be without images
    return found


def radii(images: Iterable[CertifiedImage], smoothing: Smoothing) -> list[float]:
    """Where a curve is read: eighths of σ, up to the largest radius that is certified or found, and not beyond 8σ."""
    largest = max([smoothing.ceiling, *(d for one in images if (d := one.attack_distance) and math.isfinite(d))])
    step = smoothing.sigma / STEPS_OF_SIGMA
    return [number * step for number in range(min(MOST_RADII, math.ceil(largest / step)) + 1)]


def _holds(one: CertifiedImage, bound: Bound, radius: float) -> bool:
    certified = one.certified and one.radius >= radius
    if bound == "certified":
        return certified
    assert one.attack_distance is not None  # of attacked images alone
    broken = one.attack_distance <= radius
    return not broken if bound == "not broken" else not broken and not certified
