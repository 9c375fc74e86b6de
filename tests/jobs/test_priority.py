"""Work gives way: whoever computes for a queue comes after the threads that answer."""

import os
import sys
import threading

import pytest

from robust_core.jobs import JobQueue, Room
from robust_core.jobs.priority import NICENESS, give_way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")


def nice() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def on_a_thread(work) -> int:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_a_queue_works_behind_the_others_and_so_does_what_its_work_starts():
    def work():
        yield
        return nice(), on_a_thread(nice)

    before = nice()
    job = JobQueue("test", Room(3, 10, 100)).submit("key", work, "visitor")
    assert job.finished.wait(5)
    assert job.result == (min(19, before + NICENESS),) * 2
    assert nice() == before, "the thread that asked keeps its own"


def test_nobody_gives_way_beyond_the_last_place():
    def twice() -> int:
        give_way()
        give_way()
        give_way()
        return nice()

    assert on_a_thread(twice) == 19
