from robust_core.ui.server.closable_socket import ClosableSocket
from tests.ui.server.asgi import Visitor, run


def test_what_is_sent_after_the_end_goes_nowhere_and_it_ends_once():
    async def talk():
        visitor = Visitor()
        socket = ClosableSocket(visitor.receive, visitor.take)
        hello = {"type": "websocket.send", "bytes": b"hello"}
        await socket.send(hello)
        assert await socket.close(1008) == {"type": "websocket.disconnect", "code": 1008}
        await socket.send(hello)
        await socket.close(1008)
        assert visitor.got == [hello, {"type": "websocket.close", "code": 1008}]

    run(talk())


def test_a_visitor_who_has_left_already_is_no_mistake():
    async def gone(_message):
        raise OSError("connection lost")

    async def talk():
        return await ClosableSocket(Visitor().receive, gone).close(1013)

    assert run(talk()) == {"type": "websocket.disconnect", "code": 1013}
