"""How many connections there may be at once, and how long one may take to say what it wants and to take the answer.

A request whose headers never end reaches no middleware, and uvicorn has no limit for it; so the door is in uvicorn's
own class of connections. A connection that became a websocket counts as a visitor (visitors.py) instead.
"""

import asyncio
import socket
from contextlib import suppress

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from robust_core import settings
from robust_core.ui.server import messages, proxies

HEADER_SECONDS = 10
UNREAD_SECONDS = 60
EACH_VISITOR = 8  # connections; browsers open six
MOST_DESCRIPTORS = 65_536
CONNECTION_SHARE, VISITOR_SHARE = 3, 16  # of the descriptors: a third and a sixteenth; a visitor's session takes four
MOST_VISITORS = 1000


class Door:
    """Who is within, by address and from the oldest to the youngest; whoever waits between two requests may be sent
    away for somebody new.
    """

    def __init__(self, each: int, in_all: int):
        self._each, self._in_all = each, in_all
        self._within: dict[str, dict[object, asyncio.TimerHandle | None]] = {}

    def __len__(self) -> int:
        return sum(len(crowd) for crowd in self._within.values())

    def enter(self, connection) -> None:
        """Let it in, in place of another if there must be one, or end it."""
        address = _address(connection)
        here = self._within.get(address, {})
        if len(here) >= self._each and not proxies.is_trusted(address):
            self._send_away(here, connection)
        if len(self) >= self._in_all:
            self._send_away(max(self._within.values(), key=len), connection)
        if not connection.transport.is_closing():
            self._within.setdefault(address, {})[connection] = None
            self.watch(connection)

    def _send_away(self, crowd, newcomer) -> None:
        """End the oldest of the crowd that waits, or else the newcomer."""
        chosen = next((one for one in crowd if _waits(one)), newcomer)
        self.leave(chosen)
        chosen.transport.abort()

    def watch(self, connection) -> None:
        """Begin to count the seconds of a request that is not whole, or end to."""
        crowd = self._within.get(_address(connection), {})
        if connection not in crowd:
            return
        if connection.transport.get_protocol() is not connection:  # it became a websocket
            self.leave(connection)
        elif not _waits(connection):
            self._stop_clock(crowd, connection)
        elif crowd[connection] is None:
            crowd[connection] = connection.loop.call_later(HEADER_SECONDS, connection.transport.abort)

    def leave(self, connection) -> None:
        """Forget it."""
        crowd = self._within.get(_address(connection), {})
        if connection in crowd:
            self._stop_clock(crowd, connection)
            del crowd[connection]
        if not crowd:
            self._within.pop(_address(connection), None)

    @staticmethod
    def _stop_clock(crowd, connection) -> None:
        if crowd[connection] is not None:
            crowd[connection].cancel()
            crowd[connection] = None


def set_up() -> None:
    """Raise the limit of descriptors, and guard every connection that comes from now on."""
    raise_descriptor_limit()
    in_all = descriptors() // CONNECTION_SHARE
    guard(AutoHTTPProtocol, Door(min(EACH_VISITOR * settings.visitors_each(), in_all * 2 // 3), in_all))


def guard(protocol: type, door: Door) -> None:
    """Have the connections of this class of uvicorn's pass `door`."""
    made, received, lost = protocol.connection_made, protocol.data_received, protocol.connection_lost

    def connection_made(self, transport):
        made(self, transport)
        self.config.ws_max_size = min(self.config.ws_max_size, messages.MAX_BYTES)  # what comes in, not what goes out
        _set_options(transport)
        door.enter(self)

    def data_received(self, data):
        received(self, data)
        door.watch(self)

    def connection_lost(self, error):
        door.leave(self)
        lost(self, error)

    protocol.connection_made, protocol.data_received, protocol.connection_lost = (
        connection_made,
        data_received,
        connection_lost,
    )


def visitors_in_all() -> int:
    """How many websockets there may be at once."""
    return min(MOST_VISITORS, descriptors() // VISITOR_SHARE)


def descriptors() -> int:
    """How many files and sockets this process may have open; as many as there can be where the system has no such
    limit.
    """
    try:
        import resource
    except ImportError:  # on Windows
        return MOST_DESCRIPTORS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else min(soft, MOST_DESCRIPTORS)


def raise_descriptor_limit() -> None:
    """Allow this process as many descriptors as the system lets it have, up to `MOST_DESCRIPTORS`."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
        if descriptors() < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _set_options(transport) -> None:
    """Have the system send everything at once, and end the connection when what was sent is not taken.

    The socket that Streamlit opens does not name its protocol, so that asyncio leaves it as it is, and the second part
    of each answer waited 40 ms for the client to confirm the first. Systems other than Linux know no end.
    """
    itself = transport.get_extra_info("socket")
    if itself is None or itself.family not in (socket.AF_INET, socket.AF_INET6):
        return
    itself.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        itself.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_SECONDS * 1000)


def _address(connection) -> str:
    return proxies.household(connection.client[0] if connection.client else "")


def _waits(connection) -> bool:
    """Whether no request of this connection is being answered."""
    return connection.cycle is None or connection.cycle.response_complete
