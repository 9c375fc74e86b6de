import threading

import pytest

from robust_core.errors import QueueFull, RobustError
from robust_core.events import Progress
from robust_core.jobs import JobQueue, State

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
            yield "result"
        finally:
            self.closed.set()

    def let_on(self, times=100):
        self._go.release(times)


@pytest.fixture
def jobs():
    return JobQueue("test", max_waiting=3, max_kept=4)


def finish(job):
    assert job.finished.wait(WAIT_SECONDS)
    return job.state


def values(*items):
    return lambda: iter_items(items)


def iter_items(items):
    yield from items


def test_events_arrive_in_order_and_the_last_is_the_result(jobs):
    job = jobs.submit("k", values(1, 2, 3), "me")
    assert finish(job) is State.DONE
    assert job.events == [1, 2, 3]
    assert job.result == 3
    assert job.progress is None


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


def test_a_job_is_cancelled_only_when_the_last_watcher_leaves(jobs):
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


def test_a_failure_reaches_every_watcher_and_not_the_worker(jobs, caplog):
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
