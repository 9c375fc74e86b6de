"""Sessions whose visitors left: how long they wait, when they end, and that Streamlit's manager keeps them there."""

from types import SimpleNamespace

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from robust_core.ui.server import sessions
from robust_core.ui.server.sessions import WaitingSessions
from tests.ui.server.asgi import run

SECONDS = 120


class Session:
    """As much of a session as its storage looks at."""

    def __init__(self, name: str):
        self.id, self.ended = name, 0

    def shutdown(self) -> None:
        self.ended += 1


@pytest.fixture
def clock():
    return SimpleNamespace(now=0.0)


@pytest.fixture
def waiting(clock):
    return WaitingSessions(SECONDS, most=3, clock=lambda: clock.now)


def saved(waiting: WaitingSessions, *names: str) -> list[Session]:
    found = [Session(name) for name in names]
    for session in found:
        waiting.save(SessionInfo(client=None, session=session))
    return found


def test_a_session_waits_for_its_time_and_then_ends_once(waiting, clock):
    (session,) = saved(waiting, "a")
    clock.now = SECONDS - 1
    waiting.sweep()
    assert (waiting.get("a").session, session.ended, len(waiting.list())) == (session, 0, 1)
    clock.now = SECONDS
    assert (waiting.get("a"), waiting.list()) == (None, [])
    waiting.sweep()
    waiting.sweep()
    assert session.ended == 1


def test_whoever_comes_back_is_not_ended(waiting, clock):
    (session,) = saved(waiting, "a")
    waiting.delete("a")
    clock.now = 2 * SECONDS
    waiting.sweep()
    assert (waiting.get("a"), session.ended) == (None, 0)


def test_when_too_many_wait_the_first_ends_at_once(waiting):
    found = saved(waiting, "a", "b", "c")
    waiting.save(SessionInfo(client=None, session=found[0]))  # it came back, and left again
    found += saved(waiting, "d")
    assert [session.ended for session in found] == [0, 1, 0, 0]
    assert [info.session.id for info in waiting.list()] == ["c", "a", "d"]


def test_files_of_a_session_that_has_ended_go_and_others_stay(waiting):
    files = MemoryUploadedFileManager("/upload")
    for name in ("active", "waiting", "nobody"):
        files.add_file(name, UploadedFileRec("file", "a.png", "image/png", b"pixels"))
    saved(waiting, "waiting")
    server = SimpleNamespace(uploaded_file_mgr=files, is_active_session={"active"}.__contains__)
    sessions.remove_orphans(server, waiting)
    assert set(files.file_storage) == {"active", "waiting"}


def test_streamlits_manager_puts_them_there(monkeypatch):
    manager = WebsocketSessionManager(None, MemoryUploadedFileManager("/upload"), SimpleNamespace(clear=bool), None)
    monkeypatch.setattr(sessions.runtime, "get_instance", lambda: SimpleNamespace(_session_mgr=manager))
    calls = ("request_script_stop", "disconnect_file_watchers", "clear_session_caches")
    session = SimpleNamespace(id="a", is_resumable=lambda: True, **dict.fromkeys(calls, bool))
    manager._active_session_info_by_id["a"] = SimpleNamespace(session=session, script_run_count=1)

    async def leave():
        async with sessions.swept():
            manager.disconnect_session("a")
            return manager._session_storage.get("a").session

    assert run(leave()) is session
    assert "_session_mgr" in Runtime.__init__.__code__.co_names
