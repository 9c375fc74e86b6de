"""Threads that compute come after those that answer visitors, so that both may have every core."""

import os
import sys
import threading
from contextlib import suppress

NICENESS = 10  # of 19; a core is shared nine to one then


def give_way() -> None:
    """Have the system run this thread, and all that it starts, after the others of the process; on Linux alone, where a
    thread has a priority of its own.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS))
