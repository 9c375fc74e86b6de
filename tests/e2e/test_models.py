"""The Models page in a real browser, on a machine that reaches nobody."""

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="session")
def lonely(serve, tmp_path_factory):
    """A server with an empty cache whose way out is closed."""
    return serve(
        tmp_path_factory.mktemp("empty"),
        HTTPS_PROXY="http://127.0.0.1:9",
        https_proxy="http://127.0.0.1:9",
        NO_PROXY="",
        no_proxy="",
    )


def open_models(visit, server, model="", **options):
    visited = visit(server, **options).open(f"/models?model={model}" if model else "/models")
    expect(visited.page.get_by_test_id("stDataFrame")).to_be_visible()
    return visited.settle().page


def test_a_download_that_cannot_be_says_why_and_offers_another_try(visit, lonely):
    page = open_models(visit, lonely, "ResNeXt-101+32x8d")
    page.get_by_role("button", name="Download 356 MB").dblclick()
    expect(page.get_by_test_id("stAlert")).to_contain_text("The weights of ResNeXt-101 32x8d did not come")
    expect(page.get_by_test_id("stAlert")).to_contain_text("by hand into the weights folder")
    expect(page.get_by_role("button", name="Download 356 MB")).to_be_visible()


def test_the_link_names_the_model_that_is_looked_at(visit, lonely):
    page = open_models(visit, lonely)
    # a list that scrolls to what is chosen moves away from under a click
    page.get_by_role("combobox", name="Look at one").fill("32x48d")
    page.get_by_role("option", name="ResNeXt-101 32x48d WSL").click()
    page.locator(".st-key-model_source summary").click()
    expect(page.get_by_text("CC BY-NC 4.0").first).to_be_visible()
    assert "32x48d" in page.url
    again = visit(lonely).open(page.url.removeprefix(lonely.url)).page
    again.locator(".st-key-model_source summary").click()
    expect(again.get_by_text("ig_resnext101_32x48").first).to_be_visible()


def test_a_family_narrows_the_table(visit, lonely):
    page = open_models(visit, lonely)
    page.locator(".st-key-model_settings summary").click()
    page.get_by_role("button", name="Weakly supervised (WSL)").click()
    expect(page.get_by_role("combobox", name="Look at one")).to_have_value(
        "Mini ResNeXt WSL"
    )  # what is ready comes first


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_phone_in_the_hand(visit, lonely, look):
    page = open_models(visit, lonely, viewport={"width": 390, "height": 844}, color_scheme=look)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
