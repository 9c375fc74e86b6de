"""What if it had been foggy: the slider, the corruption grid and the frame sequence in a real browser, on two real models."""

import hashlib
import os

import pytest
from playwright.sync_api import expect

from robust_core.data import read
from robust_core.events import result_of
from robust_core.models.catalogue import get_spec
from robust_core.studies.perturbation_sequence import frames_of
from tests.e2e.conftest import fits_in_both_looks

pytestmark = pytest.mark.skipif(
    "ROBUST_LAB_TEST_DATA" not in os.environ, reason="ROBUST_LAB_TEST_DATA names no folder with real weights"
)

# The bars of both cards, or null while a card is missing or faint, which marks the prediction for an earlier question.
FRESH_BARS = """() => {
  const charts = [...document.querySelectorAll('.live-chart')].slice(0, 2);
  const fresh = charts.length === 2 && charts.every((chart) => chart.data?.length && chart.data[0].marker.opacity[0] === 1);
  return fresh ? charts.map((chart) => JSON.stringify(chart.data[0].x)) : null;
}"""


def fresh_bars(page, before=("", "")):
    """The bars of both cards as soon as both differ from `before`."""
    changed = (
        f"before => {{ const bars = ({FRESH_BARS})(); return bars?.every((one, i) => one !== before[i]) && bars }}"
    )
    return page.wait_for_function(changed, arg=list(before)).json_value()


def wait_for_bars(page, expected):
    page.wait_for_function(f"expected => JSON.stringify(({FRESH_BARS})()) === JSON.stringify(expected)", arg=expected)


def test_the_predictions_follow_the_severity_there_and_back(visit, server):
    page = visit(server).open("/what_if?corruption=Gaussian+noise").page
    slider = page.get_by_test_id("stMain").get_by_role("slider").first
    seen = [fresh_bars(page)]
    for _ in range(5):
        slider.focus()
        page.keyboard.press("ArrowRight")
        seen.append(fresh_bars(page, seen[-1]))
    expect(
        page.get_by_text("Gaussian noise, severity 5, seed 0: live corruption, not stored ImageNet-C.")
    ).to_be_visible()
    for expected in reversed(seen[:-1]):
        slider.focus()
        page.keyboard.press("ArrowLeft")
        wait_for_bars(page, expected)


def test_an_impatient_hand_on_the_slider_ends_with_the_last_prediction(visit, server):
    page = visit(server).open("/what_if?corruption=Contrast").page
    fresh_bars(page)
    slider = page.get_by_test_id("stMain").get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Contrast, severity 5, seed 0: live corruption")).to_be_visible()
    slowly = visit(server).open("/what_if?corruption=Contrast&severity=5").page
    wait_for_bars(page, fresh_bars(slowly))


def test_the_chart_stays_mounted_while_its_prediction_changes(visit, server):
    page = visit(server).open("/what_if?corruption=Fog").page
    before = fresh_bars(page)
    page.evaluate("document.querySelectorAll('.live-chart').forEach((chart) => (chart.dataset.mark = 'same'))")
    page.get_by_test_id("stMain").get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    fresh_bars(page, before)
    assert page.locator(".live-chart[data-mark=same]").count() == 2


def test_the_corruption_grid_waits_for_the_button_and_fills_fifteen_by_five(visit, server):
    page = visit(server).open("/what_if?more=Corruption+grid").page
    page.get_by_role("button", name="Run: 76 images for each model").click()
    expect(page.locator(".live-chart")).to_have_count(4)
    shape = (
        page.locator(".live-chart")
        .nth(2)
        .evaluate("chart => [chart.data[0].z.length, ...chart.data[0].z.map((row) => row.length)]")
    )
    assert shape == [15, *[5] * 15]


def pixels(player):
    """The SHA-256 of what the player shows, as 8-bit RGB."""
    return player.locator("canvas").evaluate(
        """async (canvas) => {
          const rgba = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const digest = await crypto.subtle.digest("SHA-256", rgba.filter((_, place) => place % 4 < 3));
          return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        }"""
    )


def test_the_sequence_plays_scrubs_and_counts_flips(visit, server):
    page = visit(server).open("/what_if?more=Sequence&sequence=Translate").page
    page.get_by_role("button", name="Run the sequence").click()
    player = page.locator(".film-player[data-ready=yes]")
    expect(player.locator("output")).to_have_text("frame 1 of 41")
    player.get_by_role("button", name="Play").click()
    expect(player.locator("output")).to_have_text("frame 41 of 41")
    player.get_by_role("slider").fill("20")
    expect(player.locator("output")).to_have_text("frame 21 of 41")
    expect(player.locator("tbody tr")).to_have_count(2)
    frames = result_of(frames_of(read("foolbox/00"), get_spec("squeezenet1_0").preprocess, "translate", 0))
    assert pixels(player) == hashlib.sha256(frames[20].tobytes()).hexdigest(), (
        "the frame sequence on the screen is not the frame sequence that was made"
    )


def test_the_strip_on_a_phone(visit, server):
    page = (
        visit(server, viewport={"width": 390, "height": 844}, color_scheme="dark")
        .open("/what_if?corruption=Snow&more=Severity+strip")
        .page
    )
    expect(page.get_by_text("severity 5", exact=True)).to_be_attached()
    fits_in_both_looks(page)
