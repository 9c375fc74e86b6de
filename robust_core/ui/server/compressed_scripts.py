"""Streamlit's scripts and styles in gzip, a third of their size; it sends them as they are. Each is compressed once."""

import gzip

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = "/static/"
SUFFIXES = (".js", ".css")
LEVEL = 6
MOST_BYTES = 32 * 2**20  # kept, compressed; a release of Streamlit has a tenth


class CompressedScripts:
    """ASGI middleware that leaves what is sent, and with which headers, to the app, and compresses its body. The app is
    asked once for what it calls immutable: a first visit is sixty scripts.
    """

    def __init__(self, app: ASGIApp):
        self._app = app
        self._kept: dict[tuple[str, str], bytes] = {}  # by path and what the app says of its version
        self._immutable: dict[str, list[Message]] = {}  # by path; their bodies are kept as well

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_be_compressed(scope):
            await self._app(scope, receive, send)
            return
        messages = self._immutable.get(scope["path"]) or await self._asked(scope, receive)
        for message in messages:
            await send(dict(message, headers=list(message["headers"])) if "headers" in message else message)

    async def _asked(self, scope: Scope, receive: Receive) -> list[Message]:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        messages = await self._compressed(scope["path"], held)
        headers = Headers(raw=messages[0]["headers"])
        kept = (scope["path"], headers.get("etag", "").removeprefix("W/")) in self._kept
        if kept and "immutable" in headers.get("cache-control", ""):
            self._immutable[scope["path"]] = messages
        return messages

    async def _compressed(self, path: str, held: list[Message]) -> list[Message]:
        start, *bodies = held
        headers = MutableHeaders(raw=start["headers"])
        headers.add_vary_header("Accept-Encoding")
        if start["status"] != 200 or "content-encoding" in headers or not {"etag", "content-length"} <= set(headers):
            return held
        key = path, headers["etag"]
        if key not in self._kept:
            whole = b"".join(body.get("body", b"") for body in bodies)
            if len(whole) != int(headers["content-length"]):  # the browser has left in the middle of it
                return held
            content = await to_thread.run_sync(gzip.compress, whole, LEVEL)
            if sum(map(len, self._kept.values())) + len(content) <= MOST_BYTES:
                self._kept[key] = content
        else:
            content = self._kept[key]
        headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(content))
        headers["ETag"] = f"W/{key[1]}"  # other bytes of the same script
        return [start, {"type": "http.response.body", "body": content}]


def _may_be_compressed(scope: Scope) -> bool:
    """Whether it is a whole script or style that is asked for by somebody who reads gzip and has none of it."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    path: str = scope["path"]
    wanted = path.startswith(FOLDER) and path.endswith(SUFFIXES)
    whole = not {"range", "if-none-match", "if-modified-since"} & set(headers)
    return wanted and whole and "gzip" in headers.get("accept-encoding", "")
