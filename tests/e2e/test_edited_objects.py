"""The object of a scene moved by hand, and edited on many scenes, in a real browser."""

import io
import re

from PIL import Image
from playwright.sync_api import expect

PLACES = re.compile(r"^Right at \d+ of 49 places\.$")


def maps(page):
    """The values of the maps, once all are there."""
    expect(page.get_by_text(PLACES)).to_have_count(3)
    charts = page.locator(".live-chart").filter(has=page.locator(".heatmaplayer"))
    expect(charts).to_have_count(3)
    return [charts.nth(number).evaluate("chart => chart.data[0].z") for number in range(3)]


def test_a_smaller_object_is_lost_at_more_places_and_back_brings_the_other_back(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini&more=Move+the+object").page
    whole = maps(page)
    small = visit(fresh).open("/what_if?world=Mini&more=Move+the+object&zoom=0.3").page
    lost = maps(small)
    assert all(len(rows) == len(rows[0]) == 7 for rows in whole)
    total = [sum(map(sum, rows)) for rows in whole]
    assert all(less < more for less, more in zip([sum(map(sum, rows)) for rows in lost], total, strict=True))


def test_a_slider_moves_the_object_and_the_link_says_where_to(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini&more=Move+the+object").page
    before = maps(page)
    image = page.get_by_role("img", name="elephant", exact=True)
    shown = image.get_attribute("src")
    page.get_by_role("slider", name="To the right, %").press("ArrowRight")
    page.wait_for_url(re.compile("right_percent=2.5"))
    expect(page.get_by_text("2.5% right", exact=True)).to_be_visible()
    moved = page.get_by_role("img", name="elephant, 2.5% right")
    assert moved.get_attribute("src") != shown
    assert maps(page) == before, "a map is of all places, wherever the object is put"


def test_many_scenes_are_edited_on_demand(visit, fresh):
    page = visit(fresh).open("/what_if?world=Mini&more_all=Edited+objects&edited_n=16").page
    page.get_by_role("button", name="Run: 7 × 16 images for each model").click()
    chart = page.locator(".live-chart[aria-label^='Accuracy by size']").or_(
        page.get_by_role("group", name=re.compile("^Accuracy by size"))
    )
    expect(chart.first).to_be_visible()
    expect(page.get_by_text(re.compile("size × 0.4, chosen on these scenes")).first).to_be_visible()
    page.get_by_text("Hue", exact=True).click()
    expect(page.get_by_role("button", name="Run: 8 × 16 images for each model")).to_be_visible()


def photo_of(page):
    """The photo on which a box is drawn."""
    chart = page.locator(".live-chart").filter(has=page.locator(".imagelayer image"))
    expect(chart).to_have_count(1)
    return chart


def test_a_box_is_drawn_by_dragging_over_the_photo_and_back_brings_the_other_back(visit, fresh):
    page = visit(fresh).open("/what_if?more=Move+the+object&models=EfficientNet-Lite0").page
    expect(page.get_by_text("Box drawn by hand for this photo")).to_be_visible()
    photo = photo_of(page)
    expect(page.get_by_text(re.compile(r"^The object cut out: 15\.\d% of the photo"))).to_be_visible()
    photo.scroll_into_view_if_needed()
    place = photo.locator(".imagelayer image").bounding_box()
    for moment, (x, y) in enumerate([(0.25, 0.3), (0.5, 0.5), (0.58, 0.65)]):
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
        if not moment:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile(r"box=2\d(\.\d)?%2C\+(29|30)"))
    expect(page.get_by_text("Drag to draw another box.")).to_be_visible()
    left, upper, right, lower = photo.evaluate(
        "chart => ['x0', 'y0', 'x1', 'y1'].map((side) => chart.layout.shapes[0][side])"
    )
    assert abs(left - 25) < 2 > abs(right - 58)
    assert abs(upper - 30) < 2 > abs(lower - 65)
    page.go_back()
    expect(page.get_by_text("Box drawn by hand for this photo")).to_be_visible()
    expect(page.get_by_text(PLACES)).to_have_count(1)


def test_a_photo_without_an_object_says_so_and_the_next_one_works(visit, fresh):
    page = visit(fresh).open("/what_if?more=Move+the+object&models=EfficientNet-Lite0").page
    expect(page.get_by_text(PLACES)).to_have_count(1)
    flat = io.BytesIO()
    Image.new("RGB", (320, 240), "#336699").save(flat, "PNG")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": "flat.png", "mimeType": "image/png", "buffer": flat.getvalue()}]
    )
    expect(page.get_by_text(re.compile("GrabCut (finds no object|takes the whole box)"))).to_be_visible()
    expect(page.get_by_text("The box is a guess, the middle of the photo.")).to_be_visible()
    expect(page.get_by_text(PLACES)).to_have_count(0)
