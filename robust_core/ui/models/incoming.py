"""Weight files on their way from a browser to the weights folder: streamed to the disk, never held in memory, and
deleted when nobody waits.

Streamlit's own uploader holds a file in memory whole. Here each session gets a secret address that takes one file at a
time.
"""

import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robust_core import settings
from robust_core.images import shown_name

FOLDER = "/uploads/weights/"
MAX_BYTES = 500 * 2**20
CHUNK_BYTES = 4 * 2**20
STALE_SECONDS = 24 * 3600
SPARE_BYTES = 200 * 2**20  # of the disk, which other work needs too


@dataclass
class Incoming:
    """What one session has sent: the file at `path` is whole once `name` says what it is called."""

    token: str
    name: str = ""
    receiving: bool = False

    @property
    def folder(self) -> Path:
        """Where the file lies on this machine, under its own name, which is the one that every sentence about it
        uses.
        """
        return _folder() / self.token

    @property
    def path(self) -> Path:
        """The whole file; only where there is a `name`."""
        return self.folder / self.name

    @property
    def address(self) -> str:
        """Where the browser sends it."""
        return FOLDER + self.token

    def discard(self) -> None:
        """Delete the file; the address stays good for another one."""
        self.name = ""
        shutil.rmtree(self.folder, ignore_errors=True)


_WAITING: dict[str, Incoming] = {}


def expect() -> Incoming:
    """An address that nobody else knows, for one session."""
    incoming = Incoming(secrets.token_urlsafe(32))
    _WAITING[incoming.token] = incoming
    return incoming


def no_longer_expect(incoming: Incoming) -> None:
    """Close the address, and delete what came."""
    _WAITING.pop(incoming.token, None)
    incoming.discard()


def delete_stale() -> None:
    """Delete what a server that was killed has left more than a day ago; another one may share the folder."""
    for path in _folder().glob("*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(path)


def weights_route() -> Route:
    """The route that takes every expected file."""
    return Route(FOLDER + "{token}", _receive, methods=["PUT"])


async def _receive(request: Request) -> Response:
    incoming = _WAITING.get(request.path_params["token"])
    if incoming is None or incoming.receiving:
        return _refused(404, "This page has lost its connection to the server; reload it.")
    announced = request.headers.get("content-length", "")
    if not announced.isdecimal() or not 0 < int(announced) <= MAX_BYTES:
        return _refused(413, f"The file is empty or larger than {MAX_BYTES // 2**20} MB; import it in a terminal.")
    incoming.discard()
    incoming.receiving = True
    name = shown_name(request.query_params.get("name", ""))
    try:
        await _write(incoming.folder / name, request.stream(), int(announced))
        incoming.name = name
    except (ClientDisconnect, HTTPException, ValueError):  # it broke off, was too slow, or is not as long as it said
        incoming.discard()
        return _refused(400, "The upload broke off.")
    except OSError as error:
        incoming.discard()
        return _refused(507, f"The weights folder cannot take the file: {error.strerror}.")
    finally:
        incoming.receiving = False
    if incoming.token not in _WAITING:  # the session ended meanwhile
        incoming.discard()
    return JSONResponse({"name": incoming.name})


async def _write(path: Path, stream: AsyncIterator[bytes], announced_bytes: int) -> None:
    """Write what `stream` brings to `path`, on a worker thread; raises ValueError when it is not `announced_bytes`
    long, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path.parent).free < announced_bytes + SPARE_BYTES:
        raise OSError(28, "No space left on device")
    written, buffer = 0, bytearray()
    with path.open("wb") as file:
        async for chunk in stream:
            buffer += chunk
            written += len(chunk)
            if written > announced_bytes:
                raise ValueError("more bytes than announced")
            if len(buffer) >= CHUNK_BYTES:
                await to_thread.run_sync(file.write, bytes(buffer))
                buffer.clear()
        await to_thread.run_sync(file.write, bytes(buffer))
    if written != announced_bytes:
        raise ValueError("fewer bytes than announced")


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status_code=status)


def _folder() -> Path:
    return settings.weights_dir() / "incoming"
