"""Shape or texture in a real browser: look at one stimulus, run many, click through the matrix, make a conflict, take
it all away, reopen.
"""

import io
import os
import re

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import REAL, fits_in_both_looks, settle

FAMILY = "&".join(f"models={title}" for title in ("Mini+ResNeXt", "Mini+ResNeXt+WSL", "Mini+ResNeXt%2C+stylised"))
MINI = f"/shape_or_texture?world=Mini&{FAMILY}&mini_stimuli=128"
MANY, GALLERY = f"{MINI}&tab=Many", f"{MINI}&tab=Gallery"


@pytest.fixture(scope="session")
def with_stimuli(serve, real_cache):
    """A server with two real networks and some of the published stimuli."""
    server = serve(real_cache, ROBUST_LAB_DATA=os.environ["ROBUST_LAB_TEST_DATA"])
    server.models = REAL
    return server


def chart(page, key):
    return page.locator(f".st-key-{key} .live-chart")


def wait_for_chart(page, key, condition="chart.data?.length"):
    page.wait_for_function(f"(chart => chart && ({condition}))(document.querySelector('.st-key-{key} .live-chart'))")


def dots(page):
    """The shape biases of the live models on the axis, from the top."""
    return chart(page, "cue_axis").evaluate(
        "chart => chart.data.filter(one => one.marker?.symbol === 'circle').map(one => one.x[0])"
    )


def run(page):
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("button", name="Votes as CSV")).to_be_visible()
    wait_for_chart(page, "cue_axis")


def download(page, name):
    settle(page)
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name=name).click()
    return download.value.path()


def main_text(page, text):
    return page.get_by_test_id("stMain").get_by_text(text)


def test_a_link_alone_asks_about_one_stimulus_and_runs_nothing(visit, fresh):
    page = visit(fresh).open(MINI).page
    expect(main_text(page, re.compile("votes for"))).to_have_count(3)
    assert page.locator(".st-key-cue_axis").count() == 0
    expect(page.get_by_text("PUBLISHED", exact=True)).to_have_count(0)


def test_through_stronger_glasses_one_sees_less_and_the_mark_moves_along(visit, fresh):
    page = visit(fresh).open("/shape_or_texture?world=Mini&tab=Glasses").page
    wait_for_chart(page, "glasses_coverage")
    image = page.locator(".st-key-seen_through_glasses img")
    marks = (
        "chart => chart.layout.shapes.filter(one => one.x0 === one.x1 && one.line.dash === 'dot').map(one => one.x0)"
    )
    before, sharper = image.get_attribute("src"), chart(page, "glasses_coverage").evaluate(marks)
    expect(page.get_by_test_id("stMain").get_by_text(re.compile(r"\((shape|texture|neither)\)"))).to_have_count(3)
    slider = page.get_by_role("slider", name="Strength")
    slider.press("End")
    settle(page)
    expect(image).not_to_have_attribute("src", before)
    assert chart(page, "glasses_coverage").evaluate(marks)[-1] == 8 > sharper[-1]
    assert "blur_worn=" in page.url
    page.reload()
    expect(page.get_by_role("slider", name="Strength")).to_have_attribute("aria-valuetext", re.compile("σ 4 px"))


def test_the_drawn_family_leans_to_shape_as_its_card_says(visit, fresh):
    page = visit(fresh).open(MANY).page
    run(page)
    plain, weak, stylised = dots(page)
    assert plain < weak < stylised
    table = pd.read_csv(download(page, "Votes as CSV"), skiprows=1)
    counts = table.groupby("model").follows_restricted_argmax.value_counts().unstack(fill_value=0)
    bias = counts["shape"] / (counts["shape"] + counts["texture"])
    assert bias["mini_resnext"] == pytest.approx(plain)
    assert bias["mini_resnext_stylised"] == pytest.approx(stylised)
    assert len(table) == 3 * 128


def test_cancel_and_run_again(visit, fresh):
    page = visit(fresh).open(MANY.replace("=128", "=1024")).page
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("of 3,072 stimuli")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("of 3,072 stimuli")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_click_on_a_cell_shows_its_images_and_an_image_becomes_the_stimulus(visit, fresh):
    page = visit(fresh).open(GALLERY).page
    page.get_by_role("button", name="Run", exact=True).click()
    wait_for_chart(page, "cue_matrix")
    shape, texture, x, y = chart(page, "cue_matrix").evaluate("""chart => {
      const { x, y, z } = chart.data[0], { xaxis, yaxis, _size } = chart._fullLayout;
      const row = z.findIndex((cells) => cells.some((value) => value !== null)), column = z[row].findIndex((value) => value !== null);
      return [y[row], x[column], _size.l + xaxis.c2p(column), _size.t + yaxis.c2p(row)];
    }""")
    chart(page, "cue_matrix").scroll_into_view_if_needed()
    chart(page, "cue_matrix").click(position={"x": x, "y": y})
    expect(page.get_by_text(re.compile(r"^[1-4] of 128 images"))).to_be_visible()
    expect(page.get_by_text(f"{shape} / {texture}").first).to_be_visible()
    page.locator("[class*='st-key-look:'], [class*='st-key-look-']").first.get_by_role("button").click()
    expect(main_text(page, f"Shape: {shape} · texture: {texture}")).to_be_visible()


def test_the_link_reopens_the_same_votes(visit, fresh):
    page = (
        visit(fresh)
        .open(MINI + "&mini_number=30&distortion=Scrambled+patches&patch_scrambled_strength=8&distortion_seed=3")
        .page
    )
    expect(main_text(page, re.compile("votes for"))).to_have_count(3)
    again = visit(fresh).open(page.url.removeprefix(fresh.url)).page
    expect(main_text(again, re.compile("votes for"))).to_have_count(3)
    verdicts = [main_text(one, re.compile("votes for")).all_inner_texts() for one in (page, again)]
    assert verdicts[0] == verdicts[1]


def test_real_networks_on_published_stimuli_beside_people(visit, with_stimuli):
    page = visit(with_stimuli).open("/shape_or_texture?world=ImageNet&imagenet_stimuli=48&tab=Many").page
    run(page)
    by_class = dots(page)
    assert all(bias < 0.5 for bias in by_class)
    people = chart(page, "cue_axis").evaluate(
        "chart => chart.data.find(one => one.marker?.symbol === 'diamond-open').x"
    )
    assert len(people) == 11
    assert min(people) > 0.9
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_text("16-way forced choice, neutral instruction")).to_be_visible()
    page.get_by_role("radio", name="mean probability per category").click()
    expect(page.get_by_text("decision by the mean probability per category")).to_be_visible()
    table = pd.read_csv(download(page, "Votes as CSV"), skiprows=1)
    for rule, heights in (("restricted_argmax", by_class), ("mean_probability", dots(page))):
        shares = (
            table[table[f"follows_{rule}"] != "other"]
            .groupby("model")[f"follows_{rule}"]
            .apply(lambda cues: (cues == "shape").mean())
        )
        assert sorted(shares) == pytest.approx(sorted(heights))


def test_a_conflict_is_made_watched_predicted_and_taken_away(visit, with_stimuli):
    images = "images=bald+eagle+%2817%29&images=jeep+%2806%29"
    link = f"/shape_or_texture?world=ImageNet&stimulus=Make+a+conflict&{images}&features=Real+SqueezeNet&style_steps=30"
    page = visit(with_stimuli).open(link).page
    expect(page.get_by_role("button", name="Make it", exact=True)).to_be_visible()
    assert page.get_by_text("of 30 steps").count() == 0, "a link alone makes nothing"
    expect(page.get_by_text("made with the features of Real SqueezeNet favours Real SqueezeNet").first).to_be_visible()
    page.get_by_role("button", name="Make it", exact=True).click()
    expect(page.get_by_text("of 30 steps")).to_be_visible()
    expect(page.get_by_test_id("stDownloadButton").get_by_role("button", name="PNG")).to_be_visible()
    expect(main_text(page, re.compile("votes for"))).to_have_count(2)
    expect(page.get_by_text("The published set was made with VGG-19").first).to_be_visible()
    assert Image.open(io.BytesIO(download(page, "PNG").read_bytes())).size == (224, 224)


def test_a_phone_in_the_hand(visit, fresh):
    page = visit(fresh, viewport={"width": 390, "height": 844}, color_scheme="dark").open(MANY).page
    run(page)
    fits_in_both_looks(page)
