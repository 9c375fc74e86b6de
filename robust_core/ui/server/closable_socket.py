"""A websocket that a middleware closes while the app within still uses it."""

from contextlib import suppress


class ClosableSocket:
    """An ASGI websocket's two ends; once it is closed, what the app sends goes nowhere."""

    def __init__(self, receive, send):
        self.receive, self._send = receive, send
        self._closed = False

    async def send(self, message) -> None:
        """What the app has to send."""
        if not self._closed:
            await self._send(message)

    async def close(self, code: int) -> dict:
        """Close it with a `code` of RFC 6455; returns the message from which the app learns of it."""
        if not self._closed:
            self._closed = True
            with suppress(OSError):  # whoever was there has left
                await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}
