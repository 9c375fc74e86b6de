"""Back and Forward in a browser: every choice is again what it was, or what a link that does not name it opens with."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.test_benchmarks import open_settings

CHOSEN = """(keys) => {
  const held = Object.fromEntries(keys.map((key) => [key, [...document.querySelectorAll(`.st-key-${key} :is(input, [data-tag], [aria-checked=true])`)]
    .map((part) => part.getAttribute('aria-valuetext') || part.value || part.innerText).filter(Boolean)]));
  return keys.every((key) => held[key].length) && held;
}"""
SIDEBAR = ["world", "models"]
IMAGES = {"source", "images", "shape", "scene", "draw"}
ATTACK, MAPS = {"norm", "eps", "n", "steps", "step", "set_seed"}, {"explain", "methods"}
IN_PANELS = {"More": IMAGES, "Settings": IMAGES | ATTACK | MAPS}


def chosen(visit, *keys):
    """What the controls with these keys hold, once each is there and holds something; those of a panel are shown."""
    page, held = visit.settle().page, {}
    panel = "Settings" if re.search("/(pgd_steps|attributions)", page.url) else "More"
    inside = [key for key in keys if key in IN_PANELS[panel]]
    if outside := [key for key in keys if key not in inside]:
        held |= page.wait_for_function(CHOSEN, arg=outside).json_value()
    if inside:
        page.get_by_role("button", name=panel).click()
        held |= page.wait_for_function(CHOSEN, arg=inside).json_value()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    return held


@pytest.fixture
def png(tmp_path):
    Image.new("RGB", (96, 96), "teal").save(tmp_path / "teal.png")
    return tmp_path / "teal.png"


def unfold_settings(visit):
    visit.page.locator(".st-key-benchmark_settings summary").wait_for()
    open_settings(visit.settle().page)


def go_to(visit, title):
    """To another page by the menu, and wait until it is there."""
    before = visit.page.locator("h1").inner_text()
    visit.page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    expect(visit.page.locator("h1")).not_to_have_text(before)


def step(visit, move):
    before = visit.page.locator("h1").inner_text()
    getattr(visit.page, move)()
    expect(visit.page.locator("h1")).not_to_have_text(before)


@pytest.mark.parametrize(
    ("link", "title", "keys"),
    [
        ("/what_if?world=Mini", "Features", [*SIDEBAR, "source", "shape", "scene", "draw", "corruption"]),
        ("/what_if", "Story", [*SIDEBAR, "source", "images"]),
        ("/attributions", "Models", [*SIDEBAR, "explain", "methods"]),
        ("/pgd_steps", "What if", [*SIDEBAR, "norm", "eps", "n"]),
    ],
)
def test_back_and_forward_return_to_what_a_link_opens_with(visit, fresh, link, title, keys):
    one = visit(fresh).open(link)
    first = chosen(one, *keys)
    go_to(one, title)
    one.settle()
    step(one, "go_back")
    assert chosen(one, *keys) == first
    step(one, "go_forward")
    one.settle()
    step(one, "go_back")
    assert chosen(one, *keys) == first
    one.page.reload()
    one.page.wait_for_selector("h1")
    assert chosen(one, *keys) == first


@pytest.mark.parametrize(
    ("link", "key"),
    [("/benchmarks?world=ImageNet&view=PGD", "a_models"), ("/benchmarks?world=Mini&view=Corruptions", "c_models")],
)
def test_back_returns_to_the_models_of_a_benchmark(visit, fresh, link, key):
    one = visit(fresh).open(link)
    unfold_settings(one)
    first = chosen(one, key)
    go_to(one, "Models")
    one.settle()
    step(one, "go_back")
    unfold_settings(one)
    assert chosen(one, key) == first


def test_back_returns_to_the_models_that_the_address_names_and_forward_to_none(visit, fresh):
    one = visit(fresh).open("/what_if?world=Mini&models=Mini+ResNeXt+WSL")
    before = chosen(one, "models")
    go_to(one, "Features")
    one.page.locator(".st-key-models").get_by_role("button", name="Clear").click()
    expect(one.page.get_by_text("Choose at least one model in the sidebar.")).to_be_visible()
    step(one, "go_back")
    assert chosen(one, "models") == before
    step(one, "go_forward")
    expect(one.page.get_by_text("Choose at least one model in the sidebar.")).to_be_visible()


def test_each_press_of_back_takes_back_one_thing_that_was_done(visit, fresh, png):
    one = visit(fresh).open("/what_if")
    page, strip = one.settle().page, one.page.locator(".image-strip button")
    strip.nth(2).click()
    page.wait_for_url(re.compile("images="))
    picked = one.settle().page.url
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(png)
    page.wait_for_url(re.compile(r"what_if\?source=Upload$"))
    expect(page.get_by_text("· true label unknown")).to_be_visible()
    go_to(one, "Attributions")
    page.wait_for_url(re.compile(r"attributions\?source=Upload$"))
    one.settle()
    step(one, "go_back")
    page.wait_for_url(re.compile(r"what_if\?source=Upload$"))
    expect(page.get_by_text("· true label unknown")).to_be_visible()
    page.go_back()
    page.wait_for_url(picked)
    expect(strip.nth(3)).to_have_attribute("aria-selected", "true")  # the upload comes first
    page.go_forward()
    page.wait_for_url(re.compile(r"what_if\?source=Upload$"))
    expect(page.get_by_text("· true label unknown")).to_be_visible()


def test_in_another_world_everything_is_as_its_link_says(visit, fresh):
    one = visit(fresh).open("/pgd_steps")
    one.settle().page.get_by_role("radio", name="Mini").click()
    expect(one.page.get_by_text("Mini ResNeXt WSL").first).to_be_visible()
    switched = chosen(one, "models", "source", "n")
    again = visit(fresh).open(one.page.url.removeprefix(fresh.url))
    assert chosen(again, "models", "source", "n") == switched
