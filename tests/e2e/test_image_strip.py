"""Images chosen where they are used: by mouse, keyboard and camera; and what the toolbar gives away."""

import re

from playwright.sync_api import expect


def current(page):
    return page.locator(".image-strip [aria-selected=true]")


def test_a_click_and_the_keyboard_choose_and_the_choice_follows_from_page_to_page(visit, fresh):
    page = visit(fresh).open("/what_if").page
    expect(page.get_by_text("· true label: bull mastiff")).to_be_visible()
    page.get_by_role("option", name="cannon").click()
    expect(page.get_by_text("· true label: cannon")).to_be_visible()
    expect(page).to_have_url(re.compile("images=cannon"))
    page.get_by_role("option", name="cannon").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("· true label: spoonbill")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Attributions").click()
    expect(current(page)).to_have_attribute("aria-label", re.compile("spoonbill"))
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Models").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which models are there?")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="What if").click()
    expect(page.get_by_text("· true label: spoonbill")).to_be_visible()


def test_the_shared_link_opens_the_same_for_another_visitor(visit, fresh):
    page = visit(fresh).open("/what_if?corruption=Fog&severity=3").page
    page.get_by_role("option", name="cannon").click()
    expect(page.get_by_text("· true label: cannon")).to_be_visible()
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img")).to_be_visible()
    link = dialog.get_by_test_id("stCode").first.inner_text().replace("\n", "").strip()
    expect(dialog.get_by_test_id("stCode").nth(1)).to_contain_text("retrieved")
    said = page.get_by_text(re.compile(r"models? predict")).first.inner_text()
    other = visit(fresh).open(link.removeprefix(fresh.url)).page
    expect(other.get_by_text("· true label: cannon")).to_be_visible()
    expect(other.get_by_text(said).first).to_be_visible()


def test_what_is_shown_is_given_away_as_python_and_as_a_report(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini").page
    expect(page.get_by_text("· true label: elephant")).to_be_visible()
    expect(page.get_by_role("button", name="Predictions as CSV")).to_be_visible()
    page.get_by_role("button", name="Copy as Python").click()
    expect(page.get_by_role("dialog").get_by_test_id("stCode")).to_contain_text("rc.predict(")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report").click()
    text = download.value.path().read_text()
    assert download.value.suggested_filename.endswith(".html")
    assert "mini_resnext" in text
    assert "what_if?world=Mini" in text


def test_presenting_is_large_without_a_sidebar_and_goes_from_page_to_page(visit, fresh):
    page = visit(fresh, viewport={"width": 1280, "height": 720}).open("/what_if?world=Mini").page
    expect(page.get_by_text("· true label: elephant")).to_be_visible()
    page.get_by_text("Present", exact=True).click()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    sizes = page.evaluate(
        "[...document.querySelectorAll('.stMainBlockContainer p')].filter((one) => one.offsetHeight > 1)"
        ".map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 20
    page.reload()
    expect(page.get_by_text("· true label: elephant")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()


def test_a_photo_of_the_camera_is_an_upload(visit, fresh):
    """Chromium's pretended camera, which shows a green picture with a clock."""
    page = visit(fresh).open("/what_if").page
    expect(page.get_by_text("· true label: bull mastiff")).to_be_visible()
    page.get_by_role("button", name="Camera").click()
    page.wait_for_function("document.querySelector('[role=dialog] video')?.readyState >= 2")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_text("· true label unknown")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("source=Upload"))
