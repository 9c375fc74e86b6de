"""A report in the browser: from the disk, offline, in both schemes, wide and narrow."""

import pytest

import robust_core as rc
from robust_core import report
from tests.e2e.conftest import SHOTS

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    images = rc.draw_images("mini", 4)
    curve = rc.pgd(["mini_resnext", "mini_resnext_wsl"], images, "8/255", steps=4, progress=False)
    grid = rc.corruption_grid("mini_resnext", images, ["fog", "snow"], progress=False)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report.write([curve, grid], "http://127.0.0.1/pgd"), encoding="utf-8")
    return path


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_and_draws_its_charts(saved, browser, viewport, scheme):
    page, requests, messages = browser.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    page.goto(saved.as_uri())
    page.wait_for_selector("html[data-charts=drawn]")
    assert page.locator(".chart .main-svg").count() >= 2
    assert [one for one in requests if not one.startswith("data:")] == [saved.as_uri()]
    assert messages == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    ink = page.evaluate("document.querySelector('.xtick text').style.fill")
    assert (sum(map(int, ink[4:-1].split(","))) > 3 * 128) == (scheme == "dark")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"report_{viewport['width']}_{scheme}.png", full_page=True)
    page.close()
