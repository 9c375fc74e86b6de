import subprocess
import sys
import threading

import numpy as np
import pytest

from robust_core.errors import QueueFull, RobustError
from robust_core.events import Progress
from robust_core.jobs import JobQueue, Room, State, job_queue, queue

WAIT_SECONDS = 5


class Gate:
    """Work that stands still at each event until it is let on, and that remembers whether it was closed."""

    def __init__(self, events=3):
        self.events, self.runs = events, 0
        self.closed, self.started, self._go = threading.Event(), threading.Event(), threading.Semaphore(0)

    def __call__(self):
        self.runs += 1
        try:
            for index in range(self.events):
                self.started.set()
                assert self._go.acquire(timeout=WAIT_SECONDS)
                yield Progress(index + 1, self.events, "steps")
            return "result"
        finally:
            self.closed.set()

    def let_on(self, times=100):
        self._go.release(times)


@pytest.fixture
def jobs():
    return JobQueue("test", Room(3, 10, 100), max_kept=4)


def finish(job):
    assert job.finished.wait(WAIT_SECONDS)
    return job.state


def values(result, *events):
    def work():
        yield from events
        return result

    return work


def test_events_arrive_in_order_and_what_is_returned_is_the_result(jobs):
    job = jobs.submit("k", values(3, 1, 2), "me")
    assert finish(job) is State.DONE
    assert job.events == [1, 2]
    assert job.result == 3
    assert job.progress is None


def test_an_event_is_no_result_and_no_event_is_needed_for_one(jobs):
    told, silent = jobs.submit("told", values(None, "an event"), "me"), jobs.submit("silent", values("result"), "me")
    assert (finish(told), told.events, told.result) == (State.DONE, ["an event"], None)
    assert (finish(silent), silent.events, silent.result) == (State.DONE, [], "result")


def test_what_is_returned_is_no_result_until_the_job_is_over(jobs):
    gate = Gate(events=1)
    job = jobs.submit("k", gate, "me")
    assert gate.started.wait(WAIT_SECONDS)
    assert job.result is None
    gate.let_on()
    assert (finish(job), job.result) == (State.DONE, "result")


def test_a_job_that_is_cancelled_after_its_last_event_has_no_result(jobs):
    last, left = threading.Event(), threading.Event()

    def work():
        yield 1
        last.set()
        assert left.wait(WAIT_SECONDS)
        return "too late"

    job = jobs.submit("k", work, "me")
    assert last.wait(WAIT_SECONDS)
    jobs.leave(job, "me")
    left.set()
    assert (finish(job), job.events, job.result) == (State.CANCELLED, [1], None)


def test_thirty_identical_requests_are_one_computation(jobs):
    gate, barrier, found = Gate(), threading.Barrier(30), [None] * 30

    def ask(index):
        barrier.wait(WAIT_SECONDS)
        found[index] = jobs.submit("same", gate, f"session {index}")

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.let_on()
    assert {finish(job) for job in found} == {State.DONE}
    assert gate.runs == 1
    assert [job.result for job in found] == ["result"] * 30


def test_a_finished_job_answers_again_without_running(jobs):
    gate = Gate(events=0)
    first = jobs.submit("k", gate, "a")
    finish(first)
    assert jobs.submit("k", gate, "b") is first
    assert gate.runs == 1


def test_places_in_the_queue(jobs):
    gate = Gate()
    running = jobs.submit("running", gate, "me")
    assert gate.started.wait(WAIT_SECONDS)
    waiting = [jobs.submit(name, values(1), "me") for name in ("first", "second")]
    assert [jobs.place(job) for job in (running, *waiting)] == [0, 1, 2]
    gate.let_on()
    assert [finish(job) for job in waiting] == [State.DONE] * 2
    assert [jobs.place(job) for job in waiting] == [0, 0]


def test_a_full_queue_refuses_and_keeps_what_waits(jobs):
    gate = Gate()
    jobs.submit("running", gate, "me")
    assert gate.started.wait(WAIT_SECONDS)
    waiting = [jobs.submit(index, values(index), "me") for index in range(3)]
    with pytest.raises(QueueFull, match="3 jobs are waiting"):
        jobs.submit("one too many", values(1), "me")
    gate.let_on()
    assert [finish(job) for job in waiting] == [State.DONE] * 3


def test_a_job_is_cancelled_only_when_the_last_subscriber_leaves(jobs):
    gate = Gate()
    job = jobs.submit("k", gate, "a")
    jobs.submit("k", gate, "b")
    assert gate.started.wait(WAIT_SECONDS)
    jobs.leave(job, "a")
    gate.let_on(1)
    gate.started.clear()
    assert gate.started.wait(WAIT_SECONDS), "the work goes on for b"
    jobs.leave(job, "b")
    gate.let_on(1)
    assert finish(job) is State.CANCELLED
    assert gate.closed.is_set()
    assert len(job.events) == 2
    assert job.result is None


def test_closing_a_tab_leaves_everything(jobs):
    gate = Gate()
    running = jobs.submit("running", gate, "tab")
    assert gate.started.wait(WAIT_SECONDS)
    waiting, shared = jobs.submit("waiting", values(1), "tab"), jobs.submit("shared", values(2), "tab")
    jobs.submit("shared", values(2), "other")
    jobs.leave_all("tab")
    gate.let_on()
    assert [finish(job) for job in (running, waiting, shared)] == [State.CANCELLED, State.CANCELLED, State.DONE]


def test_asking_again_for_a_job_that_is_being_cancelled_starts_a_new_one(jobs):
    gate = Gate()
    old = jobs.submit("k", gate, "me")
    assert gate.started.wait(WAIT_SECONDS)
    jobs.leave(old, "me")
    new = jobs.submit("k", values("fresh"), "me")
    assert new is not old
    gate.let_on()
    assert (finish(old), finish(new)) == (State.CANCELLED, State.DONE)
    assert new.result == "fresh"


def failing(error):
    def work():
        yield Progress(0, 1, "steps")
        raise error

    return work


def test_a_failure_reaches_every_subscriber_and_not_the_worker(jobs, caplog):
    job = jobs.submit("bad", failing(RobustError("No such severity.")), "a")
    assert jobs.submit("bad", failing(RobustError("never asked")), "b") is job
    assert finish(job) is State.FAILED
    assert job.error == "No such severity."
    assert not caplog.records
    assert finish(jobs.submit("good", values(1), "a")) is State.DONE


def test_a_bug_is_logged_whole_and_shown_without_its_inside(jobs, caplog):
    job = jobs.submit("bug", failing(ZeroDivisionError("secret path /root")), "a")
    assert finish(job) is State.FAILED
    assert "ZeroDivisionError" in job.error
    assert "secret" not in job.error
    assert "secret" in caplog.text


def test_a_failed_job_is_tried_again_when_asked_again(jobs):
    finish(jobs.submit("k", failing(RobustError("first")), "a"))
    again = jobs.submit("k", values("second"), "a")
    assert finish(again) is State.DONE
    assert again.result == "second"


def test_only_so_many_finished_jobs_are_kept(jobs):
    for index in range(10):
        finish(jobs.submit(index, values(index), "me"))
    assert [index for index in range(10) if jobs.find(index)] == [6, 7, 8, 9]


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    now = {"seconds": 0.0}
    monkeypatch.setattr(job_queue, "monotonic", lambda: now["seconds"])
    return now


@pytest.fixture
def held(jobs):
    """A queue with room, held by a running job of "first"; what is submitted waits until the gate is let on."""
    jobs.room = Room(100, 100, 100)
    gate = Gate(events=1)
    jobs.submit("hold", gate, "first")
    assert gate.started.wait(WAIT_SECONDS)
    return jobs, gate


def noting(name, notes):
    def work():
        notes.append(name)
        yield Progress(1, 1, "notes")

    return work


def test_sessions_take_turns_and_places_foretell_them(held):
    jobs, gate = held
    notes = []
    waiting = [
        jobs.submit(name, noting(name, notes), name[:-1])
        for name in ("first1", "first2", "second1", "second2", "third1")
    ]
    places = {job.key: jobs.place(job) for job in waiting}
    assert places == {"second1": 1, "third1": 2, "first1": 3, "second2": 4, "first2": 5}
    gate.let_on()
    assert {finish(job) for job in waiting} == {State.DONE}
    assert notes == sorted(places, key=places.get)


def test_a_place_moves_when_somebody_joins_or_leaves(held):
    jobs, gate = held
    mine, theirs = [[jobs.submit(f"{name}{n}", values(n), name) for n in range(2)] for name in ("mine", "theirs")]
    assert jobs.place(mine[1]) == 3
    assert jobs.place(theirs[1]) == 4
    jobs.submit("theirs1", values(1), "a newcomer")
    assert jobs.place(theirs[1]) == 3, "in the newcomer's first turn"
    assert jobs.place(mine[1]) == 4
    jobs.leave(mine[0], "mine")
    assert jobs.place(mine[1]) == 1
    gate.let_on()
    assert {finish(job) for job in (mine[1], *theirs)} == {State.DONE}


def test_one_session_cannot_fill_the_queue_and_may_watch_what_others_wait_for(held):
    jobs, gate = held
    jobs.room.each = 2
    theirs = jobs.submit("theirs", values(0), "them")
    mine = [jobs.submit(n, values(n), "me") for n in range(2)]
    with pytest.raises(
        QueueFull, match="2 of your jobs are waiting already; there is room for this one when one of them begins"
    ):
        jobs.submit("one too many", values(2), "me")
    assert jobs.find("one too many") is None
    assert jobs.submit("theirs", values(0), "me") is theirs
    jobs.leave(mine[0], "me")
    jobs.leave(theirs, "me")
    last = jobs.submit("there is room now", values(3), "me")
    gate.let_on()
    assert {finish(job) for job in (theirs, mine[1], last)} == {State.DONE}


def test_a_full_queue_lets_a_newcomer_in_and_whoever_waits_for_most_makes_room(held):
    jobs, gate = held
    jobs.room = Room(6, 100, 100)
    crowd = [jobs.submit(n, values(n), "tabs") for n in range(5)]
    other = jobs.submit("other", values(0), "other")
    mine = jobs.submit("mine", values(0), "newcomer")
    assert crowd[-1].state is State.REFUSED
    assert crowd[-1].made_room
    assert crowd[-1].ended_without
    assert "lost its place" in crowd[-1].error
    assert jobs.find(4) is None, "asked for again, it is a new job"
    gate.let_on()
    assert {finish(job) for job in (*crowd[:-1], other, mine)} == {State.DONE}


def test_cancelled_jobs_take_no_room_from_what_was_computed(jobs):
    done = jobs.submit("done", values(1), "me")
    finish(done)
    gate = Gate()
    jobs.submit("runs", gate, "me")
    for n in range(2 * jobs.max_kept):
        jobs.leave(jobs.submit(n, values(n), "them"), "them")
    assert jobs.find("done") is done
    gate.let_on()


def test_active_sessions_are_whoever_waits_for_something(held):
    jobs, gate = held
    assert jobs.active_sessions() == 1
    waiting = [
        jobs.submit(name, values(1), subscriber)
        for name, subscriber in (("a", "me"), ("b", "me"), ("a", "them"), ("c", "first"))
    ]
    assert jobs.active_sessions() == 3
    gate.let_on()
    assert {finish(job) for job in waiting} == {State.DONE}
    assert jobs.active_sessions() == 0


def test_no_wait_is_foretold_before_anything_was_measured(held):
    jobs, gate = held
    job = jobs.submit("next", values(1), "me")
    assert jobs.wait_seconds(job) is None
    gate.let_on()
    finish(job)
    assert jobs.wait_seconds(job) is None, "it does not wait any more"


def test_the_wait_is_what_runs_and_what_comes_before(jobs, clock):
    jobs.room = Room(100, 100, 100)
    for kind, seconds in (("sequence", 8.0), ("map", 2.0)):
        finish(jobs.submit((kind, "measured"), taking(seconds, clock), "me"))
    gate = Gate(events=4)
    jobs.submit(("sequence", "running"), gate, "me")
    assert gate.started.wait(WAIT_SECONDS)
    waiting = [jobs.submit((kind, "waiting"), values(1), kind) for kind in ("map", "sequence", "new kind")]
    assert [jobs.wait_seconds(job) for job in waiting] == [8.0, 10.0, 18.0]
    clock["seconds"] += 3.0
    assert jobs.wait_seconds(waiting[0]) == 5.0
    gate.started.clear()
    gate.let_on(1)
    assert gate.started.wait(WAIT_SECONDS)
    assert jobs.wait_seconds(waiting[0]) == 9.0, "a quarter took 3 s"
    gate.let_on()
    assert {finish(job) for job in waiting} == {State.DONE}


def taking(seconds, clock):
    def work():
        clock["seconds"] += seconds
        yield "done"

    return work


def test_only_jobs_that_are_done_tell_how_long_their_kind_takes(jobs, clock):
    def breaking():
        clock["seconds"] += 50.0
        yield from failing(RobustError("No."))()

    finish(jobs.submit(("sequence", 1), breaking, "me"))
    finish(jobs.submit(("sequence", 2), taking(3.0, clock), "me"))
    gate = Gate()
    jobs.submit(("sequence", 3), gate, "me")
    assert gate.started.wait(WAIT_SECONDS)
    assert jobs.wait_seconds(jobs.submit("next", values(1), "me")) == 3.0
    gate.let_on()


def test_a_job_that_runs_too_long_fails_and_says_so(clock):
    jobs = JobQueue("test", Room(3, 3, 3), max_seconds=10)
    assert finish(jobs.submit("short", taking(10.0, clock), "me")) is State.DONE
    long = jobs.submit("long", taking(10.5, clock), "me")
    assert finish(long) is State.FAILED
    assert (
        long.error
        == "This took longer than the 10 s that this server allows for one job; ask for fewer images, steps or "
        "models."
    )


def test_a_job_that_runs_too_long_after_its_last_event_fails_too(clock):
    def work():
        yield 1
        clock["seconds"] += 10.5
        return "too late"

    job = JobQueue("test", Room(3, 3, 3), max_seconds=10).submit("long", work, "me")
    assert (finish(job), job.result) == (State.FAILED, None)
    assert job.error.startswith("This took longer than the 10 s")


def test_work_that_fails_to_close_fails_alone(jobs, caplog):
    started, left = threading.Event(), threading.Event()

    def work():
        try:
            started.set()
            assert left.wait(WAIT_SECONDS)
            yield 1
            yield 2
        finally:
            raise OSError("the clean-up failed")

    job = jobs.submit("k", work, "me")
    assert started.wait(WAIT_SECONDS)
    jobs.leave(job, "me")
    left.set()
    assert finish(job) is State.FAILED
    assert "clean-up" in caplog.text
    assert finish(jobs.submit("next", values(1), "me")) is State.DONE


def test_what_is_remembered_is_bounded_in_bytes_too(jobs, monkeypatch):
    monkeypatch.setattr(job_queue, "MAX_KEPT_BYTES", 2500)
    for index in range(4):
        finish(jobs.submit(index, values(np.zeros(1000, np.uint8)), "me"))
    assert [index for index in range(4) if jobs.find(index)] == [2, 3]
    large = jobs.submit("large", values(np.zeros(5000, np.uint8)), "me")
    finish(large)
    assert jobs.find("large") is None
    assert large.result.nbytes == 5000, "whoever watches it still has it"


def test_a_closed_tab_leaves_no_trace_of_its_turns(jobs):
    finish(jobs.submit("k", values(1), "tab"))
    jobs.leave_all("tab")
    assert not jobs._served
    assert not jobs.find("k")._subscribers


def test_the_queues_of_the_process_read_the_settings(monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_QUEUE", "20")
    monkeypatch.setenv("ROBUST_LAB_QUEUE_EACH", "4")
    monkeypatch.setenv("ROBUST_LAB_QUEUE_ADDRESS", "9")
    monkeypatch.setenv("ROBUST_LAB_JOB_SECONDS", "60")
    device, download = queue.__wrapped__("device"), queue.__wrapped__("download")
    assert (device.room, device.max_seconds) == (Room(20, 4, 9), 60)
    assert (download.room, download.max_seconds) == (Room(20, 4, 9), None)


def test_a_queue_that_closes_cancels_what_waits_and_waits_for_what_runs(jobs):
    gate = Gate()
    running, waiting = jobs.submit("runs", gate, "me"), jobs.submit("waits", Gate(), "me")
    assert gate.started.wait(WAIT_SECONDS)
    threading.Timer(0.1, gate.let_on).start()
    jobs.close()
    assert (running.state, waiting.state) == (State.CANCELLED, State.CANCELLED)
    assert gate.closed.is_set()


WITHIN_TORCH = """
import torch
from robust_core.jobs import queue

def work():
    while True:
        yield torch.nn.functional.conv2d(torch.zeros(1, 3, 64, 64), torch.zeros(8, 3, 3, 3)).sum().item()

job = queue("device").submit("busy", work, "me")
while len(job.events) < 3:
    pass
"""


def test_a_process_ends_while_a_network_computes():
    assert subprocess.run([sys.executable, "-c", WITHIN_TORCH], check=False).returncode == 0
