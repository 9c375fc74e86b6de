"""What a class costs, and what one phone without manners does to the others: `python -m tests.bench.lesson_abuse`.

Printed are the memory of 200 classes of 30 with every bet made, and what becomes of 10,000 bets that one seat sends as
fast as it can, while another seat bets once a second.
"""

import statistics
import threading
import time
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

import requests

from robust_core.lesson.classrooms import MOST_CLASSES, Classrooms
from robust_core.lesson.lesson_file import shipped_lesson
from tests.e2e.conftest import Server
from tests.lesson.crowd import _vote

SEATS, VOTES, THREADS = 30, 10_000, 20


def main() -> None:
    print(f"{MOST_CLASSES} classes of {SEATS}, all bets made: {memory_of_classes() / 1e6:.0f} MB")
    folder = Path(mkdtemp())
    server = Server(folder / "cache", folder / "log").wait()
    try:
        flood(server.url, start_class(server.url))
    finally:
        server.stop()


def memory_of_classes() -> int:
    """Bytes of as many classes as there may be."""
    lesson, rooms = shipped_lesson(), Classrooms()
    tracemalloc.start()
    for _ in range(MOST_CLASSES):
        desk = rooms.start(lesson)
        seats = [desk.classroom.join() for _ in range(SEATS)]
        for place, scene in enumerate(lesson.scenes):
            desk.go(place)
            bet = {"kind": scene.bet.kind} | vars(scene.bet)
            for number, seat in enumerate(seats):
                for part in range(scene.bet.parts):
                    desk.classroom.vote(seat, scene.key, part, _vote(bet, number + part))
    return tracemalloc.get_traced_memory()[0]


def start_class(url: str) -> str:
    """The code of a class that a lecturer in a browser has started."""
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import ARGUMENTS, CHROMIUM

    playwright = sync_playwright().start()
    page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
    page.goto(f"{url}/lesson")
    page.get_by_role("button", name="Start a class").click()
    page.locator(".class-counter").wait_for()
    return page.get_by_role("heading", level=1).inner_text()


def flood(url: str, code: str) -> None:
    """One seat sends its bets; another's wait meanwhile is printed."""
    rude, patient = (joined(url, code) for _ in range(2))
    over, waits = threading.Event(), []

    def bet_once_a_second() -> None:
        while not over.wait(1):
            began = time.perf_counter()
            assert patient(1).ok
            waits.append(1000 * (time.perf_counter() - began))

    thread = threading.Thread(target=bet_once_a_second)
    thread.start()
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        codes = Counter(threads.map(lambda number: rude(number % 3).status_code, range(VOTES)))
    seconds = time.perf_counter() - began
    over.set()
    thread.join()
    print(f"{VOTES:,} bets of one seat in {seconds:.0f} s: {dict(codes)} by status")
    print(
        f"another seat's bet meanwhile: median {statistics.median(waits):.0f} ms, most {max(waits):.0f}, n = {len(waits)}"
    )


def joined(url: str, code: str):
    """A seat; what it is called with, it bets on the first scene."""
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    session.post(f"{url}/class/{code}/join", json={}, timeout=60).raise_for_status()
    key = session.post(f"{url}/class/{code}/join", json={}, timeout=60).json()["scene"]["key"]
    return lambda vote: session.post(f"{url}/class/{code}/vote", json={"scene": key, "vote": vote}, timeout=120)


if __name__ == "__main__":
    main()
