"""Whether a queue takes one more job, and who makes room for it: whoever waits for nothing is always let in, and nobody
waits longer for those who wait for most.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robust_core.errors import QueueFull
from robust_core.jobs.job import Job

MADE_ROOM = "Others waited too, and the queue was full; this job lost its place."


@dataclass
class Room:
    """How many jobs may wait: in all, for `each` subscriber, and for each household of subscribers."""

    in_all: int
    each: int
    each_household: int

    def giving_way(self, waiting: Sequence[Job], subscriber: str, households: Mapping[str, str]) -> Job | None:
        """The job that gives way to one more of this subscriber's; None where none has to.

        households  by subscriber, where it is known

        One that waits for nothing is let in even where nobody waits for more than one job. Raises QueueFull for others,
        where there are too many jobs of theirs or in all.
        """
        loads = Counter(one for job in waiting for one in job._subscribers)
        if loads[subscriber]:
            self._check_own(waiting, subscriber, households, loads[subscriber])
        if len(waiting) < self.in_all:
            return None
        of_household = _by_household(waiting, households)
        alone = [job for job in waiting if len(job._subscribers) == 1]
        heaviest = max(
            (next(iter(job._subscribers)) for job in alone),
            key=lambda one: (loads[one], of_household[households.get(one, one)]),
            default=subscriber,
        )
        if loads[heaviest] <= loads[subscriber] + 1:
            if loads[subscriber]:
                raise QueueFull(f"{_jobs(self.in_all)} waiting on this server already; there will be room in a moment.")
            return None
        return max((job for job in alone if heaviest in job._subscribers), key=lambda job: job._subscribers[heaviest])

    def _check_own(self, waiting: Sequence[Job], subscriber: str, households: Mapping[str, str], own: int) -> None:
        if own >= self.each:
            raise QueueFull(
                f"{self.each:,} of your jobs {_are(self.each)} waiting already; there is room for this one when "
                "one of them begins or is cancelled."
            )
        household = households.get(subscriber)
        if household and _by_household(waiting, households)[household] >= self.each_household:
            raise QueueFull(
                f"{_jobs(self.each_household)} waiting for visitors from your address already; there is room for "
                "this one when one of them begins or is cancelled."
            )


def _jobs(n: int) -> str:
    return f"{n:,} job{'' if n == 1 else 's'} {_are(n)}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _by_household(waiting: Sequence[Job], households: Mapping[str, str]) -> Counter[str]:
    """How many jobs wait for each household, a subscriber without one by itself."""
    return Counter(home for job in waiting for home in {households.get(one, one) for one in job._subscribers})
