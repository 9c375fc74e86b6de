"""What stands beside a class's bets at the reveal: numbers and curves of models and people, measured or quoted."""

from dataclasses import dataclass
from enum import StrEnum

from robust_core.intervals import Interval


class Origin(StrEnum):
    """Where a number comes from."""

    LIVE = "live"
    CACHED = "cached"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Answer:
    """One number: `who` it is of, its `value` in `unit` with the bounds of a 95% interval where there are any, its n,
    how it was measured, and `source`, the paper or this machine; `on_curve` where a curve of the scene has it too.
    Answers with one `metric` stand together.
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
    on_curve: bool = False
    metric: str = ""


@dataclass(frozen=True)
class Curve:
    """The `shares` of one model `at` the places of an `axis`, and how they were measured; `measured` says what is
    shared, and `asked` is the place that the bet is about, None where it is about no place.
    """

    who: str
    measured: str
    axis: str
    at: tuple[float, ...]
    shares: tuple[Interval, ...]
    origin: Origin
    protocol: str
    source: str
    asked: float | None = None
