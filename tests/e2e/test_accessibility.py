"""Every page for everybody: no serious finding of axe-core, in light and dark, on a desk and on a phone; the keyboard
reaches what matters and leaves again.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import settle

# Each page in Mini, and what is there once it has drawn its first results.
PAGES = {
    "story": ("/", ".hero[data-ready=yes]"),
    "what_if": ("/what_if", ".live-chart .plot-container"),
    "pgd_steps": ("/pgd_steps", ".stage[data-ready=yes]"),
    "compare_attacks": ("/compare_attacks", ".live-chart .plot-container"),
    "smallest_change": ("/smallest_change", ".live-chart .plot-container"),
    "break_a_defence": ("/break_a_defence", ".stage[data-ready=yes]"),
    "mixing_desk": ("/mixing_desk", ".live-chart .plot-container"),
    "transfer_learning": ("/transfer_learning", ".live-chart .plot-container"),
    "shape_or_texture": ("/shape_or_texture", "[data-testid=stImage] img"),
    "glasses": ("/shape_or_texture?tab=Glasses", ".live-chart .plot-container"),
    "attributions": ("/attributions", "[data-testid=stImage] img"),
    "concepts": ("/attributions?attributions_view=Concepts", "[data-testid=stImage] img"),
    "features": ("/features", ".film-player[data-ready=yes]"),
    "layer_biases": ("/features?features_view=Layer+biases", ".live-chart .plot-container"),
    "cue_removal": ("/features?features_view=Cue+removal", ".live-chart .plot-container"),
    "gradient_alignment": ("/features?features_view=Gradient+alignment", ".live-chart .plot-container"),
    "benchmarks": ("/benchmarks", ".live-chart .plot-container"),
    "models": ("/models", "[data-testid=stDataFrame]"),
}
SIZES = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
# What Streamlit itself draws, and no page can change: lists in the list of its menu, and the label of a control that is
# disabled.
STREAMLITS_OWN = (
    "[data-testid=stSidebarNavItems], [data-testid=stSidebarNavItems] *",
    "[data-testid=stWidgetLabel][disabled] *, :has(> * :disabled) > [data-testid=stWidgetLabel] *",
)
MAX_TABS = 250
WHERE = """() => {
  const one = document.activeElement;
  window.stops ??= new Map();
  if (!stops.has(one)) stops.set(one, stops.size);
  return [one === document.body, one.closest('[data-testid=stMain]') ? stops.get(one) : null];
}"""
# Charts follow their place one after the other; one that is wider still scrolls for a moment.
FITS = "[...document.querySelectorAll('.live-chart')].every((one) => one.scrollWidth <= one.clientWidth + 1)"


@pytest.fixture(scope="module")
def axe():
    package = pytest.importorskip("axe_playwright_python.base")
    return package.AXE_SCRIPT


def findings(page) -> set[str]:
    """Rule and element of each serious or critical finding."""
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return {
        f"{one['id']}: {node['target'][-1]} {node['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
        if not page.evaluate(
            "([target, own]) => { const one = document.querySelector(target); return !one || own.some((where) => one.matches(where)); }",
            [node["target"][-1], STREAMLITS_OWN],
        )
    }


def open_drawn(one, path, drawn):
    """The page in Mini, with its first results."""
    page = one.open(f"{path}{'&' if '?' in path else '?'}world=Mini").page
    page.locator(drawn).first.wait_for()
    settle(page)
    return page


def leave_by_tab(page) -> None:
    """In a table Tab goes from cell to cell of a row, and so stays at one element for a while."""
    reached = set()
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        outside, here = page.evaluate(WHERE)
        if outside:
            break
        reached.add(here)
    assert outside, "the focus never leaves the page"
    assert len(reached - {None}) >= 3, "the page's own controls are reached"


@pytest.mark.parametrize(("path", "drawn"), PAGES.values(), ids=PAGES)
def test_tab_goes_through_the_page_and_out_of_it_and_axe_finds_nothing_serious(visit, fresh, axe, path, drawn):
    page = open_drawn(visit(fresh, reduced_motion="reduce"), path, drawn)
    leave_by_tab(page)
    settle(page)
    page.evaluate(axe)
    found = {}
    for size in SIZES:
        page.set_viewport_size(size)
        page.wait_for_function(FITS)
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look, reduced_motion="reduce")
            page.wait_for_timeout(400)
            found |= {finding: (size["width"], look) for finding in findings(page)}
    assert not found, "\n".join(f"{where} {finding}" for finding, where in sorted(found.items()))


def test_axe_finds_an_image_without_a_name(visit, fresh, axe):
    page = visit(fresh).open("/models?world=Mini").settle().page
    page.evaluate("document.querySelector('h1').after(document.createElement('img'))")
    page.evaluate(axe)
    assert any(one.startswith("image-alt") for one in findings(page))


def test_the_keyboard_runs_and_scrubs_an_attack(visit, fresh):
    page = visit(fresh, reduced_motion="reduce").open("/pgd_steps?world=Mini&n=8&steps=12").page
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_enabled()
    run.focus()
    page.keyboard.press("Enter")
    stage = page.locator(".stage")
    expect(stage.locator("canvas").first).to_be_visible()
    expect(stage.locator("[role=status]")).to_contain_text("The run has ended. Accuracy against PGD steps.")
    stage.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(stage.get_by_role("slider")).to_have_attribute("aria-valuetext", "clean, step 0 of 12")
    expect(stage.locator("canvas").first).to_have_attribute("aria-label", re.compile("clean image: "))
