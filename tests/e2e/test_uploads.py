"""What people bring, in a real browser: an archive with class folders, a label by hand, and a server that was restarted
meanwhile.
"""

import io
import os
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SHOTS
from tests.e2e.test_what_if import photo_path, upload

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="ROBUST_LAB_TEST_DATA names no folder with real weights")
RECONNECT_MS = 45_000


def archive(count: int) -> bytes:
    """`count` real images in class folders, one in a folder that is no class, and what a Mac leaves behind."""
    buffer = io.BytesIO()
    folders = sorted((Path(DATA) / "images" / "imagenet_samples").glob("n*"))[:count]
    with zipfile.ZipFile(buffer, "w") as zipped:
        for folder in folders:
            file = next(folder.glob("*.JPEG"))
            zipped.writestr(f"mine/{folder.name}/{file.name}", file.read_bytes())
        zipped.writestr("mine/holiday/snail.jpg", photo_path("n01944390").read_bytes() + b" ")
        zipped.writestr("__MACOSX/mine/._x.jpg", b"x")
    return buffer.getvalue()


def shots(page, name: str) -> None:
    """How it looks, light and dark, wide and on a phone."""
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        for width, height in ((1280, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(400)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            page.screenshot(path=SHOTS / f"{name}-{look}-{width}.png")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_archive_a_label_by_hand_and_all_predictions(visit, server):
    page = visit(server).open("/what_if?source=Upload").page
    upload(page, ("mine.zip", "application/zip", archive(14)))
    expect(page.get_by_role("button", name="Predictions as CSV")).to_be_visible()
    expect(page.get_by_text("“holiday” is a folder that names no class")).to_be_visible()
    page.get_by_role("button", name="Predict all 15 images").click()
    expect(page.get_by_text(re.compile(r"top-1 \d+ of 14 \[")).first).to_be_visible()
    shots(page, "uploads-many")
    images = page.get_by_role("listbox", name="Images").get_by_role("option")
    expect(images).to_have_count(15)
    images.first.focus()
    for number in range(1, 15):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(images.nth(number)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_text("· true label")).to_have_text(re.compile(f"^{re.escape(_name(images.nth(number)))} ·"))
    expect(page.get_by_text("snail.jpg · true label unknown")).to_be_visible()
    page.get_by_role("combobox", name="True class").fill("snail")
    page.get_by_role("option", name="snail", exact=True).click()
    expect(page.get_by_text("snail.jpg · true label: snail")).to_be_visible()
    expect(page.get_by_text(re.compile(r"top-1 \d+ of 15 \[")).first).to_be_visible()


def _name(image) -> str:
    return image.get_attribute("aria-label")


def test_after_a_restart_the_first_upload_is_shown_and_what_is_gone_is_said(visit, serve, real_cache):
    server = serve(real_cache)
    visited = visit(server).open("/what_if?source=Upload")
    page = visited.page
    upload(page, ("first.jpg", "image/jpeg", photo_path("n02391049").read_bytes()))
    expect(page.get_by_text("first.jpg · true label unknown")).to_be_visible()
    expect(page.get_by_role("button", name="Predictions as CSV")).to_be_visible()
    server.restart()
    expect(page.get_by_text("first.jpg is no longer on the server; upload it again.")).to_be_visible(
        timeout=RECONNECT_MS
    )
    visited.problems.clear()  # the connection was refused for a while
    upload(page, ("second.jpg", "image/jpeg", photo_path("n01944390").read_bytes()))
    expect(page.get_by_text("second.jpg · true label unknown")).to_be_visible()
    upload(page, ("third.jpg", "image/jpeg", photo_path("n01944390").read_bytes() + b" "))
    expect(page.get_by_text("third.jpg · true label unknown")).to_be_visible()
    expect(page.get_by_role("listbox", name="Images").get_by_role("option")).to_have_count(2)
    expect(page.get_by_text("first.jpg is no longer on the server; upload it again.")).to_be_visible()
