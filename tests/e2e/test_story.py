"""The first page in a real browser: six claims, each with its chart, and the way to the page where it can be seen
live.
"""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import fits_in_both_looks

CARDS = 6


def drawn(page):
    """Wait until every claim has its published chart and that of Mini."""
    whole = "charts => charts.length === 12 && charts.every(chart => chart.data?.length)"
    page.wait_for_function(f"({whole})([...document.querySelectorAll('[class*=st-key-claim_] .live-chart')])")


def follow(page, number, words):
    """The tab that a link of a card opens."""
    with page.expect_popup() as opened:
        page.locator(f".st-key-claim_{number}").get_by_role("link", name=words).click()
    return opened.value


def test_six_claims_with_their_charts(visit, fresh):
    page = visit(fresh).open().page
    drawn(page)
    expect(page.get_by_test_id("stSidebarNavLink").first).to_have_text(re.compile("Story"))
    for number in range(1, CARDS + 1):
        card = page.locator(f".st-key-claim_{number}")
        expect(card.get_by_text("PUBLISHED").first).to_be_visible()
        expect(card.get_by_text("n = ").first).to_be_visible()
        expect(card.get_by_text("CACHED").first).to_be_visible()


def test_a_click_opens_the_attack_page_in_the_right_state(visit, fresh):
    story = visit(fresh).open().page
    for number, against, many in ((4, "ε", "10"), (5, "Steps", "50")):
        page = follow(story, number, "Explore in Mini")
        expect(page.get_by_role("heading", level=1)).to_have_text("How does accuracy fall, step by step?")
        page.get_by_role("button", name="Settings").click()
        panel = page.get_by_test_id("stPopoverBody")
        expect(panel.get_by_role("radio", name=against, exact=True)).to_be_checked()
        expect(panel.get_by_role("slider", name="Steps")).to_have_attribute("aria-valuetext", many)
        page.keyboard.press("Escape")
        expect(
            page.get_by_test_id("stMain").get_by_role("button", name="Run")
        ).to_be_enabled()  # a link alone starts no attack
        expect(page.get_by_test_id("stSidebar").get_by_test_id("stMultiSelect")).to_contain_text(
            "Mini ResNeXt, adversarially trained"
        )
        page.close()


def test_all_numbers_are_those_of_imagenet_whatever_the_world(visit, fresh):
    story = visit(fresh).open("/?world=Mini").page
    page = follow(story, 5, "All numbers")
    expect(page.get_by_role("heading", level=1)).to_have_text("How do models compare?")
    expect(page.get_by_text("Top-1 accuracy under white-box PGD, by steps").first).to_be_visible()
    page.close()
    expect(story.get_by_test_id("stSidebar").get_by_role("radio", name="Mini")).to_be_checked()


def test_a_phone_in_the_hand(visit, fresh):
    page = visit(fresh, viewport={"width": 390, "height": 844}, color_scheme="dark").open().page
    drawn(page)
    fits_in_both_looks(page)
    places = [page.locator(f".st-key-claim_{number}").bounding_box() for number in range(1, CARDS + 1)]
    assert all(above["y"] + above["height"] <= below["y"] for above, below in zip(places, places[1:], strict=False)), (
        "one column, in order"
    )
