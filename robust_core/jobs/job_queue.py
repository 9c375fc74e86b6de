"""The queue: takes requests, serves their subscribers in turn on one thread, and remembers what was done for as long as
there is room.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import closing
from itertools import count, takewhile
from time import monotonic

from robust_core.errors import RobustError
from robust_core.jobs.durations import Durations
from robust_core.jobs.job import Job, State, Work, array_bytes
from robust_core.jobs.room import MADE_ROOM, Room
from robust_core.jobs.turns import in_turn

log = logging.getLogger(__name__)
MAX_KEPT = 256
MAX_KEPT_BYTES = 512 * 2**20
PATIENCE_SECONDS = 5.0  # at the end of the process


class JobQueue:
    """Subscribers in turn, on one thread.

    room                how many jobs may wait
    max_seconds         a job that runs longer fails between two events; None: as long as it takes
    max_kept            finished jobs that are remembered; the oldest are forgotten, earlier when their arrays take
                        MAX_KEPT_BYTES
    """

    def __init__(
        self,
        name: str,
        room: Room,
        max_seconds: float | None = None,
        max_kept: int = MAX_KEPT,
    ):
        self.name, self.room = name, room
        self.max_seconds, self.max_kept = max_seconds, max_kept
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._requests, self._turns = count(1), count(1)
        self._served: dict[str, int] = {}  # each subscriber's last turn
        self._households: dict[str, str] = {}
        self._order: dict[Job, str] | None = None  # worked out when asked for, dropped with every change
        self._durations = Durations()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"jobs-{name}", daemon=True)
        self._thread.start()

    def submit(self, key: Hashable, work: Work, subscriber: str, household: str = "") -> Job:
        """Watch the job under `key`; `work` runs only if no such job is waiting, running or done.

        A failed or cancelled job is tried again. Where the queue is full, a job of whoever waits for most gives way.
        Raises QueueFull where too many wait for this subscriber, or for its household, if one is known.
        """
        with self._changed:
            if household:
                self._households[subscriber] = household
            job = self._jobs.get(key)
            if job is None or job.state in (State.FAILED, State.CANCELLED) or job._cancelled.is_set():
                self._make_room(subscriber)
                job = self._jobs[key] = Job(key, work)
                self._waiting.append(job)
            self._jobs.move_to_end(key)
            job._subscribers.setdefault(subscriber, next(self._requests))
            self._note_change()
            return job

    def leave(self, job: Job, subscriber: str) -> None:
        """Stop watching; when nobody is left, unfinished work is cancelled between two events."""
        with self._changed:
            job._subscribers.pop(subscriber, None)
            if job.active and not job._subscribers:
                job._cancelled.set()
                if job in self._waiting:
                    self._waiting.remove(job)
                    self._finish(job, State.CANCELLED)
            self._note_change()

    def leave_all(self, subscriber: str) -> None:
        """Stop watching everything, as when a browser tab closes."""
        with self._changed:
            for job in [job for job in self._jobs.values() if subscriber in job._subscribers]:
                self.leave(job, subscriber)
            self._served.pop(subscriber, None)
            self._households.pop(subscriber, None)

    def place(self, job: Job) -> int:
        """How many jobs come before this one as things stand: 0 when it is running or over."""
        with self._changed:
            return len(self._before(job)) + (self._running is not None) if job in self._waiting else 0

    def wait_seconds(self, job: Job) -> float | None:
        """About how long until a waiting `job` begins; None when it does not wait, or nothing was measured yet."""
        with self._changed:
            if job not in self._waiting:
                return None
            parts = [self._durations.usual(other.kind) for other in self._before(job)]
            if self._running is not None:
                parts.append(self._remaining_seconds(self._running))
            known = [seconds for seconds in parts if seconds is not None]
            return sum(known) if len(known) == len(parts) else None

    def active_sessions(self) -> int:
        """How many watch anything that is waiting or running."""
        with self._changed:
            return len(
                {
                    subscriber
                    for job in (*self._waiting, self._running)
                    if job is not None
                    for subscriber in job._subscribers
                }
            )

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

    def close(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Cancel everything and wait for the job that runs; a process that ends while a thread is within PyTorch is
        aborted.
        """
        with self._changed:
            self._closed = True
            for job in self._waiting:
                self._finish(job, State.CANCELLED)
            self._waiting.clear()
            if self._running is not None:
                self._running._cancelled.set()
            self._note_change()
        self._thread.join(patience_seconds)

    def _make_room(self, subscriber: str) -> None:
        job = self.room.giving_way(self._waiting, subscriber, self._households)
        if job is not None:
            self._waiting.remove(job)
            del self._jobs[job.key]
            job.error = MADE_ROOM
            self._finish(job, State.REFUSED)

    def _note_change(self) -> None:
        self._order = None
        self._changed.notify()

    def _in_turn(self) -> dict[Job, str]:
        if self._order is None:
            self._order = in_turn({job: job._subscribers for job in self._waiting}, self._served)
        return self._order

    def _before(self, job: Job) -> list[Job]:
        return list(takewhile(lambda other: other is not job, self._in_turn()))

    def _remaining_seconds(self, job: Job) -> float | None:
        return self._durations.remaining(
            job.kind, monotonic() - job._began, job.progress.fraction if job.progress else None
        )

    def _finish(self, job: Job, state: State) -> None:
        job.state = state
        job._work = None
        job.finished.set()
        if state is State.CANCELLED and self._jobs.get(job.key) is job:
            del self._jobs[job.key]  # it takes no room from what others have computed
        self._forget_old()

    def _forget_old(self) -> None:
        over = [job for job in self._jobs.values() if not job.active]
        while len(over) > self.max_kept or sum(job._bytes for job in over) > MAX_KEPT_BYTES:
            del self._jobs[over.pop(0).key]

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job, subscriber = next(iter(self._in_turn().items()))
                self._waiting.remove(job)
                self._served[subscriber] = next(self._turns)
                self._running, job._began, job.state = job, monotonic(), State.RUNNING
                self._order = None
            state = self._run(job)
            with self._changed:
                self._running = None
                if state is State.DONE:
                    self._durations.note(job.kind, monotonic() - job._began)
                self._finish(job, state)

    def _run(self, job: Job) -> State:
        try:
            with closing(job.run()) as events:
                for event in events:
                    job.events.append(event)
                    if self._must_stop(job):
                        return State.CANCELLED
            if self._must_stop(job):
                return State.CANCELLED
            job._bytes = array_bytes([job.events, job._result])
            return State.DONE
        except RobustError as error:
            job.error = str(error)
        except (
            BaseException
        ) as error:  # a bug in one job, even one that wants to exit, must not take the worker from everybody else
            log.exception("job %r failed", job.key)
            job.error = (
                f"This is a mistake of the program, not yours ({type(error).__name__}); the server's log has "
                "the details."
            )
        return State.FAILED

    def _must_stop(self, job: Job) -> bool:
        """Whether nobody watches it any more; raises RobustError for a job that has run too long."""
        if job._cancelled.is_set():
            return True
        if self.max_seconds is not None and monotonic() - job._began > self.max_seconds:
            raise RobustError(
                f"This took longer than the {self.max_seconds:g} s that this server allows for one job; ask for fewer "
                "images, steps or models."
            )
        return False
