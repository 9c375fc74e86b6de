"""A lecturer in a browser and thirty phones, through all twelve scenes of the shipped lesson: every bet is counted once,
also of those who lost their connection.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.lesson.crowd import Crowd

STUDENTS, LOST = 30, 10
SCENES = 12
PROJECTOR = {"width": 1280, "height": 720}


@pytest.fixture
def server(serve, tmp_path):
    return serve(tmp_path / "cache")


def test_a_class_of_thirty_goes_through_the_shipped_lesson(visit, server):
    page = visit(server, viewport=PROJECTOR).open("/lesson").page
    page.get_by_role("button", name="Start a class").click()
    counter = page.locator(".class-counter .bet")
    expect(counter).to_have_text("0 of 0")
    code = page.get_by_role("heading", level=1).inner_text()
    assert re.fullmatch("[A-Z]{5}", code)
    crowd = Crowd(server.url, code, STUDENTS)
    for place in range(1, SCENES + 1):
        crowd.wait_for(place)
        crowd.bet()
        if place == 2:
            crowd.reconnect(LOST)
            crowd.bet()  # the same bets again
        expect(counter).to_have_text(f"{STUDENTS} of {STUDENTS}")
        page.get_by_role("button", name="Lock").click()
        page.get_by_role("button", name="Reveal").click()
        expect(page.get_by_role("button", name="Reveal")).to_have_count(0)
        if place < SCENES:
            page.get_by_role("button", name="Next", exact=True).click()
    assert all(phone.view["reveal"]["n"] == STUDENTS for phone in crowd.phones[:1])
    page.get_by_role("button", name="Class", exact=True).click()
    expect(page.get_by_text("answers are prepared")).to_be_visible()
    with page.expect_download() as sent:
        page.get_by_role("button", name="Solutions").click()
    solutions = sent.value.path().read_text()
    assert "CACHED: Robustness Lab" in solutions, "the answers that this session has prepared are in the file"
    assert f'<a href="{server.url}/what_if?' in solutions
    page.get_by_role("button", name="End the class").click()
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_role("button", name="Start a class")).to_be_visible()
    crowd.close()
