"""The Mixing desk in a browser: the recorded frontier is seen, and the slider names another mix without a wait."""

from playwright.sync_api import expect


def test_the_slider_shows_the_numbers_of_another_mix_of_the_recorded_ladder(visit, fresh):
    page = visit(fresh).open("/mixing_desk?world=Mini").page
    page.wait_for_function("document.querySelector('.live-chart.js-plotly-plot')")
    expect(page.get_by_text("0.10 × Mini ResNeXt + 0.90 × Mini ResNeXt, adversarially trained").first).to_be_visible()
    slider = page.get_by_role("slider", name="α of Mini ResNeXt, adversarially trained, %")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("This mix has not been measured.")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("0.20 × Mini ResNeXt + 0.80 × Mini ResNeXt, adversarially trained").first).to_be_visible()
    rings = "document.querySelector('.live-chart').data.filter(({ name }) => name === 'chosen').length"
    page.wait_for_function(f"{rings} === 1")
