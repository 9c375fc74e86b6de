"""The Benchmarks page in a real browser: every view draws, takes away what it shows, and reopens from its link."""

import re
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import TimeoutError, expect

from robust_core.models.registry_mini import MINI_REGISTRY
from tests.benchmark.finished_runs import number, save_run
from tests.e2e.conftest import PATIENCE_MS, fits_in_both_looks, open_list, settle

CHARTS = {
    "Corruptions": "corruption_map",
    "PGD": "pgd_curves",
    "Perturbations": "sequence_bars",
    "Calibration": "calibration_dots",
    "Error kinds": "error_bars",
    "ImageNet-X": "factor_map",
    "Certificates": "certificate_curves",
    "Shape bias": "benchmark_axis",
    "Scatter plot": "metric_dots",
}
OWN = "our_own"
NO_TABLE = {"Check a number": "must be on this machine", "Run": "Images for each condition"}
GROUPS = {
    "Compare": ("Scatter plot", "Leaderboard", "Two models", "Shape bias"),
    "Look up": ("One model", "Corruptions", "PGD", "Perturbations", "Calibration")
    + ("Error kinds", "ImageNet-X", "Certificates"),
    "Reproduce": ("Check a number", "Run"),
}
VIEWS = ["Leaderboard", *CHARTS, "One model", "Two models", "Check a number", "Run"]


@pytest.fixture(scope="session")
def with_runs(serve, tmp_path_factory):
    """A server with an empty cache but for two runs on the same 400 images."""
    cache = tmp_path_factory.mktemp("runs")
    for spec, right in zip(MINI_REGISTRY[:2], (200, 260), strict=True):
        predicted = {"": {"correct": np.arange(400) < right}}
        row = number(spec.key, value=right / 4, n=400, protocol="four hundred of our own")
        save_run(
            cache / "runs" / "benchmarks", spec.key, [row], predicted, experiment=OWN, images_digest="four hundred"
        )
    return serve(cache)


def open_view(visit, server, view, world="ImageNet", more="", **options):
    return visit(server, **options).open(f"/benchmarks?world={world}&view={view.replace(' ', '+')}{more}").settle().page


def look_at(page, view):
    group = next(title for title, views in GROUPS.items() if view in views)
    page.get_by_role("radio", name=group, exact=True).click()
    page.get_by_role("radio", name=view, exact=True).click()
    expect(page.get_by_role("radio", name=view, exact=True)).to_be_checked()


def open_settings(page):
    """Unfold the panel, which stays open while its title changes."""
    panel = page.locator(".st-key-benchmark_settings details")
    if panel.count() and panel.get_attribute("open") is None:
        panel.locator("summary").click()


def choose(page, box, option):
    """By the settings, also those of a view that is still coming in place of another."""
    combobox = page.get_by_test_id("stMain").get_by_role("combobox", name=box)
    for _ in range(PATIENCE_MS // 1000):
        open_settings(page)
        with suppress(TimeoutError):
            combobox.wait_for(timeout=1000)
            break
    settle(page)  # a page that runs anew closes its lists
    open_list(combobox)
    page.keyboard.type(option)
    page.get_by_role("option", name=option).first.click()


def download(page):
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="This table as CSV").first.click()
    return pd.read_csv(download.value.path(), keep_default_na=False)


def wait_for_chart(page, key):
    page.wait_for_function(f"document.querySelector('.st-key-{key} .live-chart')?.data?.length")
    return page.locator(f".st-key-{key} .live-chart")


def test_the_leaderboard_is_narrowed_and_taken_away_as_shown(visit, with_runs):
    page = open_view(visit, with_runs, "Leaderboard")
    expect(page.get_by_text("216 of 216 rows of this leaderboard")).to_be_visible()
    assert len(download(page)) == 216
    open_settings(page)
    page.get_by_role("button", name="Weakly supervised (WSL)").click()
    expect(page.get_by_text("4 of 216 rows of this leaderboard")).to_be_visible()
    table = download(page)
    assert table["Model"].tolist() == [f"ResNeXt-101 32x{width}d WSL" for width in (48, 32, 16, 8)]
    assert set(table["Badge"]) == {"PUBLISHED"}
    again = visit(with_runs).open(page.url.removeprefix(with_runs.url)).page
    expect(again.get_by_text("4 of 216 rows of this leaderboard")).to_be_visible()


def test_a_link_reopens_view_board_and_models(visit, with_runs):
    page = open_view(visit, with_runs, "Leaderboard")
    look_at(page, "Corruptions")
    choose(page, "Benchmark", "ImageNet-C, RobustBench")
    page.get_by_role("radio", name="5", exact=True).click()
    wait_for_chart(page, "severity_curves")
    expect(page.get_by_text("ImageNet-C, RobustBench, severity 5. n = 5,000")).to_be_visible()
    shown = download(page)
    again = visit(with_runs).open(page.url.removeprefix(with_runs.url)).page
    expect(again.get_by_text("ImageNet-C, RobustBench, severity 5. n = 5,000")).to_be_visible()
    pd.testing.assert_frame_equal(download(again), shown)


def test_the_link_lets_go_of_what_is_no_longer_offered(visit, with_runs):
    page = open_view(visit, with_runs, "Leaderboard", more="&benchmark=ImageNet-A&training=Weakly+supervised+(WSL)")
    choose(page, "Protocol", "Orhan 2019")
    expect(page.get_by_text("4 of 5 rows of this leaderboard")).to_be_visible()
    assert "protocol=Orhan" in page.url
    choose(page, "Benchmark", "ARES")
    expect(page.get_by_text("12 of 12 rows of this leaderboard")).to_be_visible()
    page.wait_for_url(lambda url: "protocol=Orhan" not in url and "training=" not in url)
    page.get_by_role("radio", name="Mini", exact=True).click()
    expect(page.get_by_text(re.compile(r"Top-1 accuracy on mini"))).to_be_visible()
    page.wait_for_url(lambda url: "benchmark=" not in url)


def test_models_stay_chosen_while_another_view_is_looked_at(visit, with_runs):
    page = open_view(visit, with_runs, "PGD", more="&a_models=ResNeXt-101+32x48d+WSL")
    wait_for_chart(page, "pgd_curves")
    assert set(download(page)["Model"]) == {"ResNeXt-101 32x48d WSL"}
    look_at(page, "One model")
    expect(page.get_by_text(re.compile(r"of \d+ numbers"))).to_be_visible()
    look_at(page, "PGD")
    wait_for_chart(page, "pgd_curves")
    assert set(download(page)["Model"]) == {"ResNeXt-101 32x48d WSL"}


def test_the_heat_map_has_a_cell_for_every_corruption_and_model(visit, with_runs):
    page = open_view(visit, with_runs, "Corruptions")
    (cells,) = wait_for_chart(page, "corruption_map").evaluate("chart => chart.data")
    assert len(cells["y"]) == 15
    assert len(cells["x"]) == 5
    table = download(page)
    assert table.query("Condition == 'glass blur'")["Value"].tolist() == pytest.approx(
        cells["z"][cells["y"].index("glass blur")]
    )


def test_two_hundred_dots_have_names_and_a_line(visit, with_runs):
    page = open_view(visit, with_runs, "Scatter plot")
    line, *families = wait_for_chart(page, "metric_dots").evaluate("chart => chart.data")
    assert line["line"]["dash"] == "dash"
    assert sum(len(family["text"]) for family in families) == 215, "ResNet-50 has 0%, which has no logit"
    assert any(
        words.startswith("ResNeXt-101 32x48d WSL<br>") and "effective robustness" in words
        for family in families
        for words in family["text"]
    )
    assert len(download(page)) == 216


def first_bars(page):
    """The best model's name and value on the bars of both scorings."""
    return page.evaluate(
        "[...document.querySelectorAll('.st-key-scorings .annotation-text')].slice(0, 2).map(one => one.textContent)"
    )


def test_imagenet_a_is_scored_anew_before_ones_eyes(visit, with_runs):
    page = open_view(visit, with_runs, "Leaderboard", more="&benchmark=ImageNet-A")
    wait_for_chart(page, "scorings")
    over_200 = first_bars(page)
    open_settings(page)
    for scored in ("1,000 classes", "200 classes", "1,000 classes"):  # without waiting
        page.get_by_role("radio", name=scored, exact=True).click()
        expect(page.get_by_role("radio", name=scored, exact=True)).to_be_checked()
    settle(page)
    page.wait_for_function(  # the chart follows a moment after the page
        "Number(document.querySelectorAll('.st-key-scorings .annotation-text')[1].textContent) < "
        f"{float(over_200[1]) - 15}"
    )
    again = visit(with_runs).open(page.url.removeprefix(with_runs.url)).settle().page
    wait_for_chart(again, "scorings")
    open_settings(again)
    expect(again.get_by_role("radio", name="1,000 classes", exact=True)).to_be_checked()
    assert first_bars(again) == first_bars(page)


def test_two_models_are_compared_on_the_same_images(visit, with_runs):
    first, second = (spec.title.replace(" ", "+") for spec in MINI_REGISTRY[:2])
    page = open_view(visit, with_runs, "Two models", "Mini", f"&first={first}&second={second}")
    if page.get_by_role("combobox", name="Experiment").count():  # the shipped runs are here as well
        choose(page, "Experiment", OWN)
    expect(page.get_by_text("difference +15.0 points")).to_be_visible()
    expect(page.get_by_text("only the second on 60")).to_be_visible()
    assert download(page).query("Protocol == 'four hundred of our own'")["Difference"].tolist() == [15.0]


def test_every_view_fits_a_phone(visit, with_runs):
    page = open_view(visit, with_runs, "Leaderboard", viewport={"width": 390, "height": 844}, color_scheme="dark")
    for view in VIEWS:
        look_at(page, view)
        if view in CHARTS:
            wait_for_chart(page, CHARTS[view])
        shown = NO_TABLE.get(view, "This table as CSV")
        expect(page.get_by_test_id("stMain").get_by_text(shown).first).to_be_visible()
        fits_in_both_looks(page)


def test_a_number_is_checked_on_some_of_its_images(visit, with_runs):
    page = open_view(visit, with_runs, "Check a number", "Mini", "&check_experiment=mini-A&check_n=128")
    expect(page.get_by_text("agree")).to_have_count(0)  # a link starts nothing
    page.get_by_role("button", name="Check").dblclick()
    expect(
        page.get_by_text(re.compile(r"They (do not )?agree: .* n = 128 was measured on images drawn with seed 0"))
    ).to_be_visible()
    page.get_by_role("spinbutton", name="Seed", exact=True).fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("was measured on")).to_have_count(0)  # another question
    expect(page.get_by_role("button", name="Check")).to_be_enabled()


def test_a_small_run_is_cancelled_taken_up_again_and_joins_the_other_numbers(visit, with_runs):
    page = open_view(visit, with_runs, "Run", "Mini", "&run_experiment=Mini-C&run_n=256")
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="Run", exact=True).click()
    main.get_by_role("button", name="Cancel").click()
    expect(main.get_by_text("Cancelled.")).to_be_visible()
    choose(page, "Images for each condition", "32")
    expect(main.get_by_text("--n 32")).to_be_visible()
    main.get_by_role("button", name="Run", exact=True).click()
    expect(main.get_by_role("button", name="This table as CSV")).to_be_visible(timeout=60_000)
    assert set(download(page)["n"]) == {32}
    look_at(page, "One model")
    expect(main.get_by_text("The link asks for")).to_have_count(0)
    assert "32 images drawn with seed 0" in " ".join(download(page)["Protocol"])


def test_a_long_run_is_a_command(visit, with_runs):
    page = open_view(visit, with_runs, "Run", "Mini", "&run_experiment=Mini+PGD&run_n=all")
    expect(page.get_by_text("too long for a page")).to_be_visible()
    expect(page.get_by_text("--experiment mini_pgd")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Run", exact=True)).to_have_count(0)
