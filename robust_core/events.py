"""The frozen events that long work yields; the last event of a generator is its result."""

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


def last(events: Iterable[Any]) -> Any:
    """Run `events` to the end and return the last one, which is the result.

    Raises ValueError when there was no event at all.
    """
    result = nothing = object()
    for result in events:
        pass
    if result is nothing:
        raise ValueError("the work yielded no event, so it has no result")
    return result
