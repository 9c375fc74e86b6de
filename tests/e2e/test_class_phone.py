"""A student's phone: what a scene shows, how a bet is made, and what the reveal adds; on the door of a class alone."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import expect
from starlette.applications import Starlette

from robust_core.lesson.answers import Answer, Origin
from robust_core.lesson.bets import Number
from robust_core.lesson.classroom import Phase
from robust_core.lesson.classrooms import CLASSROOMS
from robust_core.lesson.scene_images import SceneImage
from robust_core.lesson.scenes import Lesson
from robust_core.ui.server import class_door
from tests.lesson.lessons import CUES, FOG, WHERE, WORD, scene

PHONE = {"width": 390, "height": 844}
GREY = np.full((8, 8, 3), 128, np.uint8)
ENOUGH = Answer("Change that is enough", 1.0, "255ths", Origin.CACHED, "PGD, 20 steps", "this machine", 1)
LESSON = Lesson("Is it robust?", (scene("cannon", Number(1, 64, 1, "255ths", right=1)), CUES))


@pytest.fixture
def door():
    """A server that has the door alone."""
    config = uvicorn.Config(Starlette(routes=class_door.class_routes()), port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", models=())
    server.should_exit = server.force_exit = True
    thread.join(20)


def test_a_phone_bets_and_sees_what_is_shown_when_it_is_its_time(visit, door):
    desk = CLASSROOMS.start(LESSON)
    try:
        opened = visit(door, viewport=PHONE).open(f"/class/{desk.classroom.code}")
        page = opened.page
        before = SceneImage("The photo", GREY, "A photo", "A cannon.")
        desk.set_images("cannon", [before, SceneImage("Attacked", GREY, "Another", "A tricycle.", at_once=False)])
        desk.set_answers("cannon", [ENOUGH])
        expect(page.get_by_role("figure")).to_have_text(["The photo"])
        assert page.get_by_role("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 8
        expect(page.locator("output")).to_have_text("33/255")
        page.get_by_role("button", name="Bet").click()
        expect(page.locator("p[role=status]")).to_contain_text("Your bet is in")
        desk.set_phase(Phase.REVEALED)
        expect(page.get_by_role("figure")).to_have_text(["The photo. A cannon.", "Attacked. A tricycle."])
        expect(page.locator("main")).to_contain_text("You said 33/255. Not this time.")
        expect(page.locator("main")).to_contain_text("Right: 1/255.")
        expect(page.get_by_role("listitem").first).to_contain_text("Change that is enough: 1/255")
        desk.go(1)
        expect(page.get_by_role("button", name="Show image 1 of 2")).to_be_visible()
        expect(page.get_by_role("figure")).to_have_count(0)
        expect(page.get_by_role("button", name="elephant")).to_be_hidden()
        page.get_by_role("button", name="Show image 1 of 2").click()
        page.get_by_role("button", name="elephant").dblclick()  # the second click is no answer to the second image
        expect(page.locator("p[role=status]")).to_have_text("1 of 2 answered.")
        assert [part for _, part in desk.votes(CUES.key)] == [0]
        desk.set_phase(Phase.REVEALED)
        expect(page.get_by_role("figure")).to_have_count(2)
        expect(page.get_by_role("figure").first).to_contain_text("Image 1: shape ")
        assert opened.problems == []
    finally:
        desk.end()


def test_a_choice_a_place_and_a_word_are_bet_with_a_finger_and_can_be_changed(visit, door):
    desk = CLASSROOMS.start(Lesson("By finger", (FOG, WHERE, WORD)))
    try:
        opened = visit(door, viewport=PHONE).open(f"/class/{desk.classroom.code}")
        page, status = opened.page, opened.page.locator("p[role=status]")
        for option in ("sooner", "later"):
            page.get_by_role("button", name=option).click()
            expect(page.get_by_role("button", name=option)).to_have_attribute("aria-pressed", "true")
        assert list(desk.votes(FOG.key).values()) == [1]
        desk.go(1)
        image = page.get_by_role("img", name="The image of this bet")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        for x, y in ((0.9, 0.9), (0.28, 0.5)):
            box = image.bounding_box()
            image.click(position={"x": x * box["width"], "y": y * box["height"]})
            expect(status).to_contain_text("Your bet is in")
        page.wait_for_function("parseFloat(document.querySelector('.mark')?.style.left) < 30")
        (place,) = desk.votes(WHERE.key).values()
        assert place == pytest.approx((0.28, 0.5), abs=0.01)
        desk.set_phase(Phase.LOCKED)
        expect(status).to_have_text("Locked. Your bet is in.")
        desk.set_phase(Phase.REVEALED)
        expect(page.locator("main")).to_contain_text("50% from the top. Right.")
        expect(page.locator("main")).to_contain_text("Right: 25 to 75% from the left, 25 to 75% from the top.")
        desk.go(2)
        page.get_by_role("textbox", name=WORD.question).fill("  <b>fragile</b>  ")
        page.get_by_role("button", name="Send").click()
        expect(status).to_contain_text("Your bet is in")
        desk.set_phase(Phase.REVEALED)
        expect(page.locator("main")).to_contain_text("You said <b>fragile</b>.")
        assert page.locator("main b", has_text="fragile").count() == 0
        assert opened.problems == []
    finally:
        desk.end()
