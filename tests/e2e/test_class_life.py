"""What befalls classes in a browser: two go on at once, a server is started anew in the middle of one, a lecturer comes
back, and the secret by which that happens is nowhere else.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from robust_core.ui.lesson import role
from tests.e2e.conftest import Visit
from tests.lesson.crowd import Crowd

PROJECTOR, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}


@pytest.fixture
def server(serve, tmp_path):
    return serve(tmp_path / "cache")


@pytest.fixture
def crowds() -> Iterator[list[Crowd]]:
    """Students who leave when the test is over."""
    found: list[Crowd] = []
    yield found
    for crowd in found:
        crowd.close()


def start(lecturer: Visit) -> Page:
    """A lecturer's page with a class of the shipped lesson."""
    page = lecturer.open("/lesson").page
    page.get_by_role("button", name="Start a class").click()
    expect(page.locator(".class-counter .bet")).to_have_text("0 of 0")
    return page


def code_of(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def recovery_of(page: Page) -> str:
    """The recovery code, shown and put away again."""
    page.get_by_role("button", name="Class", exact=True).click()
    page.get_by_text("Show the recovery code").click()
    secret = page.get_by_test_id("stCode").filter(has_not_text="http").last.inner_text().strip()
    page.get_by_text("Show the recovery code").click()
    page.keyboard.press("Escape")
    return secret


def test_two_classes_at_once_do_not_mix(visit, server, crowds):
    first, second = start(visit(server, viewport=PROJECTOR)), start(visit(server, viewport=PROJECTOR))
    assert code_of(first) != code_of(second)
    crowds += [Crowd(server.url, code_of(first), 3), Crowd(server.url, code_of(second), 5)]
    second.get_by_role("button", name="Next", exact=True).click()
    crowds[1].wait_for(2)
    crowds[0].bet()
    expect(first.locator(".class-counter .bet")).to_have_text("3 of 3")
    expect(second.locator(".class-counter .bet")).to_have_text("0 of 5")
    assert {phone.view["scene"]["place"] for phone in crowds[0].phones} == {1}


def test_after_a_restart_the_lecturer_and_the_students_are_told_what_is_lost(visit, server):
    lecturer = visit(server, viewport=PROJECTOR)
    page = start(lecturer)
    code = code_of(page)
    student = visit(server, viewport=PHONE)
    phone = student.open(f"/class/{code}").page
    phone.get_by_role("button", name="EfficientNet-Lite1").click()
    expect(phone.locator("p[role=status]")).to_contain_text("Your bet is in")
    server.restart()
    expect(phone.get_by_text("There is no such class.")).to_be_visible()
    expect(phone.get_by_role("link", name="Type another code")).to_be_visible()
    expect(page.get_by_text(role.ENDED.format(code=code))).to_be_visible()
    page.get_by_role("button", name="Start a class").click()
    expect(page.locator(".class-counter .bet")).to_have_text("0 of 0")
    assert code_of(page) != code
    for one in (lecturer, student):
        one.problems.clear()  # the server was away, and knows no such class


def test_a_reload_loses_the_desk_and_the_recovery_code_brings_it_back_once(visit, server, crowds):
    page = start(visit(server, viewport=PROJECTOR))
    code = code_of(page)
    crowds.append(Crowd(server.url, code, 4))
    crowds[0].bet()
    expect(page.locator(".class-counter .bet")).to_have_text("4 of 4")
    secret = recovery_of(page)
    assert re.fullmatch(r"[\w-]{22}", secret)
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.get_by_text(role.ELSEWHERE.format(code=code))).to_be_visible()
    page.get_by_label("Recovery code").fill(secret)
    page.get_by_role("button", name="Take the desk").click()
    expect(page.locator(".class-counter .bet")).to_have_text("4 of 4")
    thief = visit(server, viewport=PROJECTOR).open(f"/lesson?{role.CODE}={code}&{role.SECRET}={secret}").page
    expect(thief.get_by_text(role.LOST)).to_be_visible()
    assert secret not in thief.url
    assert secret not in server.log.read_text()


def test_a_second_desk_on_a_phone_moves_the_projector_and_ends_the_class(visit, server):
    projector = start(visit(server, viewport=PROJECTOR))
    code, secret = code_of(projector), recovery_of(projector)
    phone = visit(server, viewport=PHONE).open(f"/lesson?{role.CODE}={code}&{role.SECRET}={secret}").page
    expect(phone.get_by_role("heading", name="One photo, three networks")).to_be_visible()
    phone.get_by_role("button", name="Next", exact=True).click()
    expect(projector.get_by_role("heading", name="Fog, severity 1 to 5")).to_be_visible()
    phone.get_by_role("button", name="Lock").click()
    expect(projector.get_by_role("button", name="Reveal")).to_be_visible()
    projector.get_by_role("button", name="Reveal").click()
    expect(phone.get_by_text("Nobody has bet.")).to_be_visible()
    phone.get_by_role("button", name="Class", exact=True).click()
    phone.get_by_role("button", name="End the class").click()
    phone.get_by_role("button", name="End it now").click()
    expect(projector.get_by_text(role.ENDED.format(code=code))).to_be_visible()


def test_what_is_shared_and_saved_names_the_class_at_most(visit, server):
    page = start(visit(server, viewport=PROJECTOR))
    secret = recovery_of(page)
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Cite", exact=True)).to_be_visible()
    assert secret not in dialog.inner_html()
    assert secret not in page.url
    assert secret not in server.log.read_text()
