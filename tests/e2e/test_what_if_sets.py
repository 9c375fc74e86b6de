"""Calibration and unknown images in a real browser, on two real models."""

import os
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from robust_core.data import list_samples
from tests.e2e.conftest import fits_in_both_looks

pytestmark = pytest.mark.skipif(
    "ROBUST_LAB_TEST_DATA" not in os.environ, reason="ROBUST_LAB_TEST_DATA names no folder with real weights"
)
IMAGES = urlencode({"images": [one.title for one in list_samples("foolbox")][:8]}, doseq=True)


def run(page, charts=4):
    """Press the section's button and wait for a chart of each model below its card."""
    page.get_by_role("button", name="Run: 8 images for each model").click()
    expect(page.locator(".live-chart")).to_have_count(charts)


def test_the_reliability_diagram_holds_every_image_once(visit, server):
    page = visit(server).open(f"/what_if?more_all=Calibration&{IMAGES}").page
    run(page)
    chart = page.locator(".live-chart").nth(2)
    page.wait_for_function("chart => chart.data?.length === 3", arg=chart.element_handle())
    accuracies = chart.evaluate("chart => chart.data[1].y")
    assert 0 < len(accuracies) <= 8
    assert all(0 <= one <= 1 for one in accuracies)
    expect(page.get_by_text(re.compile("^ECE .*Scaling by T = "))).to_have_count(2)


def test_noise_is_told_apart_by_the_score_that_is_chosen(visit, server):
    page = visit(server).open(f"/what_if?more_all=Unknown+images&n_unknown=8&{IMAGES}").page
    run(page)
    chart = page.locator(".live-chart").nth(2)
    page.wait_for_function(
        "chart => chart.layout?.xaxis?.title?.text === 'Largest softmax probability'", arg=chart.element_handle()
    )
    shares = chart.evaluate("chart => chart.data.map((trace) => trace.y.reduce((sum, one) => sum + one, 0))")
    assert shares == pytest.approx([1, 1])
    page.get_by_role("radio", name="Largest logit").or_(page.get_by_role("button", name="Largest logit")).first.click()
    page.wait_for_function("chart => chart.layout.xaxis.title.text === 'Largest logit'", arg=chart.element_handle())
    assert "score=Largest" in page.url


@pytest.mark.parametrize("section", ["Calibration", "Unknown+images"])
def test_the_sections_on_a_phone(visit, server, section):
    phone = visit(server, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = phone.open(f"/what_if?more_all={section}&{IMAGES}").page
    run(page)
    fits_in_both_looks(page)


def test_the_jpeg_of_the_stored_sets_changes_the_prediction_and_is_in_the_link(visit, server):
    page = visit(server).open("/what_if?corruption=Gaussian+noise&severity=3").page
    expect(page.get_by_text("Gaussian noise, severity 3, seed 0: live corruption")).to_be_visible()
    page.get_by_role("button", name="Reproducibility").click()
    page.get_by_text("Store as JPEG, quality 85").click()
    expect(page.get_by_text("JPEG of quality 85, as stored.")).to_be_visible()
    page.wait_for_function("() => location.search.includes('as_stored=true')")
