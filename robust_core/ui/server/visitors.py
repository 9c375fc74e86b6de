"""How many visitors there may be at once, in all and from one address: each has one websocket."""

import asyncio
from dataclasses import dataclass
from weakref import WeakSet

from robust_core import settings
from robust_core.ui.server import connections
from robust_core.ui.server.closable_socket import ClosableSocket
from robust_core.ui.server.proxies import household

SILENT_SECONDS = 30  # a page says what it wants as soon as it is connected
TRY_AGAIN_LATER = 1013  # of the registry that RFC 6455 began


@dataclass(eq=False)
class Place:
    """One visitor's place; who has never `spoken` keeps it until `deadline`, by the event loop's clock."""

    address: str
    deadline: float
    spoken: bool = False
    timeout: asyncio.Timeout | None = None

    def vacate(self) -> None:
        """End it now."""
        self.deadline = asyncio.get_running_loop().time()
        if self.timeout is not None and not self.timeout.expired():
            self.timeout.reschedule(self.deadline)


_doors: "WeakSet[LimitedVisitors]" = WeakSet()


def present() -> int:
    """How many visitors this process serves now; 0 where it is no server."""
    return sum(len(door.places) for door in _doors)


class LimitedVisitors:
    """Pure ASGI middleware: refuses a websocket when there are too many; one that has never said anything makes room,
    and is closed in time.
    """

    def __init__(self, app):
        self.app = app
        self.places: list[Place] = []  # the oldest first
        _doors.add(self)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        place = self._take_place(household(scope["client"][0] if scope.get("client") else ""))
        if place is None:
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})  # before it is accepted: status 403
            return
        socket = ClosableSocket(receive, send)

        async def receive_in_time():
            if place.spoken:
                return await socket.receive()
            try:
                async with asyncio.timeout_at(place.deadline) as place.timeout:
                    message = await socket.receive()
            except TimeoutError:
                return await socket.close(TRY_AGAIN_LATER)
            finally:
                place.timeout = None
            place.spoken = message["type"] == "websocket.receive"
            return message

        try:
            await self.app(scope, receive_in_time, socket.send)
        finally:
            self._leave(place)

    def _take_place(self, address: str) -> Place | None:
        here = [place for place in self.places if place.address == address]
        for crowd, most in ((here, settings.visitors_each()), (self.places, connections.visitors_in_all())):
            if len(crowd) >= most:
                silent = next((place for place in crowd if not place.spoken), None)
                if silent is None:
                    return None
                self._leave(silent)
                silent.vacate()
        place = Place(address, asyncio.get_running_loop().time() + SILENT_SECONDS)
        self.places.append(place)
        return place

    def _leave(self, place: Place) -> None:
        if place in self.places:
            self.places.remove(place)
