"""The object of a scene moved by hand, and edited on many scenes, in a real browser."""

import re

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
    page.get_by_role("slider", name="To the right, px").press("ArrowRight")
    page.wait_for_url(re.compile("right_percent=1"))
    expect(page.get_by_text("1 px right", exact=True)).to_be_visible()
    moved = page.get_by_role("img", name="elephant, 1 px right")
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
