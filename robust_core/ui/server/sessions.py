"""Sessions whose tab was closed end when their time is over, with all that they hold: uploads, media, descriptors.

Streamlit by itself ends them when somebody else comes and goes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession

SWEEP_SECONDS = 15


class Sweeper:
    """Ends the sessions of one `runtime` that nobody comes back to any more."""

    def __init__(self, server: Runtime):
        self._server = server
        self._manager = server._session_mgr
        self._before: dict[str, AppSession] = {}

    def sweep(self) -> None:
        """End those that were waiting for their visitor at the last sweep and now neither wait nor have one."""
        storage = self._manager._session_storage
        waiting = {info.session.id: info.session for info in storage.list()}
        for name, session in self._before.items():
            if not self._is_alive(name, waiting):
                session.shutdown()
        self._before = waiting
        storage._cache.expire()
        files = self._server.uploaded_file_mgr
        for name in list(files.file_storage):
            if not self._is_alive(name, waiting):
                files.remove_session_files(name)

    def _is_alive(self, name: str, waiting: dict[str, AppSession]) -> bool:
        return name in waiting or self._server.is_active_session(name)


@asynccontextmanager
async def swept() -> AsyncIterator[None]:
    """Sweep every `SWEEP_SECONDS` within this."""
    task = asyncio.create_task(_sweep_on(Sweeper(runtime.get_instance())), name="sweep")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep_on(sweeper: Sweeper) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        sweeper.sweep()
