"""What a visitor meets on arrival: for every page, the first paint, the answer, what shifts, and what it weighs.

    python -m tests.bench.arrivals [--repeats 3]

A page is interactive when its title and all its controls stand and its script has ended. The answer is what the page has
computed or recorded, on the screen before any click. Seconds count from the server's first byte, on a cold server, one
that has just begun to respond, from the request. The last line is the least that Streamlit can do: an app of a title and
one chart. The browser shares the machine with the server. Nothing is asserted.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.bench.interface import PAINT, serving, show, visiting
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, Server

CHART = "[...document.querySelectorAll('.live-chart')].some(chart => chart.data?.length)"
ANSWERS = {
    "/": "document.querySelector('.hero[data-ready=yes]')",
    "/what_if": CHART,
    "/pgd_steps": "document.querySelector('.stage path.curve')",
    "/shape_or_texture": CHART,
    "/attributions": "document.querySelector('[class*=st-key-] [data-testid=stImage] img')",
    "/features": "document.querySelector('.film-player[data-ready=yes]') || " + CHART,
    "/benchmarks": CHART,
    "/models": "document.querySelector('[data-testid=stDataFrame]')",
}
SHIFT = """() => new Promise(done => {
  let sum = 0, others = 0;
  new PerformanceObserver(list => list.getEntries().filter(one => !one.hadRecentInput).forEach(one => {
    sum += one.value;
    if (!one.sources.some(source => source.node?.closest?.('[data-testid=stSidebar]'))) others += one.value;
  })).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done([sum, others]), 300);
})"""
INTERACTIVE = """document.querySelector("h1") && !document.querySelector("[data-testid=stSkeleton]")
  && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning" """
ARRIVED = """([interactive, answer]) => new Promise(done => {
  const begun = performance.getEntriesByType("navigation")[0].responseStart, seconds = [null, null];
  const tests = [interactive, answer].map(test => new Function(`return Boolean(${test})`));
  const look = () => {
    tests.forEach((test, place) => { if (seconds[place] === null && test()) seconds[place] = (performance.now() - begun) / 1000; });
    seconds.includes(null) ? requestAnimationFrame(look) : done([begun / 1000, ...seconds]);
  };
  look();
})"""
AT_REST_MS = 2500
ONE_CHART = """
import streamlit as st
st.title("One chart")
st.plotly_chart({"data": [{"type": "bar", "x": [1, 2, 3], "y": [3, 1, 2]}]})
"""
ONE_CHART_ANSWER = "document.querySelector('.js-plotly-plot .bars path')"


@contextmanager
def serving_one_chart() -> Iterator[Server]:
    """A cold server of an app that is nothing but a title and a chart."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "one_chart.py"
        script.write_text(ONE_CHART)
        server = type("OneChart", (Server,), {"script": str(script)})(Path(folder), Path(folder) / "log").wait()
        try:
            yield server
        finally:
            server.stop()


def arrive(browser: Browser, server: Server, path: str, answer: str) -> list[float]:
    """Seconds until the server answers, and from then to the first paint, until the page is interactive and to the
    answer; the layout shift with and without the sidebar's; DOM nodes.
    """
    with visiting(browser, server) as visit:
        page = visit.page
        page.goto(server.url + path)
        begun, interactive, answered = page.evaluate(ARRIVED, [INTERACTIVE, answer])
        page.wait_for_timeout(AT_REST_MS)
        nodes = page.evaluate("document.querySelectorAll('*').length")
        return [begun, page.evaluate(PAINT) - begun, interactive, answered, *page.evaluate(SHIFT), nodes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    places = [(f"`{path}`", path, answer, serving) for path, answer in ANSWERS.items()]
    places.append(("an app of one chart", "/", ONE_CHART_ANSWER, serving_one_chart))
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for named, path, answer, begin in places:
            with begin() as server:
                cold = arrive(browser, server, path, answer)
                arrive(browser, server, path, answer)
                visits = [arrive(browser, server, path, answer) for _ in range(repeats)]
                warm = [statistics.median(each) for each in zip(*visits, strict=True)]
            rows.append([named, *(f"{one:.2f}" for one in (cold[0] + cold[3], *warm[1:6])), f"{warm[6]:.0f}"])
        browser.close()
    show(
        "page | answer, cold server, s | warm: first paint, s | interactive, s | answer, s | layout shift | without the sidebar's"
        " | DOM nodes",
        rows,
    )


if __name__ == "__main__":
    main()
