"""How much a session may upload, how slowly, and where it lies meanwhile."""

import asyncio
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from robust_core.data.uploads import MAX_IMAGES
from robust_core.ui import uploads
from robust_core.ui.server import upload_door
from robust_core.ui.server.upload_door import UploadDoor
from tests.ui.server.asgi import Visitor, run

MB = 2**20
FILES: dict[str, dict[str, SimpleNamespace]] = {}


@pytest.fixture(autouse=True)
def streamlit_holds(monkeypatch):
    """What Streamlit holds, by session; sessions called other than `unknown` are active."""
    FILES.clear()
    server = SimpleNamespace(
        is_active_session=lambda session: session != "unknown", uploaded_file_mgr=SimpleNamespace(file_storage=FILES)
    )
    monkeypatch.setattr(upload_door.runtime, "get_instance", lambda: server)


@pytest.fixture
def client():
    """A visitor of a server that keeps what it is sent."""

    async def keep(request):
        body = await request.body()
        session, name = request.path_params["session"], request.path_params["file"]
        FILES.setdefault(session, {})[name] = SimpleNamespace(data=body)
        return Response(status_code=204)

    route = Route("/_stcore/upload_file/{session}/{file}", keep, methods=["PUT", "GET"])
    with TestClient(Starlette(routes=[route], middleware=[Middleware(UploadDoor)])) as client:
        yield client


def put(client, session: str, name: str, size: int):
    return client.put(f"/_stcore/upload_file/{session}/{name}", content=bytes(size))


def test_a_session_keeps_so_many_bytes(client, monkeypatch):
    monkeypatch.setattr(upload_door, "SESSION_BYTES", 3 * MB)
    assert [put(client, "a", f"{number}", MB).status_code for number in range(3)] == [204] * 3
    refusal = put(client, "a", "3", 1)
    assert (refusal.status_code, refusal.text) == (413, "A session takes at most 3 MB of files at once; remove some.")
    assert put(client, "b", "0", MB).status_code == 204
    del FILES["a"]["0"]
    assert put(client, "a", "4", MB).status_code == 204


def test_a_session_keeps_so_many_files(client, monkeypatch):
    monkeypatch.setattr(upload_door, "MAX_FILES", 2)
    assert [put(client, "a", f"{number}", 1).status_code for number in range(3)] == [204, 204, 413]
    assert put(client, "b", "0", 1).status_code == 204


def test_all_sessions_keep_so_many_bytes_together(client, monkeypatch):
    monkeypatch.setattr(upload_door, "ALL_BYTES", 2 * MB)
    assert [put(client, session, "0", MB).status_code for session in "abc"] == [204, 204, 429]


def test_what_a_page_takes_fits():
    assert upload_door.SESSION_BYTES >= uploads.MAX_TOTAL_BYTES
    assert upload_door.MAX_FILES >= MAX_IMAGES


def test_a_length_that_is_not_said_is_asked_for(client):
    said = client.put("/_stcore/upload_file/a/0", content=iter([b"x"]))
    assert said.status_code == 411


def test_a_session_that_is_none_is_the_apps_to_refuse(client, monkeypatch):
    monkeypatch.setattr(upload_door, "SESSION_BYTES", 0)
    assert put(client, "unknown", "0", 10).status_code == 204
    assert client.get("/_stcore/upload_file/a/0").status_code == 204


async def upload(door: UploadDoor, visitor: Visitor, session: str, size: int) -> None:
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"/_stcore/upload_file/{session}/0",
        "headers": [(b"content-length", str(size).encode())],
    }
    await door(scope, visitor.receive, visitor.take)


async def taking(scope, receive, send):
    while (await receive()).get("more_body"):
        pass


def part(size: int, more: bool = True) -> dict:
    return {"type": "http.request", "body": bytes(size), "more_body": more}


def test_what_is_on_its_way_counts_as_far_as_it_has_come_and_no_longer_than_it_comes(monkeypatch):
    monkeypatch.setattr(upload_door, "SESSION_BYTES", 10)

    async def talk():
        door, slow, quick = UploadDoor(taking), Visitor(part(6)), Visitor(part(4, more=False))
        first = asyncio.create_task(upload(door, slow, "a", 10))
        await asyncio.sleep(0.01)
        refused = Visitor()
        await upload(door, refused, "a", 5)
        assert refused.got[0]["status"] == 413
        await upload(door, quick, "a", 4)
        assert door._arriving["a"] == upload_door.Arriving(1, 6)
        slow.send(part(4, more=False))
        await first
        assert door._arriving == {}

    run(talk())


def test_of_two_that_fit_alone_one_is_given_up(monkeypatch):
    monkeypatch.setattr(upload_door, "ALL_BYTES", 10)

    async def talk():
        door, visitors = UploadDoor(taking), [Visitor() for _ in "ab"]
        tasks = [asyncio.create_task(upload(door, one, name, 8)) for one, name in zip(visitors, "ab", strict=True)]
        for last in (False, True):
            for visitor in visitors:
                await asyncio.sleep(0.01)
                visitor.send(part(4, more=not last))
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [getattr(one, "status_code", None) for one in ended] == [429, None]
        assert door._arriving == {}

    run(talk())


@pytest.mark.parametrize(("silent", "rate"), [(0.05, 1e9), (10, None)])
def test_an_upload_that_stops_or_drips_is_given_up(monkeypatch, silent, rate):
    """The line that stops is silent for too long; the other one is slower than the slowest that is waited for."""
    monkeypatch.setattr(upload_door, "SILENT_SECONDS", silent if rate else 0.2)
    monkeypatch.setattr(upload_door, "BYTES_PER_SECOND", rate or 1e9)

    async def talk():
        visitor = Visitor(part(1))

        async def drip():
            while True:
                await asyncio.sleep(0.02)
                visitor.send(part(1))

        dripping = None if rate else asyncio.create_task(drip())
        with pytest.raises(upload_door.HTTPException, match="too slow or broke off") as refusal:
            await asyncio.wait_for(upload(UploadDoor(taking), visitor, "a", 1000), 5)
        assert refusal.value.status_code == 408
        if dripping:
            dripping.cancel()

    run(talk())


def test_an_upload_that_breaks_off_is_given_up_without_a_traceback():
    async def talk():
        visitor = Visitor(part(1), {"type": "http.disconnect"})
        with pytest.raises(upload_door.HTTPException, match="broke off"):
            await upload(UploadDoor(taking), visitor, "a", 1000)

    run(talk())


def test_a_whole_upload_may_wait_for_its_visitor_to_leave(monkeypatch):
    monkeypatch.setattr(upload_door, "SILENT_SECONDS", 0.02)

    async def talk():
        visitor = Visitor(part(1, more=False))
        receive = upload_door.in_time(visitor.receive, 1)
        await receive()
        left = asyncio.create_task(receive())
        await asyncio.sleep(0.1)
        visitor.send({"type": "http.disconnect"})
        assert (await left)["type"] == "http.disconnect"

    run(talk())


def test_nothing_of_the_largest_upload_is_written_to_the_disk(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    upload_door.set_up()
    rolled = []

    async def look(request):
        async with request.form() as form:
            rolled.append(form["file"].file._rolled)
        return Response()

    client = TestClient(Starlette(routes=[Route("/", look, methods=["POST"])]))
    client.post("/", files={"file": ("large.zip", bytes(200 * MB))})
    assert rolled == [False]
