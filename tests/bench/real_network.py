"""How long the first page and the live work of a real network take, from the page: a cold server, an empty cache.

    python -m tests.bench.real_network

EfficientNet-Lite0, which the requirements bring, on the twenty photos of Foolbox. The browser shares the machine with
the server, and each time counts from the request or the click until nothing is computed any more and all is on the
screen. Nothing is asserted.
"""

import re
import time

from playwright.sync_api import Page, sync_playwright

from tests.bench.interface import REST_MS, serving, visiting
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

LITE = "world=ImageNet&models=EfficientNet-Lite0"
PREDICTED = """[...document.querySelectorAll('.live-chart')]
  .filter(chart => chart.data?.[0]?.customdata?.includes('bull mastiff')).length === 3"""
AT_REST = """quiet_ms => {
  const busy = [...document.querySelectorAll('button')].some(button => button.innerText.includes('Cancel'))
    || document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'notRunning';
  window.quietSince = busy ? null : window.quietSince ?? performance.now();
  return window.quietSince !== null && performance.now() - window.quietSince > quiet_ms;
}"""
QUIET_MS, PATIENCE_MS = 1_500, 600_000
WORK = {
    "PGD, 16 images, ε 4/255, 50 steps": (f"/pgd_steps?eps=4%2F255&{LITE}", "Run"),
    "corruption grid, 1 image, 15 × 5 and clean": (f"/what_if?{LITE}&more=Corruption+grid", "Run: 76"),
    "Grad-CAM, Integrated Gradients and occlusion, 1 image": (f"/attributions?{LITE}", "Explain"),
    "feature visualisation, 1 unit, 60 steps": (f"/features?{LITE}", "Run"),
}


def seconds_of(page: Page, label: str) -> float:
    """From the click on the button to the end: nothing is computed, and no script has run for QUIET_MS."""
    page.get_by_test_id("stMain").get_by_role("button", name=re.compile(f"^{label}")).click()
    started = time.perf_counter()
    page.get_by_role("button", name="Cancel").first.wait_for()
    page.wait_for_function(AT_REST, arg=QUIET_MS, timeout=PATIENCE_MS)
    return time.perf_counter() - started - QUIET_MS / 1000


def main() -> None:
    with sync_playwright() as playwright, serving() as server:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        print("| EfficientNet-Lite0, from the page | seconds |\n|---|--:|")
        with visiting(browser, server) as visit:
            started = time.perf_counter()
            visit.open("/")
            print(f"| first page of a cold server: title | {time.perf_counter() - started:.2f} |")
            visit.page.wait_for_function(PREDICTED)
            print(
                f"| first page of a cold server: predictions of three networks | {time.perf_counter() - started:.2f} |"
            )
        for title, (path, label) in WORK.items():
            with visiting(browser, server) as visit:
                page = visit.open(path).settle().page
                page.wait_for_timeout(REST_MS)
                print(f"| {title} | {seconds_of(page, label):.1f} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
