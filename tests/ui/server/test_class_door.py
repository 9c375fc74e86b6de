"""A class's door: what a phone sends counts once, what it makes up is refused, and it sees no more than it should."""

import asyncio
import io
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
import requests
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from robust_core.lesson.classroom import Phase
from robust_core.lesson.classrooms import CLASSROOMS
from robust_core.lesson.scene_images import SceneImage
from robust_core.ui.server import class_door
from tests.lesson.lessons import LESSON

WAIT_SECONDS = 20


@pytest.fixture(scope="module")
def url():
    """A server that has the door alone."""
    config = uvicorn.Config(Starlette(routes=class_door.class_routes()), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + WAIT_SECONDS
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = server.force_exit = True
    thread.join(WAIT_SECONDS)


@pytest.fixture
def desk():
    found = CLASSROOMS.start(LESSON)
    yield found
    found.end()


class Phone(requests.Session):
    """A browser on the page of one class."""

    def __init__(self, url, code):
        super().__init__()
        self.page = f"{url}/class/{code}"

    def request(self, method, address, **more):
        return super().request(method, self.page + address, timeout=WAIT_SECONDS, **more)


@contextmanager
def student(url, desk):
    """One that has joined."""
    with Phone(url, desk.classroom.code) as phone:
        assert phone.post("/join", json={}).ok
        yield phone


def vote(client, vote, scene="fog", part=0):
    return client.post("/vote", json={"scene": scene, "part": part, "vote": vote})


def test_a_phone_joins_votes_and_sees_nothing_of_others_before_the_reveal(url, desk):
    with student(url, desk) as one, student(url, desk) as other:
        assert vote(one, 1).json() == {"counted": 1}
        seen = other.post("/join", json={}).json()
        assert (seen["seat"], seen["reveal"], seen["scene"]["votes"]) == (2, None, {})
        assert "right" not in seen["scene"]["bet"]
        assert "right" not in json.dumps(seen), "nobody reads the answer out of the page"
        desk.set_phase(Phase.REVEALED)
        seen = one.post("/join", json={}).json()
        assert seen["reveal"]["counts"] == [
            [{"answer": "sooner", "count": 0}, {"answer": "later", "count": 1}, {"answer": "never", "count": 0}]
        ]
        assert seen["reveal"]["yours"][0]["right"] is True


def test_the_seat_is_in_a_cookie_that_no_script_reads_and_comes_back_with_it(url, desk):
    with Phone(url, desk.classroom.code.lower()) as client:
        said = client.post("/join", json={})
        cookie = said.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        vote(client, 2)
        again = client.post("/join", json={"name": "<b>Ada</b>"}).json()
        assert (again["seat"], again["scene"]["votes"]) == (1, {"0": 2})
        assert client.cookies[class_door.SEAT] not in said.text
    assert desk.classroom.seats == 1


def test_images_are_seen_when_it_is_their_time_and_their_labels_with_the_reveal(url, desk):
    before = np.full((4, 6, 3), 200, np.uint8)
    desk.set_images(
        "fog", [SceneImage("A", before, "An image", "A jeep."), SceneImage("B", before // 2, "Another", at_once=False)]
    )
    with student(url, desk) as phone, Phone(url, desk.classroom.code) as stranger:
        seen = phone.post("/join", json={})
        assert seen.json()["scene"]["images"] == [{"place": 0, "title": "A", "alt": "An image", "label": ""}]
        assert "jeep" not in seen.text
        sent = phone.get("/image/fog/0")
        assert (np.asarray(Image.open(io.BytesIO(sent.content))) == before).all()
        assert [phone.get(f"/image/{which}").status_code for which in ("fog/1", "fog/7", "left/0")] == [404] * 3
        assert stranger.get("/image/fog/0").status_code == 404
        desk.set_phase(Phase.REVEALED)
        shown = phone.post("/join", json={}).json()["scene"]["images"]
        assert [(one["place"], one["label"]) for one in shown] == [(0, "A jeep."), (1, "")]
        assert phone.get("/image/fog/1").ok
        desk.go(1)
        assert phone.post("/join", json={}).json()["scene"]["images"] == []
        assert phone.get("/image/fog/0").status_code == 404


def test_a_thousand_votes_of_one_seat_are_one_vote_and_too_many_are_turned_away(url, desk, monkeypatch):
    monkeypatch.setattr(class_door, "PER_SECOND", 10_000)

    with student(url, desk) as client, ThreadPoolExecutor(40) as threads:
        codes = list(threads.map(lambda number: vote(client, number % 3).status_code, range(1_000)))
    assert set(codes) <= {200, 429}
    assert desk.classroom.tally("fog").n == 1


def test_a_vote_after_the_lock_is_refused(url, desk):
    with student(url, desk) as client:
        desk.set_phase(Phase.LOCKED)
        refused = vote(client, 1)
        assert (refused.status_code, refused.json()) == (409, {"error": "The bets on this scene are locked."})
    assert desk.classroom.tally("fog").n == 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 409),
        (b"[]", "application/json", 409),
        (b"[" * 1_900, "application/json", 409),
        (b'{"scene": "fog", "vote": "1"}', "application/json", 409),
        (b'{"scene": ["fog"], "vote": 1}', "application/json", 409),
        (b'{"scene": "fog", "part": "0", "vote": 1}', "application/json", 409),
        (b'{"scene": "left", "vote": 50}', "application/json", 409),
        (b'{"scene": "fog", "vote": 1}', "text/plain", 409),
        (b"x" * 10**6, "application/json", 409),
        (b'{"scene": "fog", "vote": NaN}', "application/json", 409),
    ],
)
def test_what_is_no_vote_is_refused_with_a_sentence(url, desk, content, kind, status):
    with student(url, desk) as client:
        found = client.post("/vote", data=content, headers={"Content-Type": kind})
        assert found.status_code == status
        assert found.json()["error"].endswith(".")
    assert desk.classroom.tally("fog").n == 0


def test_nobody_votes_without_a_seat_or_with_one_of_another_class(url, desk):
    other = CLASSROOMS.start(LESSON)
    with student(url, other) as client, Phone(url, desk.classroom.code) as stranger:
        bare = vote(stranger, 1)
        stranger.cookies.set(class_door.SEAT, client.cookies[class_door.SEAT])
        forged = vote(stranger, 1)
    assert (forged.status_code, bare.status_code) == (403, 403)
    other.end()


def test_a_class_that_is_gone_says_so(url):
    for what in ("join", "vote"):
        found = Phone(url, "AAAAA").post(f"/{what}", json={})
        assert (found.status_code, found.json()["error"]) == (404, class_door.NO_CLASS)


def test_no_parameter_of_any_address_moves_the_class(url, desk):
    secret, room = desk.recovery, desk.classroom
    before = (room.place, room.phase, room.free_roam, room.leaderboard)
    with student(url, desk) as client:
        for address in ("/join", "/vote"):
            for extra in ({"lecturer": secret}, {"place": 3}, {"phase": "revealed"}, {"desk": True}, {"scene": "left"}):
                client.post(address, json=extra, params=extra)
        for address in ("/go", "/reveal", "/lock", "/end", "/desk", "/rows"):
            assert client.post(address, json={"lecturer": secret}).status_code in (404, 405)
    assert (room.place, room.phase, room.free_roam, room.leaderboard) == before
    assert room.redeem(secret) is not None, "and it is not used up"


def test_the_view_moves_with_the_lecturer_at_once(url, desk):
    seen, moved = [], threading.Event()
    with student(url, desk) as client, client.get("/view", stream=True) as stream:
        lines = (line for line in stream.iter_lines(chunk_size=1, decode_unicode=True) if line.startswith("data: "))

        def next_view():
            found = json.loads(next(lines).removeprefix("data: "))
            seen.append(found)
            return found

        assert next_view()["scene"]["key"] == "fog"
        began = time.perf_counter()
        threading.Thread(target=lambda: (moved.wait(WAIT_SECONDS), desk.go(1))).start()
        moved.set()
        assert next_view()["scene"]["key"] == "left"
        assert time.perf_counter() - began < 5
        desk.end()
        assert next_view() == {"over": True, "title": LESSON.title}
        assert next(lines, None) is None, "the stream ends with the class"


def test_a_class_that_ends_while_its_view_is_on_the_way_still_says_that_it_is_over(desk):
    seat = desk.classroom.join(name="Ada")

    async def told():
        events = class_door._events(desk.classroom, seat, Counter())
        first = await anext(events)
        desk.end()
        return [first, *[event async for event in events]]

    first, last = asyncio.run(told())
    assert json.loads(first.removeprefix("data: "))["over"] is False
    assert json.loads(last.removeprefix("data: ")) == {"over": True, "title": LESSON.title}


def test_who_leaves_leaves_nothing_behind(url, desk):
    with student(url, desk) as client, client.get("/view", stream=True) as stream:
        lines = stream.iter_lines(chunk_size=1)  # which ends the connection when it goes
        next(lines)
        assert len(desk.classroom.listeners) == 1
    deadline = time.monotonic() + class_door.BEAT_SECONDS + WAIT_SECONDS
    while desk.classroom.listeners and time.monotonic() < deadline:
        desk.go(desk.classroom.place)  # what wakes a view shows that nobody is there
        time.sleep(0.05)
    assert not desk.classroom.listeners


def test_an_image_is_shown_while_its_scene_is_on(url, desk):
    with student(url, desk) as client:
        assert client.get("/shown/cues/0").status_code == 404
        desk.go(3)
        first, second = (client.get(f"/shown/cues/{part}") for part in range(2))
        assert {first.headers["content-type"], second.headers["content-type"]} == {"image/webp"}
        assert first.content != second.content
        assert client.get("/shown/cues/2").status_code == 404
        assert requests.get(f"{url}/class/{desk.classroom.code}/shown/cues/0").status_code == 404
        desk.go(2)
        assert client.get("/shown/where/0").content[8:12] == b"WEBP"


def test_one_address_has_so_many_seats(url, desk, monkeypatch):
    monkeypatch.setenv("ROBUST_LAB_VISITORS_EACH", "2")
    codes = [requests.post(f"{url}/class/{desk.classroom.code}/join", json={}).status_code for _ in range(3)]
    assert codes == [200, 200, 400]


def test_the_page_and_its_files_come_and_nothing_else(url):
    for address in ("/class", "/class/ABCDE"):
        assert f'<base href="{class_door.FOLDER}/">' in requests.get(url + address).text
    assert requests.get(f"{url}/class/files/class.js").headers["content-type"].startswith("text/javascript")
    assert requests.get(f"{url}/class/files/..%2f..%2fshell.py").status_code == 404
    assert requests.get(f"{url}/class/files/index.html.py").status_code == 404
