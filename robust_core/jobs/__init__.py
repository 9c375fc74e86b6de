"""Long work outside the script threads: one worker per queue, identical work once, subscribers in turn, progress,
cancel, queue place.

A job is a generator that yields events and returns its result (see `events.py`), under a key of everything that
determines it. Whoever submits a key that is already waiting, running or finished watches that job; a job that nobody
watches any more is cancelled between two events. A failure reaches every subscriber of that job and nothing else.
Nothing here knows Streamlit or PyTorch.

job.py, turns.py, durations.py   one piece of work; who is served next; how long work of a kind takes
room.py                          who is let in, and who makes room
job_queue.py                     what drives them
"""

import atexit
from functools import cache

from robust_core import settings
from robust_core.jobs.job import Job, State, Work
from robust_core.jobs.job_queue import JobQueue
from robust_core.jobs.room import Room

__all__ = ["Job", "JobQueue", "Room", "State", "Work", "queue"]


@cache
def queue(name: str) -> JobQueue:
    """The process-wide queue called `name`: "device" computes, for as long as the settings allow one job, "download"
    fetches, "images" decodes, "models" loads ahead of use.
    """
    seconds = settings.job_seconds() if name == "device" else None
    room = Room(settings.queue_length(), settings.queue_length_each(), settings.queue_length_address())
    made = JobQueue(name, room, seconds)
    atexit.register(made.close)
    return made
