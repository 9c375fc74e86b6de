"""How many visitors come in, who makes room for whom, and who is sent away for saying nothing."""

import asyncio

import pytest

from robust_core.ui.server import connections, visitors
from robust_core.ui.server.visitors import LimitedVisitors, present
from tests.ui.server.asgi import Reader, Visitor, run, websocket_scope

SAYS = {"type": "websocket.receive", "bytes": b"hello"}
LEAVES = {"type": "websocket.disconnect", "code": 1001}


@pytest.fixture(autouse=True)
def three_each_five_in_all(monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_VISITORS_EACH", "3")
    monkeypatch.setattr(connections, "visitors_in_all", lambda: 5)


class Crowd:
    """Visits of one server, each going on until its visitor leaves."""

    def __init__(self):
        self.door, self.tasks = LimitedVisitors(Reader()), []

    async def come(self, address: str, *messages: dict) -> Visitor:
        visitor = Visitor(*messages)
        scope = websocket_scope(address)
        self.tasks.append(asyncio.create_task(self.door(scope, visitor.receive, visitor.take)))
        await settled()
        return visitor

    async def leave(self, *all_of_them: Visitor) -> None:
        for visitor in all_of_them:
            visitor.send(LEAVES)
        await asyncio.wait_for(asyncio.gather(*self.tasks), 10)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def refused(visitor: Visitor) -> bool:
    return visitor.close_code == 1013 and not visitor.accepted


def test_one_address_has_so_many_visitors_and_another_is_not_touched():
    async def visits():
        crowd = Crowd()
        before = present()
        within = [await crowd.come("192.0.2.1", SAYS) for _ in range(3)]
        assert present() - before == 3
        fourth, other = await crowd.come("192.0.2.1", SAYS), await crowd.come("192.0.2.2", SAYS)
        assert [refused(one) for one in (*within, fourth, other)] == [False] * 3 + [True, False]
        within[0].send(LEAVES)
        await settled()
        assert not refused(await crowd.come("192.0.2.1", SAYS, LEAVES)), "one left, one comes"
        await crowd.leave(*within[1:], other)

    run(visits())


def test_addresses_of_one_network_count_as_one():
    async def visits():
        crowd = Crowd()
        within = [await crowd.come(f"2001:db8::{number}", SAYS) for number in (1, 2, 3)]
        assert refused(await crowd.come("2001:db8::4", SAYS))
        other = await crowd.come("2001:db8:0:1::4", SAYS)
        assert not refused(other)
        await crowd.leave(*within, other)

    run(visits())


def test_all_addresses_together_have_so_many_visitors():
    async def visits():
        crowd = Crowd()
        within = [await crowd.come(f"192.0.2.{number}", SAYS) for number in range(5)]
        assert refused(await crowd.come("192.0.2.9", SAYS))
        await crowd.leave(*within)

    run(visits())


@pytest.mark.parametrize("newcomer", ["192.0.2.1", "192.0.2.9"])
def test_whoever_never_said_anything_makes_room_the_oldest_first(newcomer):
    async def visits():
        crowd = Crowd()
        talker = await crowd.come("192.0.2.1", SAYS)
        silent = [await crowd.come("192.0.2.1"), await crowd.come("192.0.2.1")]
        others = [await crowd.come("192.0.2.2", SAYS) for _ in range(2)]
        late = await crowd.come(newcomer, SAYS)
        await settled()
        assert not refused(late)
        assert [one.close_code for one in (talker, *silent, *others)] == [None, 1013, None, None, None]
        assert [message["type"] for message in silent[0].got] == ["websocket.accept", "websocket.close"]
        await crowd.leave(talker, silent[1], *others, late)

    run(visits())


def test_a_socket_that_says_nothing_is_closed_in_time_and_one_that_spoke_is_not(monkeypatch):
    monkeypatch.setattr(visitors, "SILENT_SECONDS", 0.05)

    async def visits():
        crowd = Crowd()
        silent, talker = await crowd.come("192.0.2.1"), await crowd.come("192.0.2.1", SAYS)
        await asyncio.sleep(0.2)
        assert (silent.close_code, talker.close_code) == (1013, None)
        await crowd.leave(talker)
        assert not crowd.door.places

    run(visits())


def test_a_request_without_websocket_passes():
    async def visit():
        got = []

        async def app(scope, _receive, _send):
            got.append(scope)

        scope = {"type": "http"}
        await LimitedVisitors(app)(scope, None, None)
        assert got == [scope]

    run(visit())
