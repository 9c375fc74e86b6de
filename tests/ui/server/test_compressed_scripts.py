"""Scripts come in gzip to who reads it, once compressed for all; everything else passes as it is."""

import asyncio
import gzip

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from robust_core.ui.server import compressed_scripts
from robust_core.ui.server.compressed_scripts import CompressedScripts

SCRIPT = b"const answer = 42; // " + b"so it goes " * 400


@pytest.fixture
def client(tmp_path):
    """A server of files with the middleware before it."""
    for name in ("a.js", "a.css", "a.woff2"):
        (tmp_path / name).write_bytes(SCRIPT)
    files = [Mount("/static", StaticFiles(directory=tmp_path)), Mount("/other", StaticFiles(directory=tmp_path))]
    with TestClient(Starlette(routes=files, middleware=[Middleware(CompressedScripts)])) as client:
        yield client


@pytest.mark.parametrize("name", ["a.js", "a.css"])
def test_a_script_is_smaller_on_the_wire_and_the_same_when_it_is_read(client, name):
    with client.stream("GET", f"/static/{name}", headers={"accept-encoding": "gzip, br"}) as answer:
        wire = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(wire) < len(SCRIPT) / 10
    assert gzip.decompress(wire) == SCRIPT
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/a.js", {"accept-encoding": "identity"}),
        ("/static/a.js", {"accept-encoding": "gzip", "range": "bytes=0-9"}),
        ("/static/a.woff2", {"accept-encoding": "gzip"}),
        ("/other/a.js", {"accept-encoding": "gzip"}),
    ],
)
def test_everything_else_passes_as_it_is(client, path, headers):
    answer = client.get(path, headers=headers)
    assert "content-encoding" not in answer.headers
    assert answer.content == SCRIPT[: len(answer.content)]
    assert len(answer.content) == (10 if "range" in headers else len(SCRIPT))


def test_what_is_not_there_and_what_has_not_changed_passes_too(client):
    assert client.get("/static/none.js").status_code == 404
    version = client.get("/static/a.js").headers["etag"]
    known = client.get("/static/a.js", headers={"if-none-match": version})
    assert (known.status_code, known.content) == (304, b"")


def test_a_script_is_compressed_once_and_anew_when_it_is_another(client, tmp_path, monkeypatch):
    calls = []
    compress = gzip.compress
    monkeypatch.setattr(compressed_scripts.gzip, "compress", lambda *told: calls.append(told) or compress(*told))
    assert client.get("/static/a.js").content == client.get("/static/a.js").content == SCRIPT
    assert len(calls) == 1
    (tmp_path / "a.js").write_bytes(SCRIPT + b"!")
    assert client.get("/static/a.js").content == SCRIPT + b"!"
    assert len(calls) == 2


def test_what_never_changes_is_asked_for_once():
    asked = []
    served = CompressedScripts(immutable(asked))
    first, second, third = (asyncio.run(messages(served)) for _ in range(3))
    assert asked == ["/static/a.js"]
    assert first == second == third
    assert gzip.decompress(third[-1]["body"]) == SCRIPT
    first[0]["headers"].append((b"x-more", b"1"))  # as who stands before it does
    assert asyncio.run(messages(served)) == second


def test_what_never_changes_but_is_not_kept_is_asked_for_again(monkeypatch):
    monkeypatch.setattr(compressed_scripts, "MOST_BYTES", 0)
    asked = []
    served = CompressedScripts(immutable(asked))
    assert [gzip.decompress(asyncio.run(messages(served))[-1]["body"]) for _ in range(2)] == [SCRIPT] * 2
    assert len(asked) == 2


def immutable(asked):
    """An app with one script, which it says never to change; it notes what it is asked for."""

    async def app(scope, receive, send):
        asked.append(scope["path"])
        said = {"etag": '"1"', "content-length": len(SCRIPT), "cache-control": "public, immutable, max-age=31536000"}
        headers = [(name.encode(), str(value).encode()) for name, value in said.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": SCRIPT})

    return app


def test_what_is_kept_has_a_bound(client, monkeypatch):
    monkeypatch.setattr(compressed_scripts, "MOST_BYTES", 0)
    assert [client.get("/static/a.js").content for _ in range(2)] == [SCRIPT] * 2


def test_what_breaks_off_because_the_browser_has_left_is_not_kept():
    """A script that is cut short for one would be cut short for all."""
    sent = [SCRIPT[:100], SCRIPT, SCRIPT]

    async def app(scope, receive, send):
        headers = [
            (b"etag", b'"1"'),
            (b"content-length", str(len(SCRIPT)).encode()),
            (b"content-type", b"text/javascript"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": sent.pop(0), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    served = CompressedScripts(app)
    assert asyncio.run(messages(served))[-2]["body"] == SCRIPT[:100]
    for _ in range(2):
        assert gzip.decompress(asyncio.run(messages(served))[-1]["body"]) == SCRIPT
    assert sent == []


async def messages(app):
    """What the app sends to a request for a script."""
    found = []

    async def send(message):
        found.append(message)

    scope = {"type": "http", "method": "GET", "path": "/static/a.js", "headers": [(b"accept-encoding", b"gzip")]}
    await app(scope, None, send)
    return found
