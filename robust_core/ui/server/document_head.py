"""Style and scripts of the pages in the head of the document itself: what a page sends comes late, when everything
would move, and Streamlit's own script already runs.
"""

from collections.abc import Collection
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from robust_core.ui.server import plotly_js

FILES = Path(__file__).parents[1]
STYLE, HISTORY, CHARTS_AHEAD = FILES / "style.css", FILES / "history.js", FILES / "charts_ahead.js"
PATHS = {file: f"/assets/{file.name}" for file in (STYLE, HISTORY, CHARTS_AHEAD)}
TAGS = f'<link rel="stylesheet" href=".{PATHS[STYLE]}"><script src=".{PATHS[HISTORY]}"></script>'.encode()
TAGS_OF_CHARTS = (
    f'<link rel="preload" as="script" href=".{plotly_js.PATH}">'
    f'<script src=".{PATHS[CHARTS_AHEAD]}" data-plotly=".{plotly_js.PATH}"></script>'
).encode()
HEAD_ENDS = b"</head>"
OF_THE_FILE = (b"etag", b"last-modified")  # of Streamlit's own document, which is another one than ours
ASKED_IN_VAIN = (b"if-none-match", b"if-modified-since", b"accept-encoding")  # for a document


class DocumentHead:
    """Pure ASGI middleware: names style and script in every HTML document, at the end of its head, and in that of
    `pages_of_charts` Plotly's. Documents below `others` have heads of their own.
    """

    def __init__(self, app, pages_of_charts: Collection[str] = (), others: str | None = None):
        self.app = app
        self.pages_of_charts, self.others = pages_of_charts, others

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "GET" or self._is_other(scope["path"]):
            await self.app(scope, receive, send)
            return
        start, body = None, b""
        tags = TAGS + (TAGS_OF_CHARTS if scope["path"].rpartition("/")[2] in self.pages_of_charts else b"")

        async def send_with_tags(message):
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    whole = body.replace(HEAD_ENDS, tags + HEAD_ENDS, 1)
                    await send(start | {"headers": _with_length(start["headers"], len(whole))})
                    await send({"type": "http.response.body", "body": whole})

        await self.app(scope | {"headers": _for_a_whole(scope["headers"])}, receive, send_with_tags)

    def _is_other(self, path: str) -> bool:
        return self.others is not None and (path == self.others or path.startswith(f"{self.others}/"))


def head_routes() -> list[Route]:
    """The routes that serve style and script."""
    return [Route(path, partial(_serve, file)) for file, path in PATHS.items()]


def _serve(file: Path, _request: Request) -> FileResponse:
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


def _is_html(message) -> bool:
    headers = dict(message.get("headers", []))
    plain = b"content-encoding" not in headers
    return plain and headers.get(b"content-type", b"").startswith(b"text/html") and message["status"] == 200


def _for_a_whole(headers) -> list[tuple[bytes, bytes]]:
    """A browser that has an old document gets the new one, and none comes compressed."""
    wants_html = any(name == b"accept" and b"text/html" in value for name, value in headers)
    return [(name, value) for name, value in headers if not (wants_html and name in ASKED_IN_VAIN)]


def _with_length(headers, length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name not in OF_THE_FILE]
    return [(name, str(length).encode() if name == b"content-length" else value) for name, value in kept]
