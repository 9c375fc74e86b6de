"""The main job in a real browser: give an image, read what each model predicts."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT, fits_in_both_looks, open_list

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
NAMES = "options => options.map((option) => option.ariaLabel)"
pytestmark = pytest.mark.skipif(not DATA, reason="ROBUST_LAB_TEST_DATA names no folder with real weights")


def bars(page, chart):
    """The names and the lengths of a card's bars, best first, as Plotly holds them."""
    page.wait_for_function("chart => chart.data?.length", arg=chart.element_handle())
    return chart.evaluate("chart => chart.data[0].customdata.map((name, i) => [name, chart.data[0].x[i]])")


def wait_for_predictions(page, count=2):
    expect(page.get_by_role("button", name="Predictions as CSV")).to_be_visible()
    expect(page.locator(".live-chart")).to_have_count(count)


def photo_path(wnid):
    return next((Path(DATA) / "images" / "imagenet_samples" / wnid).glob("*.JPEG"))


def turned_jpeg(path):
    """The image stored lying on its side, with the EXIF note that says so."""
    image = Image.open(path).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    image.transpose(Image.Transpose.ROTATE_90).save(buffer, "JPEG", quality=95, exif=exif)
    return buffer.getvalue()


def upload(page, *files):
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": n, "mimeType": m, "buffer": b} for n, m, b in files]
    )


def test_cold_deep_link_shows_the_page_in_its_frame(visit, server):
    """First on purpose: the first session of a cold server is a deep link (trap 2)."""
    page = visit(server).open("/models").settle().page
    expect(page.get_by_role("heading", level=1)).to_have_text("Which models are there?")
    assert page.get_by_role("dialog").count() == 0
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(len(list((ROOT / "pages").rglob("*.py"))))


def test_the_first_visit_predicts_by_itself(visit, server):
    page = visit(server).open("/what_if").page
    wait_for_predictions(page)
    names = [bars(page, page.locator(".live-chart").nth(index))[0][0] for index in (0, 1)]
    assert "bull mastiff" in names


def test_a_turned_image_is_predicted_upright_by_both_models(visit, server):
    page = visit(server).open("/what_if").page
    wait_for_predictions(page)
    upload(page, ("zebra.jpg", "image/jpeg", turned_jpeg(photo_path("n02391049"))))
    expect(page.get_by_text("zebra.jpg · true label unknown")).to_be_visible()
    wait_for_predictions(page)
    expect(page.get_by_text("All 2 models predict zebra.")).to_be_visible()
    for index in (0, 1):
        best = bars(page, page.locator(".live-chart").nth(index))
        assert best[0][0] == "zebra"
        assert [p for _, p in best] == sorted((p for _, p in best), reverse=True)


def test_a_file_that_is_no_image_is_named_and_the_other_is_predicted(visit, server):
    page = visit(server).open("/what_if").page
    upload(
        page,
        ("page.svg", "image/svg+xml", b"<svg onload=alert(1)>"),
        ("snail.jpg", "image/jpeg", photo_path("n01944390").read_bytes()),
    )
    expect(page.get_by_test_id("stAlert")).to_contain_text("page.svg is an SVG drawing; export it as PNG or JPEG.")
    wait_for_predictions(page)
    assert bars(page, page.locator(".live-chart").first)[0][0] == "snail"


def test_the_link_reopens_the_same_state(visit, server):
    page = visit(server).open("/what_if").page
    wait_for_predictions(page)
    page.get_by_role("button", name="More").click()
    open_list(page.get_by_role("combobox", name="Images", exact=True))
    page.get_by_test_id("stMultiSelectDropdown").get_by_role("option").nth(3).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_text("All images", exact=True)).to_be_visible()
    link = page.url.removeprefix(server.url)
    again = visit(server).open(link).page
    expect(again.get_by_text("All images", exact=True)).to_be_visible()
    wait_for_predictions(again)
    chosen = [one.locator(".image-strip .chosen").evaluate_all(NAMES) for one in (page, again)]
    assert len(chosen[0]) == 2
    assert chosen[0] == chosen[1]


def test_unknown_values_in_a_link_are_said_and_ignored(visit, server):
    page = visit(server).open("/what_if?models=ResNet-50&models=Nonsense&source=Nowhere").page
    expect(page.get_by_text("ResNet-50 is not downloaded on this machine.")).to_be_visible()
    expect(page.get_by_text("The link asks for a model that is not here: “Nonsense”.")).to_be_visible()
    expect(page.get_by_text("The link asks for an image source that is not here: “Nowhere”.")).to_be_visible()
    wait_for_predictions(page, count=3)  # none of the models is here, so those of the first visit predict


def test_choices_survive_a_page_change(visit, server):
    page = visit(server).open("/what_if").page
    wait_for_predictions(page)
    page.get_by_role("option", name="cannon").click()
    expect(page.get_by_text("· true label: cannon")).to_be_visible()
    before = page.get_by_test_id("stSidebar").get_by_test_id("stMultiSelect").all_inner_texts()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Models").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which models are there?")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="What if").click()
    wait_for_predictions(page)
    assert page.get_by_test_id("stSidebar").get_by_test_id("stMultiSelect").all_inner_texts() == before
    expect(page.get_by_text("· true label: cannon")).to_be_visible()


def test_the_csv_holds_what_the_bars_show(visit, server):
    page = visit(server).open("/what_if").page
    wait_for_predictions(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Predictions as CSV").click()
    import pandas as pd

    table = pd.read_csv(download.value.path(), skiprows=1)
    assert len(table) == 10
    for index in (0, 1):
        shown = bars(page, page.locator(".live-chart").nth(index))
        rows = table[index * 5 : index * 5 + 5]
        assert list(rows["class"]) == [name for name, _ in shown]
        assert list(rows["probability"]) == pytest.approx([p for _, p in shown])


def test_a_phone_in_the_hand(visit, server):
    page = visit(server, viewport={"width": 390, "height": 844}, color_scheme="dark").open("/what_if").page
    wait_for_predictions(page)
    fits_in_both_looks(page)
