"""The time that the whole run may take: nothing begins that would not end in it, and what runs over is stopped."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

RESERVE_SECONDS = 5.0  # for the table at the end


class OutOfTime(BaseException):
    """The time of the whole run is over; no `except Exception` on the way holds it up."""


class Budget:
    """`seconds` from `began` on, by the monotonic clock; None for now."""

    def __init__(self, seconds: float, *, began: float | None = None):
        self.seconds = seconds
        self._began = time.monotonic() if began is None else began

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds until nothing may begin any more; below 0 when they are over."""
        return self.seconds - RESERVE_SECONDS - self.spent

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Raise OutOfTime in the block when no seconds are left; where there are no alarms it runs to its end."""
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, max(self.left, 0.01))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _stop(signal_number: int, frame: FrameType | None) -> None:
    raise OutOfTime
