"""Jobs as one session sees them among all others: turns, full queues, how often it looks, and what it lets go of."""

import threading

import pytest

from robust_core.events import Progress
from robust_core.jobs import State, queue
from robust_core.jobs.room import MADE_ROOM
from robust_core.ui import jobs
from robust_core.ui.server import warmup
from tests.pages.opening import PAGES, all_words, button, open_page, run_until


@pytest.fixture
def lecture(quiet_device):
    """Somebody else's work that keeps the device busy until the event is set."""
    over = threading.Event()

    def work():
        yield Progress(1, 2, "steps")
        while not over.wait(0.01):
            yield Progress(1, 2, "steps")

    warmup.wait()
    job = queue("device").submit(object(), work, "lecturer")
    yield over
    over.set()
    assert job.finished.wait(10)


def bars(app):
    return [one.proto.text for one in app.get("progress")]


@pytest.mark.parametrize(
    ("place", "seconds", "words"),
    [
        (0, None, "next in line"),
        (3, None, "waiting: 3 before this one"),
        (0, 0.2, "next in line, about 1 s"),
        (3, 7.4, "waiting: 3 before this one, about 7 s"),
        (3, 21.0, "waiting: 3 before this one, about 20 s"),
        (3, 57.4, "waiting: 3 before this one, about 55 s"),
        (3, 58.0, "waiting: 3 before this one, about 1 min"),
        (3, 400.0, "waiting: 3 before this one, about 7 min"),
    ],
)
def test_how_a_job_waits_in_words(place, seconds, words):
    assert jobs.in_line(place, seconds) == words


def test_a_waiting_job_says_its_place_and_about_how_long(ready, lecture):
    app = open_page()
    first, second = bars(app)
    assert first.startswith("waiting: 1 before this one")
    assert second.startswith("waiting: 2 before this one")
    lecture.set()
    run_until(app, lambda app: "LIVE" in all_words(app))


def test_more_than_a_session_may_ask_for_comes_in_by_itself(ready, lecture, monkeypatch):
    monkeypatch.setattr(queue("device").room, "each", 1)
    app = open_page()
    assert not app.exception
    assert len(bars(app)) == 1
    assert "1 of your jobs is waiting already; there is room for this one when one of them begins" in all_words(app)
    lecture.set()
    run_until(app, lambda app: "LIVE" in all_words(app))


def test_on_a_full_server_one_job_comes_in_and_the_others_by_themselves(ready, lecture, monkeypatch):
    monkeypatch.setattr(queue("device").room, "in_all", 1)
    other = queue("device").submit("other", lambda: iter(()), "another visitor")
    app = open_page()
    assert not app.exception
    assert len(bars(app)) == 1
    assert "1 job is waiting on this server already; there will be room in a moment." in all_words(app)
    lecture.set()
    run_until(app, lambda app: "LIVE" in all_words(app))
    assert other.state is State.DONE


def test_a_job_that_made_room_says_so_and_is_not_asked_for_again_by_itself(ready, lecture, monkeypatch):
    app = open_page()
    monkeypatch.setattr(queue("device").room, "in_all", 2)
    queue("device").submit("newcomer", lambda: iter(()), "a newcomer")
    for _ in range(2):
        app.run()
        assert MADE_ROOM in [one.value for one in app.info]
        assert len(bars(app)) == 1
    lecture.set()
    button(app, "Try again").click().run()
    run_until(app, lambda app: MADE_ROOM not in all_words(app) and "of 2 right" in all_words(app))


def test_the_more_sessions_wait_the_less_often_each_page_looks(lecture, monkeypatch):
    monkeypatch.setattr(jobs, "any_active", lambda: True)
    assert jobs.refresh_seconds() == 0.25
    waiting = [queue("device").submit("for all", lambda: iter(()), f"session {number}") for number in range(29)]
    assert jobs.refresh_seconds() == 30 / 8 * 0.25
    for number, job in enumerate(waiting):
        queue("device").leave(job, f"session {number}")
    assert jobs.refresh_seconds() == 0.25
    monkeypatch.setattr(jobs, "any_active", lambda: False)
    assert jobs.refresh_seconds() is None


def test_what_is_done_is_let_go_with_its_page_and_found_again(ready):
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    before = slots_of_the_page(app)
    app.switch_page(str(PAGES["models"])).run()
    assert not app.session_state["job_slots"]
    app.switch_page(str(PAGES["what_if"])).run()
    assert "LIVE" in all_words(app)
    assert slots_of_the_page(app) == before, "the very same jobs"


def slots_of_the_page(app):
    """The jobs of What if; the home page, where every visit begins, has started its own."""
    return {slot: job for slot, job in app.session_state["job_slots"].items() if slot.startswith("what_if:")}


def test_what_runs_stays_when_its_page_is_left(ready, lecture):
    app = open_page()
    app.switch_page(str(PAGES["models"])).run()
    assert [job.state for job in slots_of_the_page(app).values()] == [State.WAITING] * 2
    lecture.set()
    for job in app.session_state["job_slots"].values():
        assert job.finished.wait(60)
