"""PGD runs computed anew as the server computes them, on the thread of a queue with all cores: seconds to the first point
of the first curve, and in all, warm and cold.

    python -m tests.bench.default_runs [--rounds 3]
"""

import argparse
import time
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import torch

from robust_core.allocator import keep_freed_memory
from robust_core.attacks.pgd import AttackStep
from robust_core.data.drawn_sets import collection_images
from robust_core.jobs import JobQueue, Room
from robust_core.labels import IMAGENET, MINI
from robust_core.recordings.shipped import attack_request, photos
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest


def mini() -> AttackCurveRequest:
    """What the page PGD steps asks at first in Mini: 3 models, 64 images, 50 steps at 8/255."""
    return attack_request(MINI)


def photos_of_lite() -> AttackCurveRequest:
    """Three EfficientNet-Lite networks, all 20 photos, 20 steps at 0.5/255."""
    usual = attack_request(IMAGENET)
    threats = tuple(replace(threat, steps=20) for threat in usual.threats)
    return replace(usual, images=collection_images(photos(), 20, 0, IMAGENET), threats=threats)


RUNS = {"Mini, 3 × 64 images, 50 steps": mini, "Lite0 to 2, 3 × 20 photos, 20 steps": photos_of_lite}


def main() -> None:
    """Print a table row for each run and round; the first round loads the models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    keep_freed_memory()
    queue = JobQueue("bench", Room(9, 9, 9))
    print(f"{torch.get_num_threads()} CPU thread(s), PyTorch {torch.__version__}\n")
    print("| run | round | first point, s | all, s | processor, s |\n|---|---|--:|--:|--:|")
    for name, make in RUNS.items():
        for number in range(options.rounds):
            _print_round(queue, name, make(), number)
    queue.close()


def _print_round(queue: JobQueue, name: str, request: AttackCurveRequest, number: int) -> None:
    points: list[float] = []
    started, used = time.perf_counter(), time.process_time()

    def work() -> Generator[Any, None, AttackCurve]:
        events = attack_curve.run(request)
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return end.value
            if isinstance(event, AttackStep):
                points.append(time.perf_counter())
            yield event

    job = queue.submit((name, number), work, "bench")
    job.finished.wait()
    whole, processor = time.perf_counter() - started, time.process_time() - used
    which = "warm" if number else "cold"
    print(f"| {name} | {which} | {points[0] - started:.2f} | {whole:.1f} | {processor:.1f} |", flush=True)


if __name__ == "__main__":
    main()
