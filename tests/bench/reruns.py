"""What a rerun of each page costs the server, in processor time and in what it sends; one websocket client, a real
server.

    python -m tests.bench.reruns [--pages "PGD steps" "What if"] [--reruns 40]

The client speaks Streamlit's protocol and draws nothing. The server's work is counted by its processor time, so that
other programs on the machine matter little. Nothing is asserted.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import psutil

from tests.bench.load import CountingServer, quantile
from tests.bench.visitor import FIRST_PAGE, Visitor

UNCOUNTED_RERUNS = 5  # in which is made what is made once
PAGES = {
    "PGD steps": (FIRST_PAGE, ""),  # with a finished run
    "Story": ("", "world=Mini"),
    "What if": ("what_if", "world=Mini&n_synthetic=6"),
    "Shape or texture": ("shape_or_texture", "world=Mini"),
    "Attributions": ("attributions", "world=Mini"),
    "Compare attacks": ("compare_attacks", "world=Mini"),
    "Compare attacks, published": ("compare_attacks", "world=ImageNet&compare=Published"),
    "Benchmarks, scatter plot": ("benchmarks", "world=ImageNet&view=Scatter+plot"),
    "Benchmarks, leaderboard": ("benchmarks", "world=ImageNet&view=Leaderboard"),
    "Models": ("models", "world=ImageNet"),
}


def processor_ms(server: CountingServer) -> float:
    """What the server has taken of the processors so far."""
    times = psutil.Process(server.process.pid).cpu_times()
    return 1000 * (times.user + times.system)


async def measure(server: CountingServer, page: str, reruns: int) -> str:
    """One line of the table."""
    visitor = Visitor(server, 0)
    await visitor.open()
    await (visitor.press_run() if page == "PGD steps" else visitor.turn_to(*PAGES[page]))
    await visitor.at_rest()
    for _ in range(UNCOUNTED_RERUNS):
        await visitor.rerun()
    before_ms, bytes_before, elements_before = processor_ms(server), visitor.bytes, visitor.elements
    seconds = [await visitor.rerun() for _ in range(reruns)]
    taken_ms, elements, sent_bytes = (
        (after - before) / reruns
        for after, before in (
            (processor_ms(server), before_ms),
            (visitor.elements, elements_before),
            (visitor.bytes, bytes_before),
        )
    )
    await visitor.close()
    errors = f"{len(visitor.errors)}, such as {visitor.errors[0]}" if visitor.errors else "0"
    return (
        f"{page} | {taken_ms:.1f} | {1000 * quantile(seconds, 50):.0f} | {elements:.0f} | {sent_bytes / 1000:.0f} | "
        f"{errors}"
    )


async def visit(server: CountingServer, pages: list[str], reruns: int) -> None:
    print("| page | processor, ms | p50, ms | elements | kB | errors |\n|---|--:|--:|--:|--:|--:|")
    for page in pages:
        print(f"| {await measure(server, page, reruns)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", nargs="+", default=list(PAGES), choices=PAGES)
    parser.add_argument("--reruns", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = CountingServer(Path(folder)).wait()
        try:
            asyncio.run(visit(server, options.pages, options.reruns))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
