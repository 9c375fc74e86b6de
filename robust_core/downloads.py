"""One file over HTTP into a partial file that a later attempt can go on with; knows nothing of models or hashes.

Resuming follows RFC 9110: `Range` asks for what is missing (14.2), `If-Range` (13.1.5) makes the server send the whole
file when it is no longer the one that the partial file came from.
"""

import os
import shutil
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from errno import EDQUOT, ENOSPC
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from robust_core.events import Progress

Awaited = TypeVar("Awaited")

CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 30
BEAT_SECONDS = 0.4
CHUNK_BYTES = 1 << 20


class TransferFailed(Exception):
    """`str(error)` is a clause without a full stop that says what happened; the partial file stays for another
    attempt.
    """


class PartialFile:
    """What came so far, and in a file beside it the server's name for the version that it came from."""

    def __init__(self, path: Path):
        self.path = path
        self._version_path = path.with_name(path.name + ".version")

    @property
    def bytes(self) -> int:
        """How much there is; 0 when there is no file."""
        return self.path.stat().st_size if self.path.exists() else 0

    def range_headers(self) -> dict[str, str]:
        """The headers that ask for the rest of the same version; none when there is nothing to go on with."""
        version = self._version_path.read_text(encoding="utf-8") if self._version_path.exists() else ""
        return {"Range": f"bytes={self.bytes}-", "If-Range": version} if version and self.bytes else {}

    def begin(self, version: str) -> None:
        """Start from nothing. The bytes go first: an old piece must never stand beside a new version."""
        self.path.write_bytes(b"")
        self._version_path.write_text(version, encoding="utf-8")

    def discard(self) -> None:
        """Delete both files."""
        self.path.unlink(missing_ok=True)
        self.end()

    def end(self) -> None:
        """Delete the note about the version, once the file is complete."""
        self._version_path.unlink(missing_ok=True)


def fetch(url: str, partial: PartialFile, expected_bytes: int | None) -> Generator[Progress, None, None]:
    """Bring the file at `url` into `partial`, after what is there already; a Progress comes at least every half second.

    Closing the generator stops the transfer at once. `expected_bytes` stands in for a size that the server does not
    tell. Raises TransferFailed when the server cannot be reached, refuses, stalls or breaks off, or the disk is full.
    """
    host = urlsplit(url).hostname
    reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="download")
    try:
        response = yield from _ask(reader, url, partial)
        if response is not None:
            with _abandoned_in_the_end(response):
                yield from _receive(reader, response, partial, expected_bytes)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise TransferFailed(_explain(error, host)) from error
    except OSError as error:
        full = error.errno in (ENOSPC, EDQUOT)
        raise TransferFailed(
            "the disk is full" if full else f"the folder cannot be written ({error.strerror})"
        ) from error
    finally:
        reader.shutdown(wait=False, cancel_futures=True)


def _ask(
    reader: ThreadPoolExecutor, url: str, partial: PartialFile
) -> Generator[Progress, None, requests.Response | None]:
    """The server's response, ready to be received; None when `partial` turns out to be complete."""
    connecting = Progress(partial.bytes, None, "bytes", "connecting")
    response = yield from _awaiting(reader.submit(_get, url, partial.range_headers()), connecting)
    if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and partial.bytes:
        response.close()
        if response.headers.get("Content-Range") == f"bytes */{partial.bytes}":
            return None
        partial.discard()
        response = yield from _awaiting(reader.submit(_get, url, {}), connecting)
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        response.close()
        raise TransferFailed(f"{urlsplit(url).hostname} answered {response.status_code} {response.reason}")
    return response


def _get(url: str, headers: dict[str, str]) -> requests.Response:
    timeouts = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    return requests.get(url, headers=headers | {"Accept-Encoding": "identity"}, stream=True, timeout=timeouts)


def _receive(
    reader: ThreadPoolExecutor, response: requests.Response, partial: PartialFile, expected_bytes: int | None
) -> Generator[Progress, None, None]:
    begun_bytes = partial.bytes if _continues(response, partial) else 0
    total = _total_bytes(response, begun_bytes) or expected_bytes
    if total is not None:
        _check_space(partial.path.parent, total - begun_bytes)
    if not begun_bytes:
        partial.begin(_version(response))
    with partial.path.open("ab") as file:
        while True:
            progress = Progress(file.tell(), total, "bytes", "downloading")
            chunk = yield from _awaiting(reader.submit(response.raw.read1, CHUNK_BYTES, decode_content=False), progress)
            if not chunk:
                break
            file.write(chunk)
            yield progress
        file.flush()
        os.fsync(file.fileno())


def _awaiting(work: Future[Awaited], progress: Progress) -> Generator[Progress, None, Awaited]:
    """The result of `work`; `progress` is repeated while it takes long, so that the caller can stop at any time."""
    while not wait([work], timeout=BEAT_SECONDS).done:
        yield progress
    return work.result()


@contextmanager
def _abandoned_in_the_end(response: requests.Response) -> Iterator[None]:
    try:
        yield
    finally:
        # what urllib3 and the socket say when the connection has ended already
        with suppress(ValueError, RuntimeError, OSError):
            response.raw.shutdown()  # wakes the reader; closing alone would wait for it
        response.close()


def _continues(response: requests.Response, partial: PartialFile) -> bool:
    """Whether the body goes on where `partial` ends; otherwise it is the whole file."""
    if response.status_code == HTTPStatus.OK:
        return False
    if response.headers.get("Content-Range", "").startswith(f"bytes {partial.bytes}-"):
        return True
    partial.discard()
    raise TransferFailed("the server sent another piece of the file than was asked for, so it has to start anew")


def _version(response: requests.Response) -> str:
    """A strong validator (RFC 9110, 8.8): only that may stand in If-Range; empty when the server gives none."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _total_bytes(response: requests.Response, begun_bytes: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return begun_bytes + int(length) if length.isdecimal() else None


def _check_space(folder: Path, needed_bytes: int) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if needed_bytes > free_bytes:
        raise TransferFailed(
            f"the disk has {free_bytes / 1e6:,.0f} MB free where {needed_bytes / 1e6:,.0f} MB are needed"
        )


def _explain(error: Exception, host: str | None) -> str:
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return f"{host} did not answer in time"
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return f"no secure connection to {host} could be made"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy of this network could not be used"
    if isinstance(error, requests.ConnectionError):
        return f"{host} could not be reached; this machine may be offline"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return f"the connection to {host} broke off; what came is kept and the next attempt goes on from there"
    return f"{host} could not be asked for the file ({type(error).__name__})"
