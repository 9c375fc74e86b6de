"""What one session sees of all others that share the server: turns, full queues, what it may not do, and what it lets go of."""

import threading

import pytest

from robust_core.events import Progress
from robust_core.jobs import State, queue
from robust_core.ui import downloads, jobs, warmup
from tests.test_pages import ROOT, all_words, button, downloadable, models_page, open_page, own_cache, ready, run_until, state_of  # noqa: F401

MODELS = ROOT / "pages" / "evidence" / "models.py"
WHAT_IF = ROOT / "pages" / "live" / "what_if.py"


@pytest.fixture
def lecture():
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


def test_a_waiting_job_says_its_place_and_about_how_long(ready, lecture):  # noqa: F811
    app = open_page()
    first, second = bars(app)
    assert first.startswith("waiting: 1 before this one")
    assert second.startswith("waiting: 2 before this one")
    lecture.set()
    run_until(app, lambda app: "LIVE" in all_words(app))


def test_more_than_a_session_may_ask_for_comes_in_by_itself(ready, lecture, monkeypatch):  # noqa: F811
    monkeypatch.setattr(queue("device"), "max_waiting_each", 1)
    app = open_page()
    assert not app.exception
    assert len(bars(app)) == 1
    assert "1 of your jobs are waiting already; there is room for this one when one of them begins" in all_words(app)
    lecture.set()
    run_until(app, lambda app: "LIVE" in all_words(app))


def test_a_full_server_says_so_and_is_asked_again(ready, monkeypatch):  # noqa: F811
    warmup.wait()
    with monkeypatch.context() as full:
        full.setattr(queue("device"), "max_waiting", 0)
        app = open_page()
        assert not app.exception
        assert "0 jobs are waiting on this server already; please try again in a moment." in [one.value for one in app.info]
    button(app, "Try again").click().run()
    run_until(app, lambda app: "LIVE" in all_words(app))


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


def test_what_is_done_is_let_go_with_its_page_and_found_again(ready):  # noqa: F811
    app = run_until(open_page(), lambda app: "LIVE" in all_words(app))
    before = dict(app.session_state["job_slots"])
    app.switch_page(str(MODELS)).run()
    assert not app.session_state["job_slots"]
    app.switch_page(str(WHAT_IF)).run()
    assert "LIVE" in all_words(app)
    assert app.session_state["job_slots"] == before, "the very same jobs"


def test_what_runs_stays_when_its_page_is_left(ready, lecture):  # noqa: F811
    app = open_page()
    app.switch_page(str(MODELS)).run()
    assert [job.state for job in app.session_state["job_slots"].values()] == [State.WAITING] * 2
    lecture.set()
    for job in app.session_state["job_slots"].values():
        assert job.finished.wait(60)


def test_a_server_may_keep_its_weights_to_itself(downloadable, monkeypatch):  # noqa: F811
    spec, server = downloadable
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "off")
    app = models_page()
    assert not [one.label for one in app.button if one.label.startswith(("Download", "Remove"))]
    assert f"python -m robust_core.models download {spec.key}" in all_words(app)
    assert not server.asked


def test_a_button_drawn_before_downloads_were_forbidden_does_nothing(downloadable, monkeypatch):  # noqa: F811
    _, server = downloadable
    app = models_page()
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "off")
    button(app, "Download").click().run()
    assert downloads.NOT_ALLOWED in all_words(app)
    assert not queue("download").active()
    assert not server.asked
    monkeypatch.delenv("ROBUST_LAB_DOWNLOADS")
    button(app.run(), "Download").click().run()
    run_until(app, lambda app: state_of(app) == "ready")
    monkeypatch.setenv("ROBUST_LAB_DOWNLOADS", "off")
    button(app, "Remove").click().run()
    assert downloads.NOT_ALLOWED in all_words(app)
    assert state_of(app) == "ready"
