"""Long work driven to its end, with all that came on the way."""

from collections.abc import Generator
from typing import Any, TypeVar

Event = TypeVar("Event")
Result = TypeVar("Result")


def events_and_result(work: Generator[Event, Any, Result]) -> tuple[list[Event], Result]:
    """All events of `work`, and what it returns."""
    events = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            return events, end.value
