"""How breakable one image is among others: where its smallest change lies among those of reference images."""

import math
from dataclasses import dataclass

from robust_core.intervals import Interval, wilson
from robust_core.studies.smallest_change import SmallestChangeResult

WRONG, UNBROKEN, RANKED, ALONE = "wrong when clean", "unbroken", "ranked", "alone"


@dataclass(frozen=True)
class Breakability:
    """One image among the references of the same model and norm that the model gets right when clean.

    standing      WRONG: the model is wrong before any change; UNBROKEN: no search broke the image; ALONE: there is no
                  reference; RANKED otherwise
    distance      of the image; infinite where it is UNBROKEN
    references    their distances, ascending, infinite where no search broke one; the image itself is none of them
    easier        the fraction of them that a smaller change breaks, with Wilson's interval: the image's percentile.
                  None unless RANKED
    left_out      how many references are left out, as the model is wrong about them when clean
    """

    standing: str
    distance: float
    references: tuple[float, ...]
    easier: Interval | None
    left_out: int

    @property
    def never_broken(self) -> int:
        """How many references no search broke: all that is known is that their changes are longer."""
        return sum(map(math.isinf, self.references))


def breakability(
    result: SmallestChangeResult, place: int, references: SmallestChangeResult, model: str
) -> Breakability:
    """The image at `place` of `result` among the images of `references`, for the model with this name in both."""
    found = next(one for one in result.found if one.spec.name == model)
    others = next(one for one in references.found if one.spec.name == model)
    image, its = result.image_digests[place], float(found.distance[place])
    each = zip(references.image_digests, others.distance.tolist(), others.clean_correct.tolist(), strict=True)
    rest = [(distance, right) for digest, distance, right in each if digest != image]
    compared = tuple(sorted(distance for distance, right in rest if right))
    standing = _standing(bool(found.clean_correct[place]), its, compared)
    easier = wilson(sum(one < its for one in compared), len(compared)) if standing == RANKED else None
    return Breakability(standing, its, compared, easier, len(rest) - len(compared))


def _standing(is_right: bool, distance: float, references: tuple[float, ...]) -> str:
    if not is_right:
        return WRONG
    if math.isinf(distance):
        return UNBROKEN
    return RANKED if references else ALONE
