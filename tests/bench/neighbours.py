"""What others wait while one visitor does the worst: reruns of a page by an ordinary visitor, and the server's memory.

    python -m tests.bench.neighbours [--seconds 20] [--only images messages tabs files sockets]

Everybody shares the machine with the server. Nothing is asserted.
"""

import argparse
import asyncio
import io
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.bench.load import CountingServer, quantile
from tests.bench.visitor import FIRST_PAGE, Visitor
from tests.faults.doors import Uploader, half_requests

SIDE_PX = 6200  # 38 megapixels
IMAGES, TABS, RUNS, HALF = 12, 18, 50, 1100
FILE_BYTES = 24 * 2**20
PAUSE_SECONDS = 0.25
ELSEWHERE = "127.0.0.2"  # where that visitor's tabs come from
Deed = Callable[[CountingServer], Awaitable[None]]


async def images(server: CountingServer) -> None:
    """Twelve images of 38 megapixels each, 110 kB a file, again and again."""
    visitor = Visitor(server, 1, ELSEWHERE)
    await visitor.open()
    for number in range(IMAGES):
        Image.new("L", (SIDE_PX, SIDE_PX + number)).save(file := io.BytesIO(), "PNG")
        await visitor.turn_to("what_if", "world=ImageNet")
        await asyncio.to_thread(Uploader(server.url, visitor.session).put, f"{number}.png", file.getvalue())
        await visitor.bring(f"{number}.png")


async def messages(server: CountingServer) -> None:
    """As many messages as the socket takes."""
    visitor = Visitor(server, 2, ELSEWHERE)
    await visitor.open()
    asked = BackMsg(load_git_info=True).SerializeToString()
    while True:
        await visitor.socket.send(asked)
        await asyncio.sleep(0)  # the other visitor's client is in this loop, too


async def tabs(server: CountingServer) -> None:
    """Eighteen tabs, each of which asks for one attack after the other."""
    visitors = [Visitor(server, 1000 + number, ELSEWHERE) for number in range(TABS)]
    await asyncio.gather(*(one.open() for one in visitors))
    for run in range(RUNS):
        for number, one in enumerate(visitors):
            await one.turn_to(FIRST_PAGE, f"world=Mini&n=8&steps=5&set_seed={100 * run + number}")
            await one.click_run()


async def files(server: CountingServer) -> None:
    """Files of 24 MB without end."""
    visitor = Visitor(server, 3, ELSEWHERE)
    await visitor.open()
    sender, number = Uploader(server.url, visitor.session), 0
    while True:
        await asyncio.to_thread(sender.put, f"{(number := number + 1)}.png", bytes(FILE_BYTES))


async def sockets(server: CountingServer) -> None:
    """Eleven hundred requests that never end."""
    with ExitStack() as held:
        await asyncio.to_thread(held.enter_context, half_requests(server.url, HALF))
        await asyncio.sleep(3600)


DEEDS: dict[str, Deed] = {deed.__name__: deed for deed in (images, messages, tabs, files, sockets)}


@asynccontextmanager
async def meanwhile(deed: Deed | None, server: CountingServer) -> AsyncIterator[None]:
    """Somebody does this within the block."""
    task = asyncio.create_task(_suppressed(deed, server)) if deed else None
    try:
        yield
    finally:
        if task:
            task.cancel()


async def _suppressed(deed: Deed, server: CountingServer) -> None:
    with suppress(OSError, TimeoutError):  # sent away, as it should be
        await deed(server)


async def measure(name: str, server: CountingServer, seconds: float) -> str:
    """A line of the table: what an ordinary visitor waits for `seconds`."""
    ordinary = Visitor(server, 0)
    await ordinary.open()
    idle_bytes, most_bytes, waits = server.rss_bytes, 0, []
    async with meanwhile(DEEDS.get(name), server):
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            await asyncio.sleep(PAUSE_SECONDS)
            waits.append(await ordinary.rerun())
            most_bytes = max(most_bytes, server.rss_bytes - idle_bytes)
    await ordinary.close()
    told = [f"{1000 * quantile(waits, percent):.0f}" for percent in (50, 95, 100)]
    return " | ".join([name, str(len(waits)), *told, f"{most_bytes / 1e6:.0f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", nargs="+", choices=DEEDS, default=[*DEEDS])
    options = parser.parse_args()
    print("one visitor | reruns of another | p50, ms | p95, ms | slowest, ms | memory above idle, MB")
    for name in ("nothing", *options.only):
        with tempfile.TemporaryDirectory() as folder:
            server = CountingServer(Path(folder))
            server.wait()
            try:
                asyncio.run(warm(server))
                print(asyncio.run(measure(name, server, options.seconds)), flush=True)
            finally:
                server.stop()


async def warm(server: CountingServer) -> None:
    """PyTorch and Mini's models are there from now on."""
    first = Visitor(server, 0)
    await first.open()
    await first.press_run()
    await first.close()


if __name__ == "__main__":
    main()
