"""A class of thirty through the shipped lesson, timed: `python -m tests.bench.lesson [--students 30]`.

The lecturer is a real browser; students are HTTP clients that do what the page for phones does. Printed are, in
milliseconds, from a bet that is sent to its number on the lecturer's screen, from the lecturer's click on "Next" to the
new scene at every student, and what 200 students more take of the server's memory.
"""

import argparse
import statistics
import time
from pathlib import Path
from tempfile import mkdtemp

import psutil
from playwright.sync_api import sync_playwright

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, Server, settle
from tests.lesson.crowd import Crowd

SCENES, MORE = 12, 200
SEEN = "(text) => document.querySelector('.class-counter .bet')?.textContent === text"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--students", type=int, default=30)
    students = options.parse_args().students
    folder = Path(mkdtemp())
    server = Server(folder / "cache", folder / "log", ROBUST_LAB_VISITORS_EACH="400").wait()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{server.url}/lesson")
            report(*lesson(server, page, students))
            browser.close()
    finally:
        server.stop()


def lesson(server: Server, page, students: int) -> tuple[list[float], list[float], float]:
    """Milliseconds from bet to screen and from click to student, and bytes per student."""
    page.get_by_role("button", name="Prepare").wait_for()
    settle(page)
    page.get_by_role("button", name="Prepare").click()
    page.get_by_text("answers are prepared").wait_for(timeout=300_000)
    page.wait_for_timeout(2000)  # the page runs once more when the work is done
    page.get_by_role("button", name="Start a class").click()
    page.wait_for_function(SEEN, arg="0 of 0")
    code = page.get_by_role("heading", level=1).inner_text()
    crowd = Crowd(server.url, code, students)
    seen, moved = [], []
    for place in range(1, SCENES + 1):
        crowd.wait_for(place)
        sent = crowd.bet()
        page.wait_for_function(SEEN, arg=f"{students} of {students}", polling=20)
        seen.append(1000 * (time.perf_counter() - sent))
        page.get_by_role("button", name="Lock").click()
        page.get_by_role("button", name="Reveal").click()
        page.get_by_role("button", name="Reveal").wait_for(state="detached")
        page.wait_for_timeout(1500)
        if place < SCENES:
            clicked = time.perf_counter()
            page.get_by_role("button", name="Next", exact=True).click()
            moved += [1000 * (heard - clicked) for heard in crowd.wait_for(place + 1)]
    each = memory_each(server, code)
    crowd.close()
    return seen, moved, each


def memory_each(server: Server, code: str) -> float:
    """Bytes for each of so many students who come and listen."""
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    more = Crowd(server.url, code, MORE)
    more.wait_for(SCENES)
    after = process.memory_info().rss
    more.close()
    return (after - before) / MORE


def report(seen: list[float], moved: list[float], each: float) -> None:
    """Median, 95th percentile and maximum of both, and the memory."""
    for title, found in (("last bet → lecturer's screen", seen), ("“Next” → student", moved)):
        p95 = statistics.quantiles(found, n=20, method="inclusive")[-1]
        print(
            f"{title}: median {statistics.median(found):.0f} ms, p95 {p95:.0f}, most {max(found):.0f}, n = {len(found)}"
        )
    print(f"memory for each of {MORE} students more: {each / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
