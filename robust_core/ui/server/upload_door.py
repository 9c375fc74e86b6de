"""What a browser may send to Streamlit's uploader: so many files and bytes for each session and in all, and not slower
than a poor line.

Streamlit itself limits the size of one file, and no more.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive
from streamlit import config, runtime

from robust_core.data.uploads import MAX_IMAGES

ADDRESS = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/[^/]+$")
MB = 2**20
MAX_FILES = MAX_IMAGES + 12  # each image may be a file of its own
SESSION_BYTES = 205 * MB  # what a page keeps (ui/uploads.py), and the wrapping
ALL_BYTES = 512 * MB
SILENT_SECONDS = 30
BYTES_PER_SECOND = 50_000  # of the slowest line that is waited for
TOO_SLOW = "The upload was too slow or broke off; try again."


@dataclass
class Arriving:
    """What one session is sending now, as far as it has come; Streamlit holds it when it is whole."""

    files: int = 0
    bytes: int = 0


class UploadDoor:
    """Pure ASGI middleware: a file is let in when it fits, and every PUT comes in time or is given up."""

    def __init__(self, app):
        self.app = app
        self._arriving: dict[str, Arriving] = {}

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"").decode("latin-1")
        file_bytes = int(announced) if announced.isdecimal() else None
        address = ADDRESS.search(scope["path"])
        session = address["session"] if address else None
        if session is None or not runtime.get_instance().is_active_session(session):  # the app itself refuses those
            await self.app(scope, in_time(receive, file_bytes), send)
            return
        try:
            self._check(session, file_bytes)
        except HTTPException as refusal:
            await PlainTextResponse(refusal.detail, refusal.status_code)(scope, receive, send)
            return
        with self._arrival(session) as arriving:
            counted = self._counted(in_time(receive, file_bytes), session, arriving)
            await self.app(scope, counted, send)

    def _check(self, session: str, more_bytes: int | None, more_files: int = 1) -> None:
        """Raise HTTPException, with a sentence, unless there is room for so much more of this session."""
        if more_bytes is None:
            raise HTTPException(411, "An upload has to say how long it is (Content-Length).")
        arriving = self._arriving.get(session, Arriving())
        files, held_bytes = _held(session)
        if files + arriving.files + more_files > MAX_FILES:
            raise HTTPException(413, f"A session takes at most {MAX_FILES} files at once; remove some.")
        if held_bytes + arriving.bytes + more_bytes > SESSION_BYTES:
            raise HTTPException(413, f"A session takes at most {SESSION_BYTES // MB} MB of files at once; remove some.")
        if _all_bytes() + sum(one.bytes for one in self._arriving.values()) + more_bytes > ALL_BYTES:
            raise HTTPException(429, "This server holds as many uploads as it can; try again in a minute.")

    @contextmanager
    def _arrival(self, session: str) -> Iterator[Arriving]:
        """One more file of this session is on its way within this; what it counts there is forgotten afterwards."""
        one = Arriving(files=1)
        crowd = self._arriving.setdefault(session, Arriving())
        crowd.files += 1
        try:
            yield one
        finally:
            crowd.files -= 1
            crowd.bytes -= one.bytes
            if not crowd.files:
                self._arriving.pop(session, None)

    def _counted(self, receive: Receive, session: str, one: Arriving) -> Receive:
        """`receive`, which counts what comes and raises HTTPException when that no longer fits."""

        async def receive_and_count() -> Message:
            message = await receive()
            size = len(message.get("body", b""))
            self._check(session, size, more_files=0)
            self._arriving[session].bytes += size
            one.bytes += size
            return message

        return receive_and_count


def set_up() -> None:
    """Keep what is uploaded in memory, and off the disk, from the first byte to the last."""
    MultiPartParser.spool_max_size = (config.get_option("server.maxUploadSize") + 2) * MB


def in_time(receive: Receive, announced_bytes: int | None) -> Receive:
    """`receive`, which raises HTTPException 408 when the body of `announced_bytes` comes too slowly, stops coming or
    breaks off.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + SILENT_SECONDS + (announced_bytes or 0) / BYTES_PER_SECOND
    whole = False

    async def receive_in_time() -> Message:
        nonlocal whole
        if whole:  # from now on it waits for the visitor to leave
            return await receive()
        try:
            async with asyncio.timeout_at(min(deadline, clock() + SILENT_SECONDS)):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, TOO_SLOW) from error
        if message["type"] == "http.disconnect":  # else Starlette's error for it would be logged at length
            raise HTTPException(408, TOO_SLOW)
        whole = not message.get("more_body", False)
        return message

    return receive_in_time


def _held(session: str) -> tuple[int, int]:
    """How many files, and bytes of them, Streamlit holds of this session."""
    files = list(runtime.get_instance().uploaded_file_mgr.file_storage.get(session, {}).values())
    return len(files), sum(len(file.data) for file in files)


def _all_bytes() -> int:
    sessions = list(runtime.get_instance().uploaded_file_mgr.file_storage)
    return sum(_held(session)[1] for session in sessions)
