"""Style and script of the pages in the head of the document itself: what a page sends comes late, when everything would
move, and Streamlit's own script already runs.
"""

from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

FILES = Path(__file__).parents[1]
STYLE, SCRIPT = FILES / "style.css", FILES / "history.js"
PATHS = {STYLE: "/assets/style.css", SCRIPT: "/assets/history.js"}
TAGS = f'<link rel="stylesheet" href=".{PATHS[STYLE]}"><script src=".{PATHS[SCRIPT]}"></script>'.encode()
HEAD_ENDS = b"</head>"
OF_THE_FILE = (b"etag", b"last-modified")  # of Streamlit's own document, which is another one than ours
ASKED_IN_VAIN = (b"if-none-match", b"if-modified-since", b"accept-encoding")  # for a document


class DocumentHead:
    """Pure ASGI middleware: names style and script in every HTML document, at the end of its head."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start, body = None, b""

        async def send_with_tags(message):
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    whole = body.replace(HEAD_ENDS, TAGS + HEAD_ENDS, 1)
                    await send(start | {"headers": _with_length(start["headers"], len(whole))})
                    await send({"type": "http.response.body", "body": whole})

        await self.app(scope | {"headers": _for_a_whole(scope["headers"])}, receive, send_with_tags)


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
