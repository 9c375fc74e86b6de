"""Thirty sessions for half an hour: they turn to other pages, run attacks, upload images, leave and come back. What the
server holds meanwhile, and what its visitors wait.

    python -m tests.bench.soak [--sessions 30] [--minutes 30]

The clients speak Streamlit's protocol and share the machine with the server. Nothing is asserted.
"""

import argparse
import asyncio
import io
import tempfile
import time
from itertools import count
from pathlib import Path
from random import Random

import numpy as np
import psutil
from PIL import Image

from tests.bench.load import CountingServer, quantile
from tests.bench.visitor import FIRST_PAGE, IMAGES, STEPS, Visitor
from tests.faults.doors import Uploader

PAGES = ("", "what_if", "shape_or_texture", "attributions", "features", "benchmarks", "models")
LONGEST_PAUSE_SECONDS = 20
UPLOAD_PX = 1024


class Soak:
    """The sessions, what they waited, and what went wrong."""

    def __init__(self, server: CountingServer):
        self.server, self.seeds = server, count(1)
        self.reruns: list[float] = []
        self.runs: list[float] = []
        self.errors: list[str] = []
        self.uploads = 0

    async def visit(self, until: float) -> None:
        """One seat: visitor after visitor, each of whom does a few things and leaves."""
        while time.perf_counter() < until:
            visitor, chance = Visitor(self.server, seed := next(self.seeds)), Random(seed)
            try:
                await visitor.open()
                for _ in range(chance.randint(3, 12)):
                    await asyncio.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
                    await chance.choice((self.wander, self.wander, self.attack, self.upload))(visitor, chance)
                    if time.perf_counter() > until:
                        break
            except (TimeoutError, OSError) as error:
                self.errors.append(repr(error))
            self.errors += visitor.errors
            await visitor.close()

    async def wander(self, visitor: Visitor, chance: Random) -> None:
        """Turn to another page."""
        self.reruns.append(await visitor.turn_to(chance.choice(PAGES), "world=Mini"))

    async def attack(self, visitor: Visitor, chance: Random) -> None:
        """Back to the PGD page, an attack of one's own, and one rerun when it is done."""
        query = f"world=Mini&n={IMAGES}&steps={STEPS}&set_seed={chance.randrange(100_000)}"
        self.reruns.append(await visitor.turn_to(FIRST_PAGE, query))
        self.runs.append(await visitor.press_run())
        await visitor.at_rest()
        self.reruns.append(await visitor.rerun())

    async def upload(self, visitor: Visitor, chance: Random) -> None:
        """Bring an image that nobody else has to What if, where it is predicted."""
        self.reruns.append(await visitor.turn_to("what_if", "world=ImageNet"))
        rgb = np.random.default_rng(chance.randrange(2**32)).integers(0, 256, (UPLOAD_PX, UPLOAD_PX, 3), dtype=np.uint8)
        Image.fromarray(rgb).save(file := io.BytesIO(), "JPEG")
        sender = Uploader(self.server.url, visitor.session)
        name = f"{chance.randrange(10**9)}.jpg"
        status, said = await asyncio.to_thread(sender.put, name, file.getvalue())
        self.uploads += 1
        if status >= 400:
            self.errors.append(f"upload: {status} {said}")
            return
        self.reruns.append(await visitor.bring(name))
        await visitor.at_rest()

    async def watch(self, until: float) -> None:
        """A line a minute of what the server holds and what its visitors waited in that minute."""
        process, begun = psutil.Process(self.server.process.pid), time.perf_counter()
        print(
            "minute | memory, MB | descriptors | threads | reruns | p50, s | p95, s | runs | p95, s | uploads | errors"
        )
        while time.perf_counter() < until:
            first, ran = len(self.reruns), len(self.runs)
            await asyncio.sleep(60)
            reruns, runs = self.reruns[first:], self.runs[ran:]
            held = [process.memory_info().rss // 10**6, process.num_fds(), process.num_threads(), len(reruns)]
            waits = [
                f"{quantile(reruns, 50):.2f}",
                f"{quantile(reruns, 95):.2f}",
                len(runs),
                f"{quantile(runs, 95):.1f}",
            ]
            minute = round((time.perf_counter() - begun) / 60)
            print(*[minute, *held, *waits, self.uploads, len(self.errors)], sep=" | ", flush=True)


async def soak(server: CountingServer, sessions: int, minutes: float) -> None:
    first = Visitor(server, 0)
    await first.open()  # from here on PyTorch and the models are there
    await first.press_run()
    await first.close()
    whole, until = Soak(server), time.perf_counter() + 60 * minutes
    await asyncio.gather(whole.watch(until), *(whole.visit(until) for _ in range(sessions)))
    for error in sorted(set(whole.errors)):
        print(f"    {whole.errors.count(error)} times: {error}")
    print(f"all | p95 of reruns {quantile(whole.reruns, 95):.2f} s, n = {len(whole.reruns)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = CountingServer(Path(folder))
        server.wait()
        try:
            asyncio.run(soak(server, options.sessions, options.minutes))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
