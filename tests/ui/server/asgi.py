"""Both ends of an ASGI middleware under test: what a visitor sends, and what the app within gets of it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

ADDRESS = ("192.0.2.7", 4000)


def run(coroutine: Coroutine):
    """What the coroutine returns; in a thread, since the browser tests keep a loop of their own running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result(60)


def websocket_scope(address: str = ADDRESS[0], **more) -> dict:
    """The scope of a visitor's websocket."""
    return {
        "type": "websocket",
        "path": "/_stcore/stream",
        "client": (address, 4000),
        "headers": [],
        **more,
    }


class Visitor:
    """A visitor's end of one connection: what it sends from now on, and all that it got."""

    def __init__(self, *messages: dict):
        self.got: list[dict] = []
        self._messages: asyncio.Queue[dict] = asyncio.Queue()
        self.send(*messages)

    def send(self, *messages: dict) -> None:
        for message in messages:
            self._messages.put_nowait(message)

    async def receive(self) -> dict:
        return await self._messages.get()

    async def take(self, message: dict) -> None:
        self.got.append(message)

    @property
    def accepted(self) -> bool:
        return any(message["type"] == "websocket.accept" for message in self.got)

    @property
    def close_code(self) -> int | None:
        return next((message["code"] for message in self.got if message["type"] == "websocket.close"), None)


class Reader:
    """An app that takes whatever comes until the other end leaves, and keeps it."""

    def __init__(self):
        self.got: list[dict] = []

    async def __call__(self, scope, receive, send):
        await send({"type": "websocket.accept"})
        message = {"type": ""}
        while message["type"] != "websocket.disconnect":
            message = await receive()
            self.got.append(message)
        await send({"type": "websocket.send", "bytes": b"after the end"})
