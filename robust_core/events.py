"""The frozen events that long work yields; the last event of a generator is its result."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """How far a piece of work has come: `done` of `total` (None when unknown) in `unit`s, and a word for the eye."""

    done: int
    total: int | None
    unit: str
    note: str = ""

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1; None when the total is unknown."""
        return None if not self.total else min(self.done / self.total, 1.0)

    def __str__(self) -> str:
        """In words, such as "downloading 12 of 102 MB"."""
        scale, unit = (1e6, "MB") if self.unit == "bytes" else (1, self.unit)
        of = f" of {self.total / scale:,.0f}" if self.total else ""
        counted = f"{self.done / scale:,.0f}{of} {unit}" if unit else ""
        return f"{self.note} {counted}".strip()


def last(events: Iterable[Any]) -> Any:
    """Run `events` to the end and return the last one, which is the result.

    Raises ValueError when there was no event at all.
    """
    tail = deque(events, maxlen=1)
    if not tail:
        raise ValueError("the work yielded no event, so it has no result")
    return tail[0]
