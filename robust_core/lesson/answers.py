"""What stands beside a class's bets at the reveal: numbers and curves of models and people, measured or quoted."""

from dataclasses import dataclass
from enum import StrEnum

from robust_core.intervals import Interval
from robust_core.results import in_unit

NOTHING = 1e-12  # what is left of the difference of equal numbers


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

    @property
    def in_words(self) -> str:
        """The number with its unit and the bounds of its interval, such as "25.9% [22.8, 29.2]"."""
        is_share = self.unit.startswith("%")
        said = _short(self.value, is_share)
        if self.low is None or self.high is None:
            bounds = ""
        else:
            bounds = f" [{_short(self.low, is_share)}, {_short(self.high, is_share)}]"
        return f"{in_unit(said, self.unit) if self.unit else said}{bounds}"


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


def _short(value: float, is_share: bool) -> str:
    """One decimal of a share, three digits of anything else and of what is below 1%; with a true minus sign."""
    exact = 0.0 if abs(value) < NOTHING else value
    text = f"{exact:.1f}" if is_share and abs(exact) >= 1 else f"{exact:.3g}"
    return text.replace("-", "−")
