"""One piece of work: where it stands, what it has yielded and returned, who watches it."""

import threading
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from robust_core.events import Progress

Work = Callable[[], Generator[Any, None, Any]]


class State(StrEnum):
    """Where a job stands; a refused one never came into the queue, or has made room in it for others."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class Job:
    """One piece of work. Everything is written by its queue alone; `events` only grows, so readers need no lock."""

    def __init__(self, key: Hashable, work: Work | None):
        self.key = key
        self.state = State.WAITING
        self.events: list[Any] = []
        self.error: str | None = None
        self.finished = threading.Event()
        self._work = work
        self._result: Any = None
        self._subscribers: dict[str, int] = {}  # each with the number of its request
        self._cancelled = threading.Event()
        self._began = 0.0
        self._bytes = 0

    @classmethod
    def refused(cls, key: Hashable, reason: str) -> "Job":
        """What stands for a job that a full queue did not take: over, with `reason` as its error."""
        job = cls(key, None)
        job.state, job.error = State.REFUSED, reason
        job.finished.set()
        return job

    @classmethod
    def done(cls, key: Hashable, result: Any, events: Iterable[Any] = ()) -> "Job":
        """What stands for work that was done before, whose `result` is at hand."""
        job = cls(key, None)
        job.state, job._result = State.DONE, result
        job.events.extend(events)
        job.finished.set()
        return job

    @property
    def active(self) -> bool:
        """Whether it is still waiting or running."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def ended_without(self) -> bool:
        """Whether it came into the queue, and is over without a result."""
        return self.state in (State.FAILED, State.CANCELLED) or self.made_room

    @property
    def made_room(self) -> bool:
        """Whether it was in the queue and has made room for others."""
        return self.state is State.REFUSED and bool(self._subscribers)

    @property
    def kind(self) -> Hashable:
        """What its duration is compared by: the first part of a key that has parts."""
        return self.key[0] if isinstance(self.key, tuple) and self.key else None

    @property
    def result(self) -> Any:
        """What the work of a job that is done returned, otherwise None."""
        return self._result if self.state is State.DONE else None

    @property
    def progress(self) -> Progress | None:
        """The latest Progress event, or None before the first."""
        return next((event for event in reversed(self.events) if isinstance(event, Progress)), None)

    def run(self) -> Generator[Any, None, None]:
        """The events of the work, which is begun with the first; its result is kept. For the queue alone."""
        if self._work is not None:  # a refused job has none, nor has one that was done before; neither runs
            self._result = yield from self._work()


def array_bytes(events: Iterable[Any]) -> int:
    """What the arrays and tensors in dataclasses and collections among `events` take; one that several share counts
    once.
    """
    return sum({id(array): array.nbytes for array in _arrays(events)}.values())


def _arrays(thing: Any) -> Iterator[Any]:
    if hasattr(thing, "nbytes"):
        yield thing
    elif is_dataclass(thing):
        yield from _arrays([getattr(thing, field.name) for field in fields(thing)])
    elif isinstance(thing, Mapping):
        yield from _arrays(list(thing.values()))
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from _arrays(part)
