"""Weight files on their way to the disk: taken from those who were given the address, whole or not at all."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from robust_core.ui.models import incoming
from robust_core.ui.server.upload_door import UploadDoor

CONTENT = bytes(range(256)) * 40_000  # above two chunks of the disk


@pytest.fixture
def expected(tmp_path, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_CACHE", str(tmp_path))
    one = incoming.expect()
    yield one
    incoming.no_longer_expect(one)


def put(
    address: str, chunks: list[bytes], *, announced: int | None = None, name: str = "my.pth", broken: bool = False
) -> tuple[int, dict]:
    """Status and response of a PUT of `chunks` to the route; a `broken` one ends without its last part."""
    length = sum(map(len, chunks)) if announced is None else announced
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append(
        {"type": "http.disconnect"} if broken else {"type": "http.request", "body": b"", "more_body": False}
    )
    scope = {
        "type": "http",
        "method": "PUT",
        "path": address,
        "raw_path": address.encode(),
        "query_string": f"name={name}".encode(),
        "headers": [(b"content-length", str(length).encode())],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("localhost", 80),
        "client": ("localhost", 1),
        "root_path": "",
    }
    sent = []

    async def drive():
        waiting = iter(messages)

        async def receive():
            return next(waiting, {"type": "http.disconnect"})

        async def send(message):
            sent.append(message)

        app = Starlette(routes=[incoming.weights_route()], middleware=[Middleware(UploadDoor)])  # as in app.py
        await app(scope, receive, send)

    with ThreadPoolExecutor(1) as thread:  # a loop may run in this one: Playwright's
        thread.submit(asyncio.run, drive()).result()
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return sent[0]["status"], json.loads(body)


def test_a_file_is_on_the_disk_byte_for_byte(expected):
    status, response = put(
        expected.address, [CONTENT[i : i + 65_536] for i in range(0, len(CONTENT), 65_536)], name="../../my%20net.pth"
    )
    assert (status, response) == (200, {"name": "my net.pth"})
    assert expected.path.read_bytes() == CONTENT
    assert expected.name == "my net.pth"


def test_another_file_replaces_it_and_discarding_deletes_it(expected):
    put(expected.address, [b"first"])
    put(expected.address, [b"second"])
    assert expected.path.read_bytes() == b"second"
    expected.discard()
    assert not expected.folder.exists()
    assert put(expected.address, [b"third"])[0] == 200


@pytest.mark.parametrize(
    ("chunks", "options", "status"),
    [
        ([b"more than was said"], {"announced": 5}, 400),
        ([b"less"], {"announced": 500}, 400),
        ([b"cut"], {"announced": 500, "broken": True}, 400),
        ([b"x"], {"announced": incoming.MAX_BYTES + 1}, 413),
        ([b""], {"announced": 0}, 413),
    ],
)
def test_what_is_not_whole_leaves_nothing(expected, chunks, options, status):
    answered, response = put(expected.address, chunks, **options)
    assert answered == status
    assert response["error"].endswith(".")
    assert expected.name == ""
    assert not expected.folder.exists() or not list(expected.folder.iterdir())


def test_an_address_that_nobody_was_given_takes_nothing(expected, tmp_path):
    assert put(incoming.FOLDER + "guessed", [b"x"])[0] == 404
    incoming.no_longer_expect(expected)
    assert put(expected.address, [b"x"])[0] == 404
    assert not list((tmp_path / "weights").rglob("*")) if (tmp_path / "weights").exists() else True


def test_a_full_disk_is_said(expected, monkeypatch):
    monkeypatch.setattr(incoming, "SPARE_BYTES", 2**62)
    status, response = put(expected.address, [b"x"])
    assert status == 507
    assert "No space left" in response["error"]


def test_what_a_killed_server_left_is_deleted_after_a_day(expected, monkeypatch):
    put(expected.address, [b"x"])
    incoming.delete_stale()
    assert expected.path.exists()
    monkeypatch.setattr(
        incoming, "time", type("Later", (), {"time": staticmethod(lambda: time.time() + incoming.STALE_SECONDS + 60)})
    )
    incoming.delete_stale()
    assert not expected.folder.exists()
