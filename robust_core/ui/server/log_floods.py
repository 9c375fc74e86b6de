"""Lines of the log that any stranger can cause, as often as he likes: one of each kind a minute is enough."""

import logging
import time

SECONDS = 60
KINDS = {
    "asyncio": ("socket.accept() out of system resource",),
    "uvicorn.error": (
        "Invalid HTTP request received",
        "Invalid UTF-8 sequence received",
        "Unsupported upgrade request",
    ),
    "streamlit.web.server.starlette.starlette_websocket": ("Rejecting WebSocket connection",),
}


class OnceInAWhile(logging.Filter):
    """Lets a line that begins so through once in `SECONDS`, without the traceback; all other lines as they are."""

    def __init__(self, beginning: str):
        super().__init__()
        self._beginning, self._last = beginning, -float(SECONDS)

    def filter(self, record: logging.LogRecord) -> bool:
        if not str(record.msg).startswith(self._beginning):
            return True
        record.exc_info = record.exc_text = None
        now = time.monotonic()
        if now - self._last < SECONDS:
            return False
        self._last = now
        return True


def set_up() -> None:
    """Thin out those `KINDS`."""
    for logger, beginnings in KINDS.items():
        for beginning in beginnings:
            logging.getLogger(logger).addFilter(OnceInAWhile(beginning))
