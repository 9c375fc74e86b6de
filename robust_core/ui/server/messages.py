"""Which messages of a browser reach Streamlit: those that the pages need, in a pace that no hand exceeds.

Streamlit also takes messages that clear everybody's caches, tell the state of the Git repository, or write files; any
visitor may send them.
"""

import asyncio

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg

from robust_core.ui.server.closable_socket import ClosableSocket

WANTED = frozenset({"rerun_script", "stop_script", "app_heartbeat"})
WANTED_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})  # what a download button and a long table ask for
MAX_BYTES = 4 * 2**20
MAX_FILES = 1000  # addresses for uploads in one request; each is answered with a hundred times as many bytes
BURST = 100
PER_SECOND = 20  # a slider that is dragged sends about five
MOST_WAITS = 100  # one after the other: five seconds beyond the pace
PROTOCOL_ERROR, UNSUPPORTED_DATA, POLICY_VIOLATION, TOO_BIG = 1002, 1003, 1008, 1009  # of RFC 6455


class WantedMessages:
    """Pure ASGI middleware: a websocket's messages of other kinds go nowhere, what is no message closes it, and whoever
    sends too many waits, and in the end leaves.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        socket, pace = ClosableSocket(receive, send), Pace(BURST, PER_SECOND)

        async def receive_wanted():
            while True:
                message = await socket.receive()
                if message["type"] != "websocket.receive":
                    return message
                await pace.wait()
                if pace.waits > MOST_WAITS:  # else what has come already would keep the socket for hours
                    return await socket.close(POLICY_VIOLATION)
                code, wanted = _judge(message.get("bytes"))
                if code is not None:
                    return await socket.close(code)
                if wanted:
                    return message

        await self.app(scope, receive_wanted, socket.send)


class Pace:
    """Lets `burst` through at once and `per_second` in the long run; the last `waits` had to wait."""

    def __init__(self, burst: int, per_second: float):
        self._ahead_seconds, self._seconds_each = burst / per_second, 1 / per_second
        self._paid_until, self.waits = 0.0, 0

    async def wait(self) -> None:
        """Return when it is one's turn."""
        now = asyncio.get_running_loop().time()
        self._paid_until = max(self._paid_until, now - self._ahead_seconds) + self._seconds_each
        self.waits = self.waits + 1 if self._paid_until > now else 0
        if self.waits:
            await asyncio.sleep(self._paid_until - now)


def _judge(data: bytes | None) -> tuple[int | None, bool]:
    """The code to close the socket with, if any, and whether the page needs this message."""
    if data is None:
        return UNSUPPORTED_DATA, False
    if len(data) > MAX_BYTES:
        return TOO_BIG, False
    try:
        return None, _is_wanted(BackMsg.FromString(data))
    except DecodeError:
        return PROTOCOL_ERROR, False


def _is_wanted(message: BackMsg) -> bool:
    match message.WhichOneof("type"):
        case "backend_operation_request":
            return message.backend_operation_request.WhichOneof("payload") in WANTED_OPERATIONS
        case "file_urls_request":
            return len(message.file_urls_request.file_names) <= MAX_FILES
        case kind:
            return kind in WANTED
