"""The one protocol for long work: a generator yields frozen events on its way, and returns its result.

A piece of work takes in another by `result = yield from part(...)`; whoever wants no more than the result asks
`result_of`.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

Event = TypeVar("Event")
Changed = TypeVar("Changed")
Result = TypeVar("Result")


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


def result_of(work: Generator[Any, None, Result], show: Callable[[Progress], object] = lambda progress: None) -> Result:
    """Run `work` to its end and return its result; `show` is called with every Progress on the way.

    Raises what `work` and `show` raise. The work is closed in any case.
    """
    with closing(work):
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                return end.value
            if isinstance(event, Progress):
                show(event)


def mapped(
    work: Generator[Event, None, Result], change: Callable[[Event], Changed | None]
) -> Generator[Changed, None, Result]:
    """The same work and the same result, with each event as `change` makes it; None leaves the event out.

    Whatever ends it, the work is closed too.
    """
    with closing(work):
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                return end.value
            changed = change(event)
            if changed is not None:
                yield changed


def last(events: Iterable[Event]) -> Event:
    """The last of `events`, for `mini.splits` alone, which keeps an older protocol: its source is part of the mini
    world's identity (`mini/identity.py`), so that it cannot change.

    Raises ValueError when there was no event at all.
    """
    tail = deque(events, maxlen=1)
    if not tail:
        raise ValueError("the work yielded no event, so it has no result")
    return tail[0]
