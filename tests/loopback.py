"""A small HTTP server on this machine that serves one body and can misbehave in every way that downloads have to
bear.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Loopback:
    """What the server does, changeable while it runs, and in `asked` the headers of every request that came."""

    body: bytes
    url: str = ""
    etag: str | None = '"first"'
    last_modified: str | None = None
    honours_range: bool = True
    tells_length: bool = True
    shift_bytes: int = 0  # a faulty server: its 206 begins so much later than it was asked to
    status: int | None = None  # respond to every request with this status alone
    cut_after: int | None = None  # break the connection after so many bytes of the response
    stall_after: int | None = None  # send nothing more after so many bytes, until the server is closed
    closing: threading.Event = field(default_factory=threading.Event)
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(body: bytes) -> Iterator[Loopback]:
    """Serve `body` under `Loopback.url` until the block ends."""
    loopback = Loopback(body)
    handler = type("Handler", (_Handler,), {"loopback": loopback})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    loopback.url = f"http://127.0.0.1:{server.server_port}/folder/tiny-weights.pth"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield loopback
    finally:
        loopback.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    loopback: Loopback

    def do_GET(self) -> None:
        loopback = self.loopback
        loopback.asked.append(dict(self.headers))
        if loopback.status is not None:
            self._respond(loopback.status, {"Content-Length": "0"}, b"")
            return
        begin, length = self._begin(), len(loopback.body)
        if begin >= length:
            self._respond(416, {"Content-Range": f"bytes */{length}", "Content-Length": "0"}, b"")
        elif begin:
            begin += loopback.shift_bytes
            self._respond(
                206,
                {"Content-Range": f"bytes {begin}-{length - 1}/{length}"} | self._length(begin),
                loopback.body[begin:],
            )
        else:
            self._respond(200, self._length(0), loopback.body)

    def _begin(self) -> int:
        """The first byte that is wanted: what `Range` says, if it counts and `If-Range` still names this version."""
        loopback = self.loopback
        wanted = self.headers.get("Range")
        same_version = self.headers.get("If-Range") in (None, loopback.etag, loopback.last_modified)
        return (
            int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and loopback.honours_range and same_version else 0
        )

    def _length(self, begin: int) -> dict[str, str]:
        return {"Content-Length": str(len(self.loopback.body) - begin)} if self.loopback.tells_length else {}

    def _respond(self, status: int, headers: dict[str, str], body: bytes) -> None:
        versions = {"ETag": self.loopback.etag, "Last-Modified": self.loopback.last_modified}
        self.send_response(status)
        for name, value in (headers | versions).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        stop = next(
            (limit for limit in (self.loopback.cut_after, self.loopback.stall_after) if limit is not None), len(body)
        )
        with suppress(ConnectionError):  # a client that has heard enough hangs up
            self.wfile.write(body[:stop])
        if stop == self.loopback.stall_after:
            self.loopback.closing.wait()
        if stop == self.loopback.cut_after:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output clean."""
