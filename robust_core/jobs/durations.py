"""How long work of a kind takes, from how long the last of it took."""

from collections import defaultdict, deque
from collections.abc import Hashable
from statistics import median

REMEMBERED = 9


class Durations:
    """The seconds that the last few jobs of each kind took."""

    def __init__(self) -> None:
        self._seconds: dict[Hashable, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def note(self, kind: Hashable, seconds: float) -> None:
        """One more job of `kind` took so long."""
        self._seconds[kind].append(seconds)

    def usual(self, kind: Hashable) -> float | None:
        """The median over the last jobs of `kind`, without any over those of all kinds; None before the first."""
        measured = self._seconds.get(kind) or [seconds for each in self._seconds.values() for seconds in each]
        return median(measured) if measured else None

    def remaining(self, kind: Hashable, elapsed_seconds: float, fraction: float | None) -> float | None:
        """What a job of `kind` still needs: by the `fraction` that it has done, without one by what is usual."""
        if fraction:
            return elapsed_seconds * (1 - fraction) / fraction
        usual = self.usual(kind)
        return None if usual is None else max(0.0, usual - elapsed_seconds)
