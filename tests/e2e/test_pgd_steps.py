"""PGD steps in a real browser, in Mini: run, watch it grow, cancel, scrub, take away, reopen."""

import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import fits_in_both_looks

SMALL = "/pgd_steps?world=Mini&n=8&steps=12"


def curves(page):
    """The heights of each model's curve on the stage, as its component holds them."""
    return page.evaluate("""() => {
      const lines = document.querySelector('.stage')?.data?.lines ?? [];
      return Object.fromEntries(lines.map((line) => [line.title, line.heights]));
    }""")


def curves_by_eps(page):
    """The heights of each model's curve against ε, as Plotly holds them; bands and published lines left out."""
    return page.evaluate("""() => {
      const chart = document.querySelector('.live-chart');
      const solid = (chart?.data ?? []).filter((line) => line.name && !line.line.dash);
      return Object.fromEntries(solid.map((line) => [line.name, line.y]));
    }""")


def run(page):
    page.get_by_role("button", name="Run", exact=True).click()


def wait_for_the_end(page):
    expect(page.get_by_role("button", name="Steps as CSV")).to_be_visible()
    expect(page.locator(".stage[data-ready=yes] canvas").first).to_be_visible()


def test_a_link_alone_attacks_nothing(visit, fresh):
    page = visit(fresh).open(SMALL).page
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    page.locator(".stage svg").wait_for()
    assert curves(page) == {}


def test_the_curves_grow_on_one_mounted_chart_and_end_with_all_steps(visit, fresh):
    page = visit(fresh).open(SMALL.replace("n=8", "n=48")).page
    page.locator(".stage svg").wait_for()
    page.evaluate("document.querySelector('.stage').dataset.mark = 'same'")
    run(page)
    page.wait_for_function(
        "document.querySelector('.stage').data.lines.some((line) => line.at.length > 1 && line.at.length < 13)"
    )
    wait_for_the_end(page)
    assert [len(heights) for heights in curves(page).values()] == [13, 13, 13]
    assert page.locator(".stage[data-mark=same]").count() == 1
    assert all(heights == sorted(heights, reverse=True) for heights in curves(page).values()), (
        "any step so far never rises"
    )
    expect(page.get_by_test_id("stAlert")).to_contain_text("Accuracy under PGD-k is an upper bound on robust accuracy")


def test_cancel_all_leaves_a_way_on(visit, fresh):
    page = visit(fresh).open(SMALL.replace("n=8", "n=64").replace("steps=12", "steps=100")).page
    for _ in range(2):
        run(page)
        expect(page.locator(".stage .waiting")).to_have_count(3)
        expect(page.get_by_text("of 100 steps").first).to_be_visible()
        page.get_by_role("button", name="Cancel all").dblclick()
        expect(page.locator(".stage .waiting")).to_have_count(0)
        expect(page.get_by_text("Cancelled.")).to_be_visible()
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_a_run_says_how_long_it_will_take_before_it_starts(visit, fresh):
    page = visit(fresh).open(SMALL).page
    expect(page.get_by_text(re.compile("A run takes about .* (s|min)[.]"))).to_be_visible()


MESSAGES, BYTES, SHIFT = 200, 2**20, 0.1


def test_a_run_costs_few_messages_and_shifts_nothing(visit, fresh):
    one = visit(fresh)
    received = []
    one.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
    page = one.open("/pgd_steps?world=Mini").settle().page
    expect(page.locator(".stage[data-ready=yes] canvas").first).to_be_visible()
    page.evaluate(
        "() => { window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((one) => {"
        " if (!one.hadRecentInput) window.shift += one.value; })).observe({ type: 'layout-shift' }); }"
    )
    received.clear()
    page.get_by_role("button", name="Run again").click()
    expect(page.locator(".stage .waiting")).to_have_count(3)
    expect(page.locator(".stage .waiting")).to_have_count(0, timeout=200_000)
    expect(page.locator(".stage[data-ready=yes] canvas").first).to_be_visible()
    assert len(received) <= MESSAGES
    assert sum(map(len, received)) <= BYTES
    assert page.evaluate("window.shift") <= SHIFT


def test_the_stage_scrubs_plays_and_obeys_the_keyboard(visit, fresh):
    page = visit(fresh).open(SMALL + "&loss=true").page
    run(page)
    wait_for_the_end(page)
    stage = page.locator(".stage")
    expect(stage.locator("output")).to_have_text("step 12 of 12")
    stage.get_by_role("slider").fill("7")
    page.wait_for_function("document.querySelector('.live-chart')?.layout?.shapes?.[0]?.x0 === 7")
    expect(stage.locator("output")).to_have_text("step 7 of 12")
    expect(stage.get_by_role("slider")).to_have_attribute("aria-valuetext", "step 7 of 12")
    expect(stage.locator(".sequence")).to_have_count(3)
    expect(stage.locator(".head .step").first).to_have_text("image at step 7")
    stage.focus()
    for key, words in (
        ("ArrowLeft", "step 6"),
        ("Home", "clean, step 0"),
        ("ArrowRight", "step 1"),
        ("End", "step 12"),
    ):
        stage.press(key)
        expect(stage.locator("output")).to_have_text(f"{words} of 12")
    stage.get_by_role("button", name="Log").click()
    expect(stage.locator("output")).to_have_text("step 12 of 12")
    stage.get_by_role("button", name="2×").click()
    stage.get_by_role("button", name="Play").click()
    expect(stage.get_by_role("button", name="Pause")).to_be_visible()
    expect(stage.locator("output")).to_have_text("step 12 of 12", timeout=10_000)
    expect(stage.get_by_role("button", name="Play")).to_be_visible()


def test_the_chart_is_saved_as_a_drawing_of_its_own(visit, fresh):
    page = visit(fresh).open("/pgd_steps?world=Mini").page
    expect(page.locator(".stage path.curve")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    drawing = ElementTree.parse(download.value.path()).getroot()
    curves_drawn = [one for one in drawing.iter("{http://www.w3.org/2000/svg}path") if one.get("class") == "curve"]
    assert len(curves_drawn) == 3
    assert all("stroke-width:3px" in one.get("style") for one in curves_drawn)


def test_a_recorded_run_is_there_at_once_plays_and_can_be_run_again(visit, fresh):
    page = visit(fresh).open("/pgd_steps?world=Mini").page
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert [len(heights) for heights in curves(page).values()] == [51, 51, 51]
    expect(page.get_by_text("CACHED").first).to_be_visible()
    expect(page.get_by_text("computed on CPU in float32 on 20").first).to_be_visible()
    expect(page.get_by_role("button", name="Run again")).to_be_enabled()


def test_nothing_moves_by_itself_for_those_who_want_no_motion(visit, fresh):
    page = visit(fresh, reduced_motion="reduce").open("/pgd_steps?world=Mini").page
    expect(page.locator(".stage[data-ready=yes]")).to_be_visible()
    page.wait_for_timeout(500)
    expect(page.locator(".stage output")).to_have_text("step 50 of 50")


def test_the_csv_says_what_the_curves_show_and_the_png_gets_the_stored_prediction(visit, fresh):
    page = visit(fresh).open(SMALL).page
    run(page)
    wait_for_the_end(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Steps as CSV").click()
    table = pd.read_csv(download.value.path(), skiprows=1)
    shares = table.groupby(["model", "step"]).counts_as_correct.mean().unstack()
    measured, heights = shares.loc["mini_resnext"].dropna(), curves(page)["Mini ResNeXt"]
    assert len(measured) > 1
    np.testing.assert_allclose(measured, heights[: len(measured)])
    assert not any(heights[len(measured) :]), "only an attack that left no image ends early"
    page.get_by_text("Take the attacked images away").click()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="PNG").first.click()
    stored = download.value.path().read_bytes()
    assert Image.open(io.BytesIO(stored)).size == (64, 64)
    stored_prediction = (
        page.get_by_text("Uploaded again, it gets this very prediction.").first.locator("strong").nth(1).inner_text()
    )
    again = visit(fresh).open("/what_if?world=Mini&source=Upload").page
    again.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": "attacked.png", "mimeType": "image/png", "buffer": stored}]
    )
    again.wait_for_function("document.querySelector('.live-chart')?.data?.length")
    assert again.locator(".live-chart").first.evaluate("chart => chart.data[0].customdata[0]") == stored_prediction


def test_the_link_reopens_the_same_run(visit, fresh):
    settings = "n=6&steps=9&eps=8%2F255&step=%CE%B5%2F4&aim=Random+class&start=Random+in+the+ball&restarts=2&set_seed=5&attack_seed=3&scene=wide"
    page = visit(fresh).open(f"/pgd_steps?world=Mini&{settings}").page
    run(page)
    wait_for_the_end(page)
    again = visit(fresh).open(page.url.removeprefix(fresh.url)).page
    run(again)
    wait_for_the_end(again)
    assert json.dumps(curves(page)) == json.dumps(curves(again))
    expect(
        again.get_by_text(
            "L∞, ε 8/255, step 2/255, 9 steps, targeted (random class), from a random start, 2 restarts, seed 3"
        ).first
    ).to_be_visible()


def test_a_point_of_a_curve_opens_its_images(visit, fresh):
    page = visit(fresh).open(SMALL.replace("n=8", "n=16")).page
    run(page)
    wait_for_the_end(page)
    where = page.evaluate("""() => {
      const svg = document.querySelector('.stage svg'), box = svg.getBoundingClientRect();
      const colour = document.querySelector('.stage').data.lines.find((line) => line.title === 'Mini ResNeXt WSL').colour;
      const path = [...svg.querySelectorAll('path.curve')].find((one) => one.getAttribute('stroke') === colour);
      const [x, y] = path.getAttribute('d').split(/[ML]/)[12].split(',').map(Number);
      return [box.left + x * box.width / svg.viewBox.baseVal.width, box.top + y * box.height / svg.viewBox.baseVal.height];
    }""")
    page.mouse.click(*where)
    expect(page.get_by_text("✓ counts as correct after 11 steps")).to_be_visible()
    expect(page.get_by_label("For which model")).to_have_value("Mini ResNeXt WSL")


def click_point(page, title, place):
    """Click the point of the curve `title` at `place` on the horizontal axis."""
    where = page.evaluate(
        """([title, place]) => {
          const chart = document.querySelector('.live-chart'), box = chart.getBoundingClientRect(), {xaxis, yaxis} = chart._fullLayout;
          const line = chart.data.find((line) => line.name === title), at = line.x.indexOf(place);
          return [box.left + xaxis._offset + xaxis.l2p(place), box.top + yaxis._offset + yaxis.l2p(line.y[at])];
        }""",
        [title, place],
    )
    page.mouse.move(where[0] - 3, where[1])
    page.mouse.move(*where)
    page.mouse.click(*where)


def test_accuracy_against_eps_in_one_run(visit, fresh):
    link = SMALL + "&against=ε&eps_set=1%2F255&eps_set=8%2F255"
    page = visit(fresh).open(link).page
    run(page)
    wait_for_the_end(page)
    heights = curves_by_eps(page)
    assert len(heights) == 3
    assert all(len(of_one) == 3 and of_one == sorted(of_one, reverse=True) for of_one in heights.values()), (
        "clean, 1/255 and 8/255"
    )
    expect(page.get_by_text("L∞, ε 8/255").first).to_be_visible()
    page.locator(".live-chart").scroll_into_view_if_needed()
    click_point(page, "Mini ResNeXt WSL", 1)
    expect(page.get_by_text("L∞, ε 1/255").first).to_be_visible()
    page.get_by_text("White-box", exact=True).click()
    expect(page.get_by_text("Orhan 2019, ImageNet, 10 steps, n = 25,000")).to_be_visible()


def test_the_published_curves_lie_behind_and_say_their_protocol(visit, fresh):
    page = visit(fresh).open("/pgd_steps?world=Mini&published=true").page
    page.wait_for_function("document.querySelector('.stage')?.data?.behind?.length === 5")
    expect(page.locator(".stage path.behind")).to_have_count(5)
    expect(page.get_by_text("ε = 0.06 = 15.3/255")).to_be_visible()


def test_a_phone_in_the_hand(visit, fresh):
    page = visit(fresh, viewport={"width": 390, "height": 844}, color_scheme="dark").open(SMALL).page
    run(page)
    wait_for_the_end(page)
    fits_in_both_looks(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_an_attack_is_checked_once_however_often_the_button_is_clicked(visit, fresh, width):
    page = visit(fresh, viewport={"width": width, "height": 844}).open(SMALL.replace("steps=12", "steps=5")).page
    run(page)
    check = page.get_by_role("button", name="Check this attack")
    check.dblclick()
    expect(page.get_by_text("The worst case counts an image as correct")).to_be_visible()
    expect(check).to_have_count(0)
    expect(page.get_by_text("worst case:")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
