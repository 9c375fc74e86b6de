"""Long work outside the script threads: one worker per queue, identical work once, progress, cancel, queue place.

A job is a generator of events (see `events.py`) under a key of everything that determines its result. Whoever submits a key that is
already waiting, running or finished watches that job; a job that nobody watches any more is cancelled between two events. A failure
reaches every watcher of that job and nothing else. Nothing here knows Streamlit or PyTorch.
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any

from robust_core.errors import QueueFull, RobustError
from robust_core.events import Progress

log = logging.getLogger(__name__)
Work = Callable[[], Iterator[Any]]


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job:
    """One piece of work. Everything is written by its queue alone; `events` only grows, so readers need no lock."""

    def __init__(self, key: Hashable, work: Work):
        self.key = key
        self.state = State.WAITING
        self.events: list[Any] = []
        self.error: str | None = None
        self.finished = threading.Event()
        self._work: Work | None = work
        self._watchers: set[str] = set()
        self._cancelled = threading.Event()

    @property
    def active(self) -> bool:
        """Whether it is still waiting or running."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def result(self) -> Any:
        """The last event of a job that is done, otherwise None."""
        return self.events[-1] if self.state is State.DONE and self.events else None

    @property
    def progress(self) -> Progress | None:
        """The latest Progress event, or None before the first."""
        return next((event for event in reversed(self.events) if isinstance(event, Progress)), None)


class JobQueue:
    """First come, first served, on one thread; at most `max_waiting` wait and `max_kept` finished jobs are remembered."""

    def __init__(self, name: str, max_waiting: int = 128, max_kept: int = 256):
        self.name = name
        self.max_waiting = max_waiting
        self.max_kept = max_kept
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, name=f"jobs-{name}", daemon=True)
        self._thread.start()

    def submit(self, key: Hashable, work: Work, watcher: str) -> Job:
        """Watch the job under `key`; `work` runs only if no such job is waiting, running or done.

        A failed or cancelled job is tried again. Raises QueueFull when too many wait already.
        """
        with self._changed:
            job = self._jobs.get(key)
            if job is None or job.state in (State.FAILED, State.CANCELLED) or job._cancelled.is_set():
                job = self._enqueue(key, work)
            self._jobs.move_to_end(key)
            job._watchers.add(watcher)
            return job

    def leave(self, job: Job, watcher: str) -> None:
        """Stop watching; when nobody is left, unfinished work is cancelled between two events."""
        with self._changed:
            job._watchers.discard(watcher)
            if job.active and not job._watchers:
                self._cancel(job)

    def leave_all(self, watcher: str) -> None:
        """Stop watching everything, as when a browser tab closes."""
        with self._changed:
            for job in list(self._jobs.values()):
                if watcher in job._watchers:
                    self.leave(job, watcher)

    def place(self, job: Job) -> int:
        """How many jobs come before this one: 0 when it is running or over."""
        with self._changed:
            return self._waiting.index(job) + (self._running is not None) if job in self._waiting else 0

    def find(self, key: Hashable) -> Job | None:
        """The job under `key`, without watching it."""
        with self._changed:
            return self._jobs.get(key)

    def active(self) -> bool:
        """Whether anything is waiting or running."""
        with self._changed:
            return bool(self._waiting) or self._running is not None

    def forget(self, key: Hashable) -> None:
        """Drop the finished job under `key`, so that the next request computes anew; a job that is active stays."""
        with self._changed:
            if key in self._jobs and not self._jobs[key].active:
                del self._jobs[key]

    def _enqueue(self, key: Hashable, work: Work) -> Job:
        if len(self._waiting) >= self.max_waiting:
            raise QueueFull(f"{len(self._waiting)} jobs are waiting already; please try again in a moment.")
        job = Job(key, work)
        self._waiting.append(job)
        self._jobs[key] = job
        self._forget_old()
        self._changed.notify()
        return job

    def _forget_old(self) -> None:
        for key in [key for key, job in self._jobs.items() if not job.active][: max(0, len(self._jobs) - self.max_kept)]:
            del self._jobs[key]

    def _cancel(self, job: Job) -> None:
        job._cancelled.set()
        if job in self._waiting:
            self._waiting.remove(job)
            self._finish(job, State.CANCELLED)

    def _finish(self, job: Job, state: State) -> None:
        job.state = state
        job._work = None
        job.finished.set()

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                job = self._running = self._waiting.popleft()
                job.state = State.RUNNING
            state = self._run(job)
            with self._changed:
                self._running = None
                self._finish(job, state)

    def _run(self, job: Job) -> State:
        events = None
        try:
            events = job._work()
            for event in events:
                job.events.append(event)
                if job._cancelled.is_set():
                    return State.CANCELLED
            return State.DONE
        except RobustError as error:
            job.error = str(error)
        except Exception as error:  # a bug in one job must not take the worker from everybody else
            log.exception("job %r failed", job.key)
            job.error = f"This is a mistake of the program, not yours ({type(error).__name__}); the server's log has the details."
        finally:
            if events is not None:
                events.close()
        return State.FAILED


@cache
def queue(name: str) -> JobQueue:
    """The process-wide queue called `name`: "device" computes, "download" fetches."""
    return JobQueue(name)
