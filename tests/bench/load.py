"""A class presses Run: how long it waits, what a session costs, and how often the same is computed; websocket clients,
a real server.

    python -m tests.bench.load [--sessions 1 10 30] [--seconds 300]

The clients speak Streamlit's protocol as a browser does, with its self-refreshing parts, but draw nothing; they share
the machine with the server. The page is PGD steps with the three models of Mini. Nothing is asserted.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from random import Random

import psutil

from tests.bench.visitor import PATIENCE_SECONDS, Visitor
from tests.e2e.conftest import ROOT, Server, free_port

JOBS = 3  # of one visitor: the run, for each of three models
RERUNS, LONGEST_PAUSE_SECONDS = 6, 5
BEGINS = "a job begins"
COUNTING_SERVER = f"""
from robust_core.jobs import JobQueue
run = JobQueue._run
def counted(queue, job):
    print({BEGINS!r}, flush=True)
    return run(queue, job)
JobQueue._run = counted
from streamlit.web.cli import main
main()
"""


class CountingServer(Server):
    """The dashboard's own server, which also writes a line for every job that begins."""

    def __init__(self, cache: Path):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.log = cache / "log"
        options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
        environment = {**os.environ, "ROBUST_LAB_CACHE": str(cache), "TORCH_HOME": str(cache), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", COUNTING_SERVER, "run", "app.py", *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self.log.open("w"), stderr=subprocess.STDOUT, env=environment
        )

    @property
    def jobs(self) -> int:
        return self.log.read_text().count(BEGINS)

    @property
    def rss_bytes(self) -> int:
        return psutil.Process(self.process.pid).memory_info().rss

    async def idle_seconds(self) -> float:
        """How long until the server does next to nothing for half a second."""
        started, process = time.perf_counter(), psutil.Process(self.process.pid)
        process.cpu_percent()
        while time.perf_counter() - started < PATIENCE_SECONDS:
            await asyncio.sleep(0.5)
            if process.cpu_percent() < 10:
                break
        return time.perf_counter() - started - 0.5


async def open_all(server: Server, seeds: list[int]) -> list[Visitor]:
    visitors = [Visitor(server, seed) for seed in seeds]
    await asyncio.gather(*(visitor.open() for visitor in visitors))
    return visitors


async def measure(server: CountingServer, seeds: list[int]) -> str:
    """One line of the table: a visitor for each of `seeds`, all of whom press Run at once; once all is done, each
    reruns the page a few times.
    """
    rss_bytes, jobs = server.rss_bytes, server.jobs
    visitors = await open_all(server, seeds)
    waits = await asyncio.gather(*(visitor.press_run() for visitor in visitors), return_exceptions=True)
    await asyncio.gather(*(visitor.at_rest() for visitor in visitors))
    reruns = [
        wait
        for times in await asyncio.gather(*map(rerun_now_and_then, visitors, range(len(visitors))))
        for wait in times
    ]
    gained_bytes = (server.rss_bytes - rss_bytes) / len(visitors)
    late = [f"{wait!r}" for wait in waits if isinstance(wait, BaseException)]
    errors = [error for visitor in visitors for error in visitor.errors] + late
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    seconds = [wait for wait in waits if isinstance(wait, float)]
    for error in sorted(set(errors)):
        print(f"    {errors.count(error)} times: {error}")
    return (
        f"{quantile(seconds, 50):.2f} | {quantile(seconds, 95):.2f} | {1000 * quantile(reruns, 50):.0f} | "
        f"{1000 * quantile(reruns, 95):.0f} | "
        f"{server.jobs - jobs} of {JOBS * len(seeds)} | {gained_bytes / 1e6:.1f} | {len(errors)}"
    )


async def rerun_now_and_then(visitor: Visitor, number: int) -> list[float]:
    """Reruns after pauses of 0 to 5 s by chance, so that thirty visitors ask for twelve a second, and not in step."""
    waits, chance = [], Random(number)
    for _ in range(RERUNS):
        await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
        try:
            waits.append(await visitor.rerun())
        except TimeoutError:
            visitor.errors.append(f"a rerun took more than {PATIENCE_SECONDS} s")
    return waits


def quantile(values: list[float], percent: int) -> float:
    """The smallest value that `percent` of all do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)] if values else float("nan")


async def walk_out(server: CountingServer, seeds: list[int]) -> str:
    """All press Run, each with a seed of their own, and close their tabs a moment later."""
    visitors, jobs = await open_all(server, seeds), server.jobs
    await asyncio.gather(*(visitor.click_run() for visitor in visitors))
    await asyncio.sleep(1)
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    begun = server.jobs - jobs
    idle_seconds = await server.idle_seconds()
    after = server.jobs - jobs - begun
    return (
        f"{len(seeds)} sessions pressed Run and left: {begun} jobs had begun, {after} began later; the server was "
        f"idle after {idle_seconds:.1f} s."
    )


async def visit(server: CountingServer, sessions: list[int]) -> None:
    seeds = count(1)
    await measure(server, [next(seeds)])  # PyTorch, the models and every library are there from now on
    print(
        "| sessions | what they run | click to result, s: p50 | p95 | rerun, ms: p50 | p95 | jobs run of those asked "
        "for | MB per session | errors |\n"
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    for number in sessions:
        shared = next(seeds)
        own = [next(seeds) for _ in range(number)]
        for manner, chosen in (
            ("the same", [shared] * number),
            ("the same again", [shared] * number),
            ("a seed each", own),
        ):
            print(f"| {number} | {manner} | {await measure(server, chosen)} |", flush=True)
    print(await walk_out(server, [next(seeds) for _ in range(max(sessions))]))
    print(f"The server then holds {server.rss_bytes / 1e6:,.0f} MB.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 10, 30])
    parser.add_argument("--seconds", type=float, default=300, help="after which it ends, with the lines that it has")
    options = parser.parse_args()
    started, loads = time.perf_counter(), [f"{load:.1f}" for load in os.getloadavg()]
    with tempfile.TemporaryDirectory() as folder:
        server = CountingServer(Path(folder)).wait()
        try:
            asyncio.run(asyncio.wait_for(visit(server, options.sessions), options.seconds))
        except TimeoutError:
            print(f"It ended after {options.seconds:g} s.")
        finally:
            server.stop()
    print(f"Load of the machine before: {', '.join(loads)}; the whole took {time.perf_counter() - started:.0f} s.")


if __name__ == "__main__":
    main()
