"""How long a visitor waits, and for how many bytes: start, page switch, slider, first visit, frame sequence and its
playback, in a real browser.

    python -m tests.bench.interface [--only start switch slider visit sequence playback] [--repeats 3]

Servers begin with an empty cache folder, so that Mini alone is ready; with ROBUST_LAB_TEST_DATA the slider
and the frame sequence are measured with real networks, too. The browser shares the machine with the server. Nothing is asserted.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench import traffic
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, Server, Visit, import_real

PARTS = ("start", "switch", "slider", "visit", "sequence", "playback")
HOME, WHAT_IF, PGD_STEPS = "/", "/what_if", "/pgd_steps"
MINI, REAL = "mini", "real networks"
WORLDS = {MINI: "world=Mini", REAL: "world=ImageNet&source=Photographs+from+Foolbox"}
SEVERITIES = 5
WITH_SEQUENCE = "n=1&steps=50"
REST_MS = 500  # after the end of the page's script, before the next thing is measured
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
BARS = "[...document.querySelectorAll('.live-chart')].map(chart => JSON.stringify(chart.data?.[0].x))"
PATHS = "links => links.map(link => new URL(link.href).pathname)"
SWITCH = """path => new Promise(resolve => {
  const heading = () => document.querySelector("h1");
  const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
  const before = heading().textContent, clicked = performance.now();
  let title = null;
  const look = () => {
    const now = heading(), seconds = (performance.now() - clicked) / 1000;
    if (now && now.textContent !== before && !now.closest("[data-stale=true]")) title ??= seconds;
    const ended = title !== null && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning";
    ended ? resolve([title, seconds]) : requestAnimationFrame(look);
  };
  links.find(link => new URL(link.href).pathname === path).click();
  look();
})"""
PLAYED_MS = 4000
PLAYED = """milliseconds => new Promise(resolve => {
  const begun = performance.now();
  let frames = 0, longest = 0, last = begun;
  const count = now => {
    frames += 1;
    longest = Math.max(longest, now - last);
    last = now;
    now - begun < milliseconds ? requestAnimationFrame(count) : resolve([frames / (now - begun) * 1000, longest]);
  };
  requestAnimationFrame(count);
})"""


@contextmanager
def serving(cache: Path | None = None) -> Iterator[Server]:
    """A cold server over `cache`, or over an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(cache or Path(folder), Path(folder) / "log").wait()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def visiting(browser: Browser, server: Server) -> Iterator[Visit]:
    """Somebody with an empty browser cache."""
    context = browser.new_context()
    try:
        yield Visit(context, server.url)
    finally:
        context.close()


def wait_for_predictions(page: Page) -> None:
    page.get_by_text("Computed now on").wait_for()


def measure_start(browser: Browser, repeats: int) -> None:
    """The first visit to a cold server, at home or on What if; and to both by somebody else, when models have
    answered.
    """
    seconds: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        seconds.setdefault(what, []).append(value)

    def open_page(server: Server, path: str, state: str) -> None:
        with visiting(browser, server) as visit:
            opened = time.perf_counter()
            page = visit.open(path).page
            note(f"`{path}`, {state} server: title", time.perf_counter() - opened)
            note(f"`{path}`, {state} server: first paint", page.evaluate(PAINT))
            if path == WHAT_IF:
                wait_for_predictions(page)
                note(f"`{path}`, {state} server: first response", time.perf_counter() - opened)

    for first in (HOME, WHAT_IF) * repeats:
        started = time.perf_counter()
        with serving() as server:
            note("server responds", time.perf_counter() - started)
            open_page(server, first, "cold")
            if first == WHAT_IF:
                open_page(server, HOME, "warm")
                open_page(server, WHAT_IF, "warm")
    show("seconds | fastest | median | slowest", [[what, *spread(values)] for what, values in seconds.items()])


def measure_switch(browser: Browser, server: Server, repeats: int) -> None:
    """By the menu from home to each page and back: from the click to the new title, and to the end of the page's
    script.
    """
    rows = []
    with visiting(browser, server) as visit:
        for path in paths(visit.open(HOME).page)[1:]:
            waits = [(switch(visit, path), switch(visit, HOME)) for _ in range(1 + repeats)]
            for way, seconds in zip((f"home → `{path}`", f"`{path}` → home"), zip(*waits, strict=True), strict=True):
                rows.append([way, *(cell for moment in zip(*seconds, strict=True) for cell in first_and_later(moment))])
    columns = "{0}: first visit | later, median | later, slowest"
    show(f"seconds | {columns.format('title')} | {columns.format('script ends')}", rows)


def paths(page: Page) -> list[str]:
    """The pages of the menu, home first."""
    return page.get_by_test_id("stSidebarNavLink").evaluate_all(PATHS)


def switch(visit: Visit, path: str) -> list[float]:
    """Seconds from the click, on a page at rest, to the title of the page at `path` and to the end of its script."""
    page = visit.settle().page
    page.wait_for_timeout(REST_MS)
    return page.evaluate(SWITCH, path)


def measure_slider(browser: Browser, servers: dict[str, Server]) -> None:
    """The severity on What if, all the way up and down again; on the way down the server knows the predictions, and no
    model is asked.
    """
    rows = []
    for world, server in servers.items():
        with visiting(browser, server) as visit:
            page = visit.open(f"{WHAT_IF}?{WORLDS[world]}&corruption=Contrast").page
            wait_for_predictions(page)
            for way, key in (("new predictions", "ArrowRight"), ("known predictions, so the rerun alone", "ArrowLeft")):
                rows.append([f"{world}: {way}", *spread([slide(page, key) for _ in range(SEVERITIES)])])
    show("seconds | fastest | median | slowest", rows)


def slide(page: Page, key: str) -> float:
    """Seconds from a key on the severity slider until every card shows its new, unfaded prediction."""
    page.wait_for_timeout(REST_MS)
    before = page.evaluate(BARS)
    page.get_by_test_id("stMain").get_by_role("slider").first.focus()
    started = time.perf_counter()
    page.keyboard.press(key)
    page.wait_for_function(
        f"before => {BARS}.every((one, i) => one !== before[i]) && "
        "[...document.querySelectorAll('.live-chart')].every(chart => chart.data?.[0].marker.opacity[0] === 1)",
        arg=before,
    )
    return time.perf_counter() - started


def measure_visit(browser: Browser, server: Server) -> None:
    """Every page by its address, by somebody with an empty browser cache, and once more by the same."""
    rows = []
    with visiting(browser, server) as visit:
        everywhere = paths(visit.open(HOME).page)
    for path in everywhere:
        with visiting(browser, server) as visit:
            first, again = (traffic.load(visit, path, REST_MS) for _ in range(2))
        rows.append(
            [
                f"`{path}`",
                *(
                    f"{size / 1e3:,.0f}"
                    for size in (*(first[kind] for kind in traffic.COLUMNS), first.total(), again.total())
                ),
            ]
        )
    show(f"kB on the wire | {' | '.join(traffic.COLUMNS)} | together | once more", rows)


def measure_sequence(browser: Browser, servers: dict[str, Server]) -> None:
    """A run of PGD steps on one image, and its frame sequence."""
    rows = []
    for world, server in servers.items():
        with visiting(browser, server) as visit:
            rows.append([world, *traffic.sequence(visit, f"{PGD_STEPS}?{WORLDS[world]}&{WITH_SEQUENCE}")])
    show(f"50 steps | {traffic.SEQUENCE_COLUMNS}", rows)


def measure_playback(browser: Browser, servers: dict[str, Server]) -> None:
    """The recorded attack as it plays on the stage: frames that the browser draws in a second, and the longest gap."""
    rows = []
    for world, server in servers.items():
        with visiting(browser, server) as visit:
            page = visit.open(f"{PGD_STEPS}?world={'Mini' if world == MINI else 'ImageNet'}").settle().page
            page.locator(".stage path.curve").first.wait_for()
            page.wait_for_timeout(REST_MS)
            page.locator(".stage button.play").click()
            per_second, longest_ms = page.evaluate(PLAYED, PLAYED_MS)
            rows.append([world, f"{per_second:.0f}", f"{longest_ms:.0f}"])
    show("stage while it plays | frames a second | longest gap, ms", rows)


def spread(values: Sequence[float]) -> list[str]:
    return [f"{value:.2f}" for value in (min(values), statistics.median(values), max(values))]


def first_and_later(values: Sequence[float]) -> list[str]:
    first, *later = values
    return [f"{value:.2f}" for value in (first, statistics.median(later), max(later))]


def show(columns: str, rows: list[list[str]]) -> None:
    """Print a table in Markdown; the first column is words."""
    print(
        f"| {columns} |\n|---|{'--:|' * columns.count('|')}",
        *(f"| {' | '.join(row)} |" for row in rows),
        sep="\n",
        flush=True,
    )


@contextmanager
def warm_servers(browser: Browser) -> Iterator[dict[str, Server]]:
    """A server for each world whose models are there; each has responded."""
    with tempfile.TemporaryDirectory() as cache, ExitStack() as stack:
        servers = {MINI: stack.enter_context(serving())}
        if "ROBUST_LAB_TEST_DATA" in os.environ:
            import_real(Path(cache))
            servers[REAL] = stack.enter_context(serving(Path(cache)))
        for world, server in servers.items():
            with visiting(browser, server) as visit:
                wait_for_predictions(visit.open(f"{WHAT_IF}?{WORLDS[world]}").page)
        yield servers


def announce(part: str) -> None:
    print(f"\n{part.capitalize()}, load average {', '.join(f'{load:.1f}' for load in os.getloadavg())}\n", flush=True)


def measure_warm(browser: Browser, only: Sequence[str], repeats: int) -> None:
    """The parts that are asked for and need no cold server."""
    with warm_servers(browser) as servers:
        parts: dict[str, Callable[[], None]] = {
            "switch": lambda: measure_switch(browser, servers[MINI], repeats),
            "slider": lambda: measure_slider(browser, servers),
            "visit": lambda: measure_visit(browser, servers[MINI]),
            "sequence": lambda: measure_sequence(browser, servers),
            "playback": lambda: measure_playback(browser, servers),
        }
        for part, measure in parts.items():
            if part in only:
                announce(part)
                measure()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--repeats", type=int, default=3, help="cold starts for either page, and switches to each page after the first"
    )
    options = parser.parse_args()
    started = time.perf_counter()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if "start" in options.only:
            announce("start")
            measure_start(browser, options.repeats)
        if set(options.only) != {"start"}:
            measure_warm(browser, options.only, options.repeats)
        browser.close()
    print(f"\nThe whole took {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    main()
