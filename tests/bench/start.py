"""How long a visitor waits: server start, first paint, title, first answer, and the severity slider, in a real browser.

    python -m tests.bench.start [--runs 3] [--link "/what_if?world=Mini"]

Every run starts a cold server with the cache folder that ROBUST_LAB_CACHE names. Nothing is asserted.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, Server

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime / 1000"
SLIDES = 5


def measure(browser, link: str) -> dict[str, float]:
    cache = Path(os.environ.get("ROBUST_LAB_CACHE") or tempfile.mkdtemp())
    started = time.perf_counter()
    server = Server(cache, Path(tempfile.mkstemp(suffix=".log")[1])).wait()
    seconds = {"server answers": time.perf_counter() - started}
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    try:
        opened = time.perf_counter()
        page.goto(server.url + link)
        page.wait_for_selector("h1")
        seconds["title"] = time.perf_counter() - opened
        seconds["first paint"] = page.evaluate(PAINT)
        page.get_by_text("Computed now on").wait_for()
        seconds["first answer"] = time.perf_counter() - opened
        page.wait_for_timeout(2000)
        seconds["slider to answer"] = statistics.median(slide(page) for _ in range(SLIDES))
    finally:
        context.close()
        server.stop()
    return seconds


def slide(page) -> float:
    """Seconds from a key on the severity slider until every card shows its new, unfaded answer."""
    page.wait_for_timeout(700)
    bars = "[...document.querySelectorAll('.live-chart')].map(chart => JSON.stringify(chart.data?.[0].x))"
    before = page.evaluate(bars)
    page.get_by_test_id("stMain").get_by_role("slider").first.focus()
    started = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        f"before => {bars}.every((one, i) => one !== before[i]) && "
        "[...document.querySelectorAll('.live-chart')].every(chart => chart.data?.[0].marker.opacity[0] === 1)",
        arg=before,
    )
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--link", default="/what_if")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        runs = [measure(browser, options.link) for _ in range(options.runs)]
        browser.close()
    print("| seconds | fastest | median | slowest |\n|---|--:|--:|--:|")
    for name in runs[0]:
        values = sorted(run[name] for run in runs)
        print(f"| {name} | {values[0]:.2f} | {statistics.median(values):.2f} | {values[-1]:.2f} |")


if __name__ == "__main__":
    main()
