"""Images per second of the benchmark runner, with reading, preparing and writing, against the model alone on pixels
that are ready.

    python -m tests.bench.throughput [--models squeezenet1_0 mini_resnext] [--images 256] [--workers 0 1] [--rounds 3]

ImageNet models predict JPEG files: images of ROBUST_LAB_TEST_DATA, or drawings without it. Mini models predict
about images that are drawn meanwhile. The model is loaded before the clock starts. Contenders take turns, and the
best of their rounds counts: what disturbs a measurement only ever adds to it.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import torch

from robust_core.benchmark.executors import InProcess
from robust_core.benchmark.plans import collate, make_plan
from robust_core.benchmark.run_configs import RunConfig
from robust_core.benchmark.runner import run
from robust_core.events import result_of
from robust_core.labels import MINI
from robust_core.models import weights
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.loading import LoadedModel
from robust_core.models.pool import shared_pool
from tests.benchmark.trees import drawings, photographs, write_by_wnid


def main() -> None:
    """Measure what the command line names and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.throughput", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--models", nargs="+", metavar="KEY", default=[spec.key for spec in list_models() if weights.present(spec)]
    )
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{options.images} images, {torch.get_num_threads()} threads, best of {options.rounds} rounds, images "
        "per second\n"
    )
    ratios = [f"{workers} workers | ratio" for workers in options.workers]
    print(
        f"| model | device | model alone | {' | '.join(ratios)} |\n|---|---|--:|{'--:|' * 2 * len(ratios)}", flush=True
    )
    with tempfile.TemporaryDirectory() as folder:
        source = photographs if os.environ.get("ROBUST_LAB_TEST_DATA") else drawings
        few = source(min(options.images, 128))
        for copy in range(-(-options.images // len(few))):
            write_by_wnid(Path(folder) / "val", [type(one)(f"{copy}_{one.name}", one.label, one.data) for one in few])
        for key in options.models:
            print(_row(key, Path(folder), options), flush=True)


def _row(key: str, folder: Path, options: argparse.Namespace) -> str:
    spec = get_spec(key)
    config = RunConfig("mini" if spec.label_space == MINI else "imagenet", key, folder, limit=options.images)
    alone, with_runner = [], {workers: [] for workers in options.workers}
    with shared_pool().use(key) as model:
        ready = _ready(config)
        for _ in range(options.rounds):
            alone.append(_alone(model, ready))
            for workers, seconds in with_runner.items():
                seconds.append(_with_runner(config, workers))
    floor = options.images / min(alone)
    figures = [options.images / min(seconds) for seconds in with_runner.values()]
    cells = [f"{figure:.1f} | {figure / floor:.2f}" for figure in figures]
    return f"| {key} | {model.device} | {floor:.1f} | {' | '.join(cells)} |"


def _ready(config: RunConfig) -> torch.Tensor:
    plan = make_plan(config)
    images = plan.dataset()
    batches = [collate([images[number, place] for place in unit.places]) for number, unit in enumerate(plan.units)]
    return torch.cat([batch.levels for batch in batches]).float() / 255


def _alone(model: LoadedModel, pixels: torch.Tensor) -> float:
    size = model.batches(*pixels.shape[-2:]).size
    started = time.perf_counter()
    with torch.inference_mode():
        for batch in pixels.to(model.device).split(size):
            model.logits(batch).cpu()
    return time.perf_counter() - started


def _with_runner(config: RunConfig, workers: int) -> float:
    with tempfile.TemporaryDirectory() as store:
        started = time.perf_counter()
        result_of(run(config, store=Path(store), executor=InProcess(workers)))
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
