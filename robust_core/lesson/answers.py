"""What stands beside a class's bets at the reveal: numbers of models and people, measured or quoted."""

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Where a number comes from."""

    LIVE = "live"
    CACHED = "cached"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Answer:
    """One number: `who` it is of, its `value` in `unit` with the bounds of a 95% interval where there are any, its n,
    how it was measured, and `source`, the paper or this machine.
    """

    who: str
    value: float
    unit: str
    origin: Origin
    protocol: str
    source: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
