"""The one protocol for long work: a generator yields frozen events on its way, and returns its result.

A piece of work takes in another by `result = yield from part(...)`; whoever wants no more than the result asks
`result_of`.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
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
        unit = unit.removesuffix("s") if self.total == 1 else unit
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


def progress_of(work: Generator[Any, None, Result]) -> Generator[Progress, None, Result]:
    """The same work with its Progress alone, without what else it yields."""
    return mapped(work, lambda event: event if isinstance(event, Progress) else None)


def of_all(
    parts: Sequence[tuple[str, Generator[Any, None, Result]]],
) -> Generator[Any, None, list[Result]]:
    """The results of several pieces of work, one after the other; their progress names the piece and counts on through
    all of them.
    """
    results = []
    for number, (name, part) in enumerate(parts):
        results.append((yield from mapped(part, partial(_within, number, len(parts), name))))
    return results


def _within(number: int, parts: int, name: str, event: Any) -> Any:
    if not isinstance(event, Progress) or parts == 1:
        return event
    note = f"{name}: {event.note}" if event.note else name
    if not event.total:
        return Progress(event.done, event.total, event.unit, note)
    return Progress(number * event.total + event.done, parts * event.total, event.unit, note)
