"""Sessions whose tab was closed wait for their visitor to come back; when the time is over they end, with all that they
hold: uploads, media, descriptors.

Streamlit by itself only forgets them, when somebody else leaves, and what they hold goes when Python collects it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from streamlit import config, runtime
from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionInfo, SessionStorage

SWEEP_SECONDS = 5
MOST = 128  # that wait at once


class WaitingSessions(SessionStorage):
    """Up to `most` sessions, each for `seconds`; whichever goes otherwise than by `delete` is ended."""

    def __init__(self, seconds: float, most: int = MOST, clock: Callable[[], float] = time.monotonic):
        self._seconds, self._most, self._clock = seconds, most, clock
        self._waiting: dict[str, tuple[float, SessionInfo]] = {}  # until when; the one that came first is first

    def get(self, session_id: str) -> SessionInfo | None:
        until, info = self._waiting.get(session_id, (0.0, None))
        return info if until > self._clock() else None

    def save(self, session_info: SessionInfo) -> None:
        self._waiting.pop(session_info.session.id, None)
        self._waiting[session_info.session.id] = (self._clock() + self._seconds, session_info)
        self._end(list(self._waiting)[: -self._most])

    def delete(self, session_id: str) -> None:
        del self._waiting[session_id]

    def list(self) -> list[SessionInfo]:
        return [info for until, info in self._waiting.values() if until > self._clock()]

    def sweep(self) -> None:
        """End those whose time is over."""
        now = self._clock()
        self._end([name for name, (until, _) in self._waiting.items() if until <= now])

    def _end(self, names) -> None:
        for name in names:
            _, info = self._waiting.pop(name)
            info.session.shutdown()


@asynccontextmanager
async def swept() -> AsyncIterator[None]:
    """Within this, sessions of Streamlit's runtime wait in `WaitingSessions`."""
    server = runtime.get_instance()
    waiting = WaitingSessions(config.get_option("server.disconnectedSessionTTL"))
    server._session_mgr._session_storage = waiting
    task = asyncio.create_task(_sweep_on(server, waiting), name="sweep")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep_on(server: Runtime, waiting: WaitingSessions) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        waiting.sweep()
        remove_orphans(server, waiting)


def remove_orphans(server: Runtime, waiting: WaitingSessions) -> None:
    """Remove files that came when their session had ended already."""
    files = server.uploaded_file_mgr
    for name in list(files.file_storage):
        if not server.is_active_session(name) and waiting.get(name) is None:
            files.remove_session_files(name)
