"""What only a browser shows of charts: titles beside their numbers, numbers that can be read or are not there, axes
before a run.
"""

import pytest
from playwright.sync_api import expect

OVERLAPS = """(chart) => {
  const boxes = (selector) => [...chart.querySelectorAll(selector)].map((part) => [part.textContent, part.getBoundingClientRect()]);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const frame = chart.getBoundingClientRect(), titles = boxes('.g-xtitle text, .g-ytitle text');
  const bad = titles.flatMap(([title, box]) => boxes('.xtick text, .ytick text').filter(([, other]) => !apart(box, other)).map(([number]) => [title, number]));
  const out = titles.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1);
  return { titles: titles.length, bad, out: out.map(([title]) => title) };
}"""
MAP_SHOWS = """(numbers) => {
  const map = document.querySelector('[class*=st-key-corruption_grid] .heatmaplayer');
  return map?.querySelector('image') && map.querySelectorAll('.heatmap-label').length === numbers;
}"""
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def drawn(page, key):
    """The Plotly host of this key, once it is drawn."""
    host = page.locator(f".st-key-{key} .live-chart")
    page.wait_for_function(
        "host => host._fullLayout && host.querySelector('.g-xtitle, .g-ytitle, .ytick, .heatmaplayer')",
        arg=host.element_handle(),
    )
    return host


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("link", "keys"),
    [
        ("/?world=Mini", ["story_4", "story_5"]),
        ("/pgd_steps?world=Mini&loss=true&published=true", ["loss_by_step"]),
        ("/pgd_steps?world=Mini&against=ε", ["accuracy_by_eps"]),
        ("/smallest_change?world=Mini", ["change_ranks"]),
        ("/smallest_change?world=Mini&changes_of=Many+images", ["security_curves"]),
        ("/features?world=Mini", ["ascent"]),
        ("/benchmarks?world=ImageNet&view=Corruptions", ["corruption_map"]),
        ("/benchmarks?world=ImageNet&view=PGD", ["pgd_curves"]),
        ("/benchmarks?world=ImageNet&view=Perturbations", ["sequence_bars"]),
        ("/benchmarks?world=ImageNet&view=Calibration", ["calibration_dots"]),
        ("/benchmarks?world=ImageNet&view=Scatter+plot", ["metric_dots"]),
    ],
)
def test_no_title_lies_on_the_numbers_of_its_axis(visit, fresh, size, link, keys):
    page = visit(fresh, viewport=SIZES[size]).open(link).page
    for key in keys:
        found = drawn(page, key).evaluate(OVERLAPS)
        assert found["bad"] == found["out"] == [], (key, found)
        assert found["titles"] or key == "corruption_map"


def test_before_a_run_the_axes_are_those_that_the_controls_ask_for(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&mini_climb_steps=40&experiment=Feature+alone").page
    axes = (
        "host => [host.layout.xaxis.range.map(Math.round), host.layout.yaxis.title.text, "
        "host.querySelectorAll('.ytick text').length]"
    )
    assert drawn(page, "ascent").evaluate(axes) == [[0, 40], "activation", 0]
    page = visit(fresh).open("/pgd_steps?world=Mini&steps=7&against=ε&norm=L2").page
    axes = "host => [host.layout.xaxis.title.text, host.layout.xaxis.range.map(Math.round)]"
    assert drawn(page, "accuracy_by_eps").evaluate(axes) == [
        "ε, L2 length in pixel units (0 is the clean image)",
        [0, 2],
    ]


def test_an_input_gradient_has_no_curve(visit, fresh):
    page = visit(fresh).open("/features?world=Mini&experiment=Input+gradient").page
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(page.locator(".live-chart")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_numbers_on_a_heat_map_fit_their_cells_or_are_left_out(visit, fresh, size):
    page = visit(fresh, viewport=SIZES[size]).open("/what_if?world=Mini&more=Corruption+grid").page
    page.get_by_role("button", name="Run: 76").click()
    expect(page.get_by_text("One image, live corruption")).to_have_count(3)
    page.wait_for_function(MAP_SHOWS, arg=75 if size == "desk" else 0)
    width, numbers = page.evaluate(
        "() => { const host = document.querySelector('[class*=st-key-corruption_grid] .live-chart');"
        " return [host._fullLayout.xaxis._length / 5, [...host.querySelectorAll('.heatmap-label')].map((one) => "
        "one.getBoundingClientRect().width)]; }"
    )
    assert max(numbers, default=0) < width
    if size == "desk":  # made narrow, as a phone is turned
        page.set_viewport_size(SIZES["phone"])
        page.wait_for_function(MAP_SHOWS, arg=0)
