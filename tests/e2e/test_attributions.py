"""Attributions in a real browser: choose, explain, check, randomise, attack, take away; in Mini, and once
with real models.
"""

import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

SMALL = "/attributions?world=Mini&methods=Grad-CAM&methods=Integrated+Gradients&integrated_gradients_steps=16"


def explain(page):
    page.get_by_role("button", name="Explain by 1 slow method").click()
    expect(page.get_by_role("button", name=re.compile("maps as PNG and NPY"))).to_be_visible()
    finish(page)


def finish(page):
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    page.wait_for_function("document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'")


def choose(page, name: str):
    page.get_by_role("button", name="Settings").click()
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()


def maps(page):
    """The addresses of the images that stand in the grid's cards."""
    return page.evaluate("[...document.querySelectorAll('[data-testid=stImage] img')].map(image => image.src)")


def test_a_link_alone_shows_what_is_quick_and_asks_for_nothing_slow(visit, fresh):
    page = visit(fresh).open(SMALL).page
    expect(page.get_by_role("button", name="Explain by 1 slow method")).to_be_enabled()
    expect(page.get_by_text("at most about")).to_be_visible()
    expect(page.get_by_role("heading", name="Grad-CAM")).to_be_visible()
    assert page.get_by_role("heading", name="Integrated Gradients").count() == 0


def test_maps_come_with_their_legend_their_class_and_their_gap(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    expect(page.get_by_text("One scale for all models: weighted activation")).to_be_visible()
    expect(page.get_by_text(re.compile(r"completeness gap \d"))).to_have_count(3)
    assert len(maps(page)) == 1 + 2 * 3
    before = maps(page)
    choose(page, "Each map its own")
    expect(page.get_by_text("This map's own scale")).to_have_count(6)
    assert maps(page) != before


def test_a_click_on_a_prediction_explains_that_class_everywhere(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    page.get_by_role("button", name="keyboard").first.click()
    expect(page.get_by_test_id("stMain").locator("strong", has_text="keyboard")).to_have_count(6)
    expect(page).to_have_url(re.compile("explained_class=keyboard"))


def test_the_evidence_appears_under_each_map_when_asked_for(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    page.get_by_role("button", name="Check these maps").click()
    finish(page)
    expect(page.get_by_text("Not compared with random maps yet.").first).to_be_visible()  # which are asked for next
    expect(page.get_by_role("button", name="Compare each with random maps")).to_be_visible()
    page.get_by_role("button", name="Figures").first.click()
    expect(page.get_by_text(re.compile(r"unexplained at its best scale \d"))).to_have_count(1)


def test_maps_of_another_world_are_not_shown(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    page.get_by_role("radio", name="ImageNet").click()
    expect(page.get_by_role("button", name="Check these maps")).to_have_count(0)
    page.get_by_role("radio", name="Mini").click()
    expect(page.get_by_role("button", name="Check these maps")).to_be_visible()


def test_the_network_is_randomized_and_the_correlation_falls(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    page.get_by_role("button", name="Randomise the network", exact=True).click()
    page.get_by_role("button", name="Randomise 3 networks").click()
    finish(page)
    expect(page.get_by_text("as trained").first).to_be_visible()
    slider = page.get_by_role("slider", name="How much of the network is random")
    slider.focus()
    for _ in range(6):
        slider.press("ArrowRight")
    expect(page.get_by_text("layers, down to conv1")).to_have_count(3)


def test_maps_under_attack_stand_beside_their_correlation_with_the_clean_one(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    page.get_by_role("button", name="Under attack", exact=True).click()
    page.get_by_role("button", name="Attack and explain").click()
    finish(page)
    expect(page.get_by_text("step 10:")).to_have_count(3)
    expect(page.get_by_text("step 0:").filter(has_text="ρ = 1.00")).to_have_count(3)


def test_a_corrupted_image_stands_beside_the_clean_one(visit, fresh):
    page = visit(fresh).open(SMALL + "&severity=3&corruption=Fog").page
    explain(page)
    expect(page.get_by_text("Rank correlation of the two maps")).to_have_count(6)


def test_what_is_taken_away_is_what_was_computed(visit, fresh):
    page = visit(fresh).open(SMALL).page
    explain(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="6 maps as PNG and NPY").click()
    archive = zipfile.ZipFile(download.value.path())
    numbers = pd.read_csv(io.BytesIO(archive.read("numbers.csv")))
    assert len(numbers) == 6
    for row in numbers.itertuples():
        values = np.load(io.BytesIO(archive.read(f"{row.map}.npy")))
        assert values.shape == (64, 64)
        assert f"{row.map}.png" in archive.namelist()
    requests = json.loads(archive.read("requests.json"))
    assert [requests[row.map]["method"] for row in numbers.itertuples()] == list(numbers.method)
    gaps = numbers.set_index("method").completeness_gap_logits
    assert gaps["grad_cam"].isna().all()
    assert gaps["integrated_gradients"].abs().max() < 1


def test_a_link_reopens_the_choices(visit, fresh):
    page = visit(fresh).open(SMALL + "&explain=The+second+best&scale=Each+map+its+own&opacity=40").page
    explain(page)
    expect(page.get_by_text("This map's own scale")).to_have_count(6)
    again = visit(fresh).open(page.url.split(fresh.url)[1]).page
    again.get_by_role("button", name="Settings").click()
    expect(again.get_by_role("slider", name="Opacity")).to_have_value("40")


def test_real_models_and_a_method_that_does_not_hold_on_one(visit, server):
    page = visit(server).open("/attributions?world=ImageNet&methods=Grad-CAM&methods=Guided+Backprop").page
    expect(page.get_by_role("button", name=re.compile("maps as PNG and NPY"))).to_be_visible()
    finish(page)
    expect(page.get_by_text("Not offered for mobilenet_v2.")).to_be_visible()
    assert len(maps(page)) == 1 + 3


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1600)])
def test_on_a_phone_and_in_the_dark(visit, fresh, scheme, width):
    page = visit(fresh, viewport={"width": width, "height": 900}, color_scheme=scheme).open(SMALL).page
    explain(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_concepts_are_there_on_arrival_and_another_class_is_found_with_a_click(visit, fresh):
    page = visit(fresh).open("/attributions?world=Mini&attributions_view=Concepts").page
    expect(page.get_by_text("CACHED").first).to_be_visible()
    expect(page.locator("[data-testid=stMain] [data-testid=stImage] img")).to_have_count(2 * 6)
    page.get_by_test_id("stButtonGroup").get_by_text("Mini ResNeXt WSL", exact=True).click()
    expect(page.get_by_role("heading", name="carries “elephant” for Mini ResNeXt WSL")).to_be_visible()
    page.get_by_role("combobox", name="Concepts of").fill("car")
    page.get_by_role("option", name="car", exact=True).click()
    expect(page.get_by_text("Changed since the run below: class: elephant → car")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="“car” for Mini ResNeXt WSL")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("LIVE").first).to_be_visible()
