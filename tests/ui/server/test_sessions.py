"""Sessions of Streamlit's own, whose visitors leave: when they end, and what of them is kept until then."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from robust_core.ui.server.sessions import Sweeper

TTL_SECONDS = 120


class Session:
    """As much of a session as storage and sweeper look at."""

    def __init__(self, name: str):
        self.id = name
        self.ended = 0

    def shutdown(self) -> None:
        self.ended += 1


@pytest.fixture
def server():
    """Streamlit's storage and uploads with a clock of the test's own, and nobody there."""
    storage = MemorySessionStorage(ttl_seconds=TTL_SECONDS)
    clock = SimpleNamespace(now=0.0)
    storage._cache._timer = lambda: clock.now
    active: set[str] = set()
    return SimpleNamespace(
        clock=clock,
        active=active,
        storage=storage,
        _session_mgr=SimpleNamespace(_session_storage=storage),
        uploaded_file_mgr=MemoryUploadedFileManager("/upload"),
        is_active_session=active.__contains__,
    )


def upload(server, name: str) -> None:
    server.uploaded_file_mgr.add_file(name, UploadedFileRec("file", "a.png", "image/png", b"pixels"))


def disconnect(server, session: Session) -> None:
    server.active.discard(session.id)
    server.storage.save(SessionInfo(client=None, session=session))


def test_a_closed_tab_keeps_its_files_until_its_time_is_over_and_no_longer(server):
    sweeper, session = Sweeper(server), Session("a")
    server.active.add("a")
    upload(server, "a")
    sweeper.sweep()
    disconnect(server, session)
    for server.clock.now in (15, 60, TTL_SECONDS - 1):
        sweeper.sweep()
        assert (session.ended, list(server.uploaded_file_mgr.file_storage)) == (0, ["a"])
    server.clock.now = TTL_SECONDS + 1
    sweeper.sweep()
    assert (session.ended, list(server.uploaded_file_mgr.file_storage)) == (1, [])
    sweeper.sweep()
    assert session.ended == 1
    assert len(server.storage._cache._data) == 0


def test_whoever_came_back_stays(server):
    sweeper, session = Sweeper(server), Session("a")
    upload(server, "a")
    disconnect(server, session)
    sweeper.sweep()
    server.storage.delete("a")
    server.active.add("a")
    server.clock.now = 10 * TTL_SECONDS
    sweeper.sweep()
    assert (session.ended, list(server.uploaded_file_mgr.file_storage)) == (0, ["a"])


def test_files_of_a_session_that_nobody_knows_go(server):
    upload(server, "nobody")
    Sweeper(server).sweep()
    assert not server.uploaded_file_mgr.file_storage
