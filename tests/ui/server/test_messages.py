"""Which messages of a browser come through, what closes the socket, and how fast they may come."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from robust_core.ui.server import messages
from robust_core.ui.server.messages import Pace, WantedMessages
from tests.ui.server.asgi import Reader, Visitor, run, websocket_scope

LEAVES = {"type": "websocket.disconnect", "code": 1001}
OPERATIONS = BackMsg.DESCRIPTOR.fields_by_name["backend_operation_request"].message_type.oneofs_by_name["payload"]


def of_kind(kind: str) -> BackMsg:
    message = BackMsg()
    if BackMsg.DESCRIPTOR.fields_by_name[kind].message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    return message


def operation(kind: str) -> BackMsg:
    message = BackMsg()
    getattr(message.backend_operation_request, kind).SetInParent()
    return message


def files(number: int) -> BackMsg:
    message = BackMsg()
    message.file_urls_request.file_names.extend(["a.png"] * number)
    return message


def passed(*contents: bytes | str) -> tuple[list[bytes], Visitor]:
    """What of these messages reaches the app, and the visitor that sent them."""
    app = Reader()

    async def visit():
        sent = [{"type": "websocket.receive", "bytes" if isinstance(one, bytes) else "text": one} for one in contents]
        visitor = Visitor(*sent, LEAVES)
        await WantedMessages(app)(websocket_scope(), visitor.receive, visitor.take)
        return visitor

    visitor = run(visit())
    return [message["bytes"] for message in app.got if message["type"] == "websocket.receive"], visitor


@pytest.mark.parametrize("kind", [field.name for field in BackMsg.DESCRIPTOR.fields])
def test_only_the_kinds_that_pages_need_come_through(kind):
    wanted = {"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"}
    sent, after = of_kind(kind).SerializeToString(), of_kind("rerun_script").SerializeToString()
    assert passed(sent, after)[0] == ([sent] if kind in wanted else []) + [after]


@pytest.mark.parametrize("kind", [field.name for field in OPERATIONS.fields])
def test_only_operations_that_read_what_the_page_offers_come_through(kind):
    sent = operation(kind).SerializeToString()
    assert passed(sent)[0] == ([sent] if kind in ("deferred_file", "dataframe_chunk") else [])


def test_nobody_asks_for_more_addresses_than_there_are_uploads():
    few, many = files(500).SerializeToString(), files(messages.MAX_FILES + 1).SerializeToString()
    assert passed(many, few)[0] == [few]


def test_a_message_of_no_kind_goes_nowhere():
    assert passed(b"")[0] == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("text", 1003),
        (b"\xff\xff\xff", 1002),
        (b"\x0a" + b"\xff" * 12, 1002),
        (bytes(messages.MAX_BYTES + 1), 1009),
    ],
)
def test_what_is_no_message_closes_the_socket_and_nothing_follows(content, code):
    through, visitor = passed(content, of_kind("rerun_script").SerializeToString())
    assert through == []
    assert visitor.close_code == code
    assert [message["type"] for message in visitor.got] == ["websocket.accept", "websocket.close"]


def test_a_burst_passes_at_once_and_a_flood_waits():
    async def seconds_of(number: int) -> float:
        pace, clock = Pace(burst=10, per_second=100), asyncio.get_running_loop().time
        began = clock()
        for _ in range(number):
            await pace.wait()
        return clock() - began

    assert run(seconds_of(40)) >= 0.29, "thirty beyond the burst, a hundredth of a second each"


def test_a_flood_ends_the_socket_before_it_is_worked_off(monkeypatch):
    monkeypatch.setattr(messages, "MOST_WAITS", 3)
    content = of_kind("rerun_script").SerializeToString()
    through, visitor = passed(*[content] * 10_000)
    assert messages.BURST < len(through) < messages.BURST + 50
    assert visitor.close_code == 1008


def test_a_dragged_slider_never_waits():
    assert messages.BURST >= 10 * messages.PER_SECOND / 2
    assert messages.PER_SECOND > 4 * 4, "four fragments that refresh four times a second"
