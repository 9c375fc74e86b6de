"""Units per second of the benchmark runner on Mini: drawing, corrupting, predicting and writing."""

import os
import tempfile
import time
from functools import partial
from pathlib import Path

from robust_core.benchmark.executors import InProcess
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import UnitDone, run
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.networks import MINI

PART = "runner"
SECONDS, SMALL_SECONDS = 8.0, 1.0


def cases(bench: Bench) -> list[Case]:
    """Mini-C, in this process alone and with others that read."""
    others = max(1, min(8, (os.cpu_count() or 1) - 1))
    workers = (0,) if bench.small else (0, others)
    return [Case(PART, f"mini-C, {n} other processes read", 30, partial(_measured, bench, n)) for n in workers]


def _measured(bench: Bench, workers: int) -> Found:
    """From the first unit that is done on, so that loading does not count."""
    config = RunConfig("mini_c", MINI, None, limit=16 if bench.small else 256)
    most = SMALL_SECONDS if bench.small else SECONDS
    done: list[float] = []
    with tempfile.TemporaryDirectory() as store:
        work = run(config, store=Path(store), executor=InProcess(workers))
        for event in work:
            if isinstance(event, UnitDone):
                done.append(time.perf_counter())
            if len(done) > 1 and done[-1] - done[0] > most:
                break
        work.close()
    if len(done) < 2:
        return "fail", f"{len(done)} units were done"
    rate = (len(done) - 1) / (done[-1] - done[0])
    return "measured", f"{rate:.2f} units of {config.limit} images a second, {rate * (config.limit or 0):.0f} images"
