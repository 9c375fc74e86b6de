"""A visitor without manners: raw sockets, websockets that say what they like, uploads by hand."""

import http.client
import socket
import urllib.request
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

HALF_REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nX-a: "


def address(url: str) -> tuple[str, int]:
    """Host and port."""
    parts = urlsplit(url)
    return parts.hostname, parts.port


def websocket(url: str, **options) -> ClientConnection:
    """A websocket that has said nothing yet."""
    options = {"subprotocols": ["streamlit"], "origin": url, "max_size": None, "max_queue": None, **options}
    return connect(url.replace("http", "ws") + "/_stcore/stream", **options)


@contextmanager
def half_requests(url: str, number: int):
    """So many connections whose requests never end."""
    held = []
    for _ in range(number):
        with suppress(OSError):
            held.append(socket.create_connection(address(url), timeout=5))
            held[-1].sendall(HALF_REQUEST)
    try:
        yield held
    finally:
        for one in held:
            one.close()


def close_code(visitor: ClientConnection, seconds: float = 10) -> int | None:
    """The code with which the server ends this websocket."""
    with suppress(ConnectionClosed):
        while True:
            visitor.recv(seconds)
    return visitor.close_code


def session_id(visitor: ClientConnection) -> str:
    """The id that the server gives this visitor's session at its first message."""
    visitor.send(BackMsg(rerun_script={"page_name": "models"}).SerializeToString())
    while True:
        message = ForwardMsg.FromString(visitor.recv(60))
        if message.WhichOneof("type") == "new_session":
            return message.new_session.initialize.session_id


def visits(url: str, number: int, headers=lambda _number: {}) -> list[ClientConnection]:
    """So many websockets at once, each of which says what it wants as soon as it is open, as a page does: who is silent
    for half a minute is sent away, and on a slow machine a hundred scripts take longer.
    """
    visitors, sessions = [], set()
    for which in range(number):
        visitors.append(websocket(url, additional_headers=headers(which)))
        sessions.add(session_id(visitors[-1]))
    assert len(sessions) == number
    return visitors


class Uploader:
    """Sends files to a session by hand."""

    def __init__(self, url: str, session: str):
        self._url, self._session = url, session
        with urllib.request.urlopen(f"{url}/_stcore/health") as answer:
            cookies = answer.headers.get_all("Set-Cookie") or []
        token = next(one.split(";")[0].partition("=")[2].strip('"') for one in cookies if "xsrf" in one)
        self._headers = {"Cookie": f"_streamlit_xsrf={token}", "X-Xsrftoken": token}

    def put(self, name: str, data: bytes) -> tuple[int, str]:
        """Send a file whole; status and sentence of the answer."""
        connection = http.client.HTTPConnection(*address(self._url), timeout=60)
        body = _head(name) + data + _TAIL
        connection.request("PUT", self._path(name), body, self._all_headers(len(body)))
        answer = connection.getresponse()
        sentence = answer.read().decode()
        connection.close()
        return answer.status, sentence

    def begin(self, name: str, data: bytes, keep_back: int = 1000) -> socket.socket:
        """Send a file but for its last bytes; the connection."""
        body = _head(name) + data + _TAIL
        fields = (f"{key}: {value}" for key, value in self._all_headers(len(body)).items())
        head = "\r\n".join([f"PUT {self._path(name)} HTTP/1.1", *fields])
        sender = socket.create_connection(address(self._url), timeout=30)
        sender.sendall(f"{head}\r\n\r\n".encode() + body[: len(body) - keep_back])
        return sender

    def _path(self, name: str) -> str:
        return f"/_stcore/upload_file/{self._session}/{name}"

    def _all_headers(self, length: int) -> dict[str, str]:
        kind = "multipart/form-data; boundary=----edge"
        return {
            **self._headers,
            "Host": urlsplit(self._url).netloc,
            "Content-Type": kind,
            "Content-Length": str(length),
        }


def _head(name: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    return f"------edge\r\n{disposition}\r\nContent-Type: image/png\r\n\r\n".encode()


_TAIL = b"\r\n------edge--\r\n"
