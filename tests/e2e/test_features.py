"""Features in a real browser, in Mini: run, watch it grow, cancel, scrub, take away, reopen, on a phone."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import fits_in_both_looks

SMALL = "/features?world=Mini&mini_ascent_steps=20&experiment=Feature+(Orhan+2019)"


def heights(page):
    """The objective of each model, as Plotly holds it."""
    return page.evaluate(
        "Object.fromEntries((document.querySelector('.live-chart')?.data ?? []).map((line) => [line.name, line.y]))"
    )


def run(page):
    page.get_by_role("button", name="Run", exact=True).click()


def wait_for_the_end(page):
    expect(page.get_by_test_id("stDownloadButton").get_by_role("button", name="PNG")).to_have_count(3)
    expect(page.locator(".film-player[data-ready=yes]")).to_be_visible()


def test_a_link_alone_ascends_nowhere(visit, fresh):
    page = visit(fresh).open(SMALL).page
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    page.wait_for_function("document.querySelector('.live-chart')?.layout?.xaxis")
    assert heights(page) == {}


def test_on_arrival_the_recorded_ascent_is_there_and_a_change_greys_it(visit, fresh):
    page = visit(fresh).open("/features?world=Mini").page
    wait_for_the_end(page)
    expect(page.get_by_text("CACHED").first).to_be_visible()
    expect(page.get_by_role("button", name="Run again")).to_be_enabled()
    result = page.locator(".st-key-feature_result")
    assert result.evaluate("one => getComputedStyle(one).opacity") == "1"
    page.get_by_role("combobox", name="Class to excite").fill("dog")
    page.get_by_role("option", name="dog").click()
    expect(page.get_by_text("Changed since the run below: target: knife → dog")).to_be_visible()
    expect(result).to_have_css("opacity", "0.55")
    expect(page.locator(".film-player")).to_be_visible()


def test_the_ascent_grows_on_one_mounted_chart_and_its_sequence_scrubs(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&mini_ascent_steps=100&excite=dog").page
    page.wait_for_function("document.querySelector('.live-chart')?.layout?.xaxis")
    page.evaluate("document.querySelector('.live-chart').dataset.mark = 'same'")
    run(page)
    page.wait_for_function(
        "document.querySelector('.live-chart').data.some((line) => line.y.length > 1 && line.y.length < 101)"
    )
    wait_for_the_end(page)
    assert page.locator(".live-chart[data-mark=same]").count() == 1
    assert {name: len(of_one) for name, of_one in heights(page).items()} == dict.fromkeys(heights(page), 101)
    assert all(of_one[-1] < of_one[0] for of_one in heights(page).values())
    player = page.locator(".film-player")
    expect(player.locator("output")).to_have_text("start")
    player.get_by_role("slider").fill("23")
    expect(player.locator("output")).to_have_text("step 100 of 100")
    expect(player.locator("tr.bold").first).to_contain_text("dog")
    assert page.evaluate("document.querySelector('.live-chart').layout.shapes[0].x0") == 100


def test_cancel_and_try_again(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&mini_ascent_steps=500").page
    run(page)
    expect(page.get_by_text("of 500 steps").first).to_be_visible()
    for number in range(3):
        page.get_by_role("button", name="Cancel").first.click()
        expect(page.get_by_role("button", name="Try again")).to_have_count(number + 1)
        expect(page.get_by_role("button", name="Cancel")).to_have_count(2 - number)  # the one just pressed goes last
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("of 500 steps").first).to_be_visible()
    page.get_by_role("button", name="Cancel").first.click()


def test_noise_fools_a_network_and_the_png_fools_it_again(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&mini_climb_steps=500&experiment=Fool from noise&excite=dog").page
    run(page)
    wait_for_the_end(page)
    expect(page.get_by_text("fooled: 99").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="PNG").first.click()
    stored = download.value.path().read_bytes()
    assert Image.open(io.BytesIO(stored)).size == (64, 64)
    again = visit(fresh).open("/what_if?world=Mini&source=Upload").page
    again.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": "noise.png", "mimeType": "image/png", "buffer": stored}]
    )
    again.wait_for_function("document.querySelector('.live-chart')?.data?.length")
    bars = again.locator(".live-chart").first
    assert bars.evaluate("chart => chart.data[0].customdata[0]") == "dog"
    assert bars.evaluate("chart => chart.data[0].x[0]") > 0.99


def test_input_gradients_of_standard_and_adversarially_trained_networks(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&experiment=Input gradient").page
    run(page)
    expect(page.get_by_role("button", name="NPY")).to_have_count(3)
    expect(page.get_by_text("Compare Mini ResNeXt, adversarially trained with the others")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="NPY").first.click()
    gradient = np.load(download.value.path())
    assert gradient.shape == (64, 64, 3)
    assert gradient.min() < 0 < gradient.max()


def test_the_link_reopens_the_same_run(visit, fresh):
    page = (
        visit(fresh)
        .open("/features?world=Mini&mini_climb_steps=30&experiment=Feature alone&from=Noise&noise_seed=5&unit=9")
        .page
    )
    run(page)
    wait_for_the_end(page)
    again = visit(fresh).open(page.url.removeprefix(fresh.url)).page
    run(again)
    wait_for_the_end(again)
    assert heights(page) == heights(again)
    expect(again.get_by_text("Feature alone: unit 9, from noise, seed 5").first).to_be_visible()


def test_a_phone_in_the_hand(visit, fresh):
    page = visit(fresh, viewport={"width": 390, "height": 844}, color_scheme="dark").open(SMALL).page
    run(page)
    wait_for_the_end(page)
    fits_in_both_looks(page)


VIEWS = {
    "Layer biases": "of the noise passes the first layer after adversarial training",
    "Cue removal": "right after adversarial training",
    "Gradient alignment": "with the edges",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_opens_with_a_recorded_run_and_its_charts(visit, fresh, view):
    page = visit(fresh).open(f"/features?world=Mini&features_view={view.replace(' ', '+')}").page
    expect(page.get_by_role("heading", name=VIEWS[view])).to_be_visible()
    expect(page.get_by_text("CACHED").first).to_be_visible()
    page.wait_for_function("document.querySelector('.live-chart')?.data?.length")
    assert set(heights(page)) >= ({"Mini ResNeXt"} if view != "Gradient alignment" else {"the image’s own edges"})


def test_noise_that_changes_mid_run_asks_for_another_run(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&features_view=Layer+biases&n=8").page
    run(page)
    page.get_by_role("button", name="Settings").click()
    slider = page.get_by_role("slider", name="Noise σ")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("Changed since the run below: noise: σ 0.1 → σ 0.11")).to_be_visible()
    page.keyboard.press("Escape")
    run(page)
    expect(page.get_by_role("heading", name=VIEWS["Layer biases"])).to_be_visible()
    expect(page.locator(".st-key-layers_result")).to_contain_text("LIVE")
    expect(page).to_have_url(re.compile("noise_sigma=0.11"))


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_fits_a_phone(visit, fresh, view):
    path = f"/features?world=Mini&features_view={view.replace(' ', '+')}"
    page = visit(fresh, viewport={"width": 390, "height": 844}).open(path).page
    expect(page.get_by_role("heading", name=VIEWS[view])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
