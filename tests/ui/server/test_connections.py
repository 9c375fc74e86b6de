"""How many connections come in, who is sent away for whom, and how long a request may stay half."""

import asyncio
import resource
import socket
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace

import pytest
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from robust_core import settings
from robust_core.ui.server import connections, messages
from robust_core.ui.server.connections import Door
from tests.ui.server.asgi import run

HALF = b"GET / HTTP/1.1\r\nHost: x\r\nX-a: "
LARGE_BYTES = 50 * 2**20
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Connection:
    """As much of uvicorn's connection as the door looks at."""

    def __init__(self, host: str = "192.0.2.1", answering: bool = False):
        self.client = (host, 4000)
        self.cycle = SimpleNamespace(response_complete=False) if answering else None
        self.loop = SimpleNamespace(call_later=lambda _seconds, _what: SimpleNamespace(cancel=lambda: None))
        self.transport = self
        self.ended = False

    def abort(self) -> None:
        self.ended = True

    def is_closing(self) -> bool:
        return self.ended

    def get_protocol(self):
        return self


def within(door: Door, *connections: Connection) -> list[Connection]:
    """These connections, come in one after the other."""
    for connection in connections:
        door.enter(connection)
    return list(connections)


@pytest.fixture
def door(monkeypatch):
    monkeypatch.delenv("ROBUST_LAB_TRUSTED_PROXY", raising=False)
    return Door(each=3, in_all=5)


def test_the_oldest_that_waits_makes_room_for_a_newcomer_of_its_address(door):
    busy, oldest, younger, newcomer = within(door, Connection(answering=True), *(Connection() for _ in range(3)))
    assert [one.ended for one in (busy, oldest, younger, newcomer)] == [False, True, False, False]
    assert len(door) == 3


def test_whoever_is_being_answered_stays_and_the_newcomer_goes(door):
    *busy, newcomer = within(door, *(Connection(answering=True) for _ in range(4)))
    assert [one.ended for one in (*busy, newcomer)] == [False] * 3 + [True]
    assert not within(door, Connection("192.0.2.2"))[0].ended, "another address has its own room"


def test_when_all_is_full_the_largest_crowd_makes_room(door):
    crowd = within(door, *(Connection() for _ in range(3)))
    alone = within(door, Connection("192.0.2.2"), Connection("192.0.2.3"))
    (newcomer,) = within(door, Connection("192.0.2.4"))
    assert [one.ended for one in (*crowd, *alone, newcomer)] == [True] + [False] * 5
    assert len(door) == 5


def test_a_trusted_proxy_speaks_for_many(door, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_TRUSTED_PROXY", "192.0.2.0/24")
    assert not any(one.ended for one in within(door, *(Connection() for _ in range(5))))


def test_who_leaves_makes_room_and_may_leave_twice(door):
    first, *_ = within(door, *(Connection(answering=True) for _ in range(3)))
    door.leave(first)
    door.leave(first)
    assert not within(door, Connection())[0].ended


@asynccontextmanager
async def guarded_server(door: Door):
    """uvicorn with an app that says hello, behind `door`; its port."""

    class Guarded(H11Protocol): ...

    async def app(scope, _receive, send):
        body = b"hello" if scope["path"] == "/" else bytes(LARGE_BYTES)
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    connections.guard(Guarded, door)
    server = uvicorn.Server(uvicorn.Config(app, http=Guarded, lifespan="off", log_level="critical"))
    listener = socket.socket()  # as Streamlit's is, without the name of its protocol
    listener.bind(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
        assert server.config.ws_max_size == messages.MAX_BYTES
    finally:
        server.should_exit = True
        await task


async def sent(port: int, *parts: bytes, pause: float = 0) -> asyncio.StreamReader:
    """A connection that sent these parts; what comes back can be read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reader.writer = writer  # which would close the connection when it is collected
    for part in parts:
        with suppress(ConnectionError):
            writer.write(part)
            await writer.drain()
        await asyncio.sleep(pause)
    return reader


async def is_ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionError:
        return True


async def answer(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readuntil(b"hello"), 5)


def test_a_request_that_stays_half_is_ended_even_if_it_drips(door, monkeypatch):
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)

    async def talk():
        async with guarded_server(door) as port:
            assert await is_ended(await sent(port))
            assert await is_ended(await sent(port, HALF, *[b"x"] * 20, pause=0.05))
            kept = await sent(port, WHOLE)
            await answer(kept)
            kept.writer.write(HALF)
            assert await is_ended(kept), "the second request on the same connection"
            await asyncio.sleep(0.05)
            assert len(door) == 0

    run(talk())


def test_half_requests_make_room_for_whole_ones(door):
    async def talk():
        async with guarded_server(door) as port:
            half = [await sent(port, HALF) for _ in range(30)]
            assert b"200 OK" in await answer(await sent(port, WHOLE))
            assert len(door) <= 3
            assert all([await is_ended(one) for one in half[:27]])

    run(talk())


def test_what_is_sent_goes_at_once(door, monkeypatch):
    entered, enter = [], door.enter
    monkeypatch.setattr(door, "enter", lambda connection: (entered.append(connection), enter(connection)))

    async def talk():
        async with guarded_server(door) as port:
            await answer(await sent(port, WHOLE))
            itself = entered[0].transport.get_extra_info("socket")
            assert itself.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    run(talk())


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux ends connections that are not read")
def test_an_answer_that_nobody_takes_is_given_up(door, monkeypatch):
    monkeypatch.setattr(connections, "UNREAD_SECONDS", 1)

    async def talk():
        async with guarded_server(door) as port:
            with socket.create_connection(("127.0.0.1", port)) as idle:
                idle.sendall(WHOLE.replace(b"/ ", b"/large ", 1))
                await asyncio.sleep(0.2)
                assert len(door) == 1
                for _ in range(200):
                    await asyncio.sleep(0.1)
                    if not len(door):
                        return
                raise AssertionError("it is still there")

    run(talk())


def test_the_limit_of_descriptors_is_raised_as_far_as_it_goes():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    code = (
        "import resource; from robust_core.ui.server import connections as c\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))\n"
        "c.raise_descriptor_limit(); print(c.descriptors(), c.visitors_in_all())"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=settings.ROOT, capture_output=True, text=True, check=True)
    descriptors, visitors = map(int, ended.stdout.split())
    assert descriptors == min(hard if hard != resource.RLIM_INFINITY else 10**9, connections.MOST_DESCRIPTORS)
    assert visitors == min(1000, descriptors // 16)


def test_a_class_fits_where_the_system_allows_a_thousand_descriptors(monkeypatch):
    monkeypatch.setattr(connections, "descriptors", lambda: 1024)
    assert connections.visitors_in_all() >= 31
    assert 1024 // connections.CONNECTION_SHARE >= 31 * 7, "a websocket and six more for each"
