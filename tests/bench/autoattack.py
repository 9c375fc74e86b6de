"""AutoAttack here and in pyautoattack, on the same network and images: accuracy left, passes and seconds.

    OMP_NUM_THREADS=1 python -m tests.bench.autoattack [--models mini_resnext_at8 ...] [--steps 100]

Mini models attack the first 48 images of Mini's test set, ImageNet models the twenty photos of Foolbox; SqueezeNet's
weights are those in ROBUST_LAB_TEST_DATA, and it is left out without them. Both begin from the same seed, of other
random numbers. Seconds are processor time, which other users of the machine lengthen least.
"""

import argparse
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from pyautoattack import AutoAttack
from torch import Tensor

from robust_core.attacks.autoattack import PARTS, QUERIES_PER_STEP
from robust_core.attacks.config import AttackConfig
from robust_core.attacks.counting import counted
from robust_core.attacks.search import attack
from robust_core.data import list_samples, read
from robust_core.data.synthetic import read_test_image
from robust_core.events import result_of
from robust_core.images import stack, to_pixels
from robust_core.intervals import wilson
from robust_core.models.catalogue import get_spec
from robust_core.models.loading import LoadedModel, load, load_network

DATA = os.environ.get("ROBUST_LAB_TEST_DATA")
MINI_IMAGES = 48
CASES = {  # eps
    "mini_resnext_at8": 8 / 255,
    "mini_resnext_wsl": 4 / 255,
    "mini_resnext": 4 / 255,
    "squeezenet1_0": 0.25 / 255,
    "efficientnet_lite0": 0.25 / 255,
}
SEED = 0


@dataclass(frozen=True)
class Row:
    """What one contender came to: how many images are right when clean, and after each part."""

    title: str
    left: list[int]
    forward_passes: int
    backward_passes: int
    seconds: float

    def cells(self, n: int) -> str:
        """The rest of its line of the table."""
        last = wilson(self.left[-1], n)
        left = " | ".join(str(count) for count in self.left)
        return (
            f"{self.title} | {left} | {last.estimate:.1%} [{last.low:.1%}, {last.high:.1%}] | "
            f"{self.forward_passes:,} | {self.backward_passes:,} | {self.seconds:,.0f} |"
        )


def main() -> None:
    """Measure what the command line names and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.autoattack", description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=list(CASES), choices=CASES, metavar="KEY")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--images", type=int, help="only the first so many")
    options = parser.parse_args()
    parts = " | ".join(part.title for part in PARTS)
    print(f"{torch.get_num_threads()} thread(s), PyTorch {torch.__version__}, {options.steps} steps\n")
    print(f"| model | ε · 255 | n | contender | right when clean | {parts} | accuracy left | forward | backward | s |")
    print(f"|---|--:|--:|---|--:|{'--:|' * len(PARTS)}--:|--:|--:|--:|", flush=True)
    for key in options.models:
        if key == "squeezenet1_0" and not DATA:
            print("ROBUST_LAB_TEST_DATA names no folder, so SqueezeNet is left out.")
            continue
        model = _model(key)
        pixels, labels = (every[: options.images] for every in _images(model))
        for row in (_ours, _theirs):
            cells = row(model, pixels, labels, CASES[key], options.steps).cells(len(labels))
            print(f"| {key} | {255 * CASES[key]:g} | {len(labels)} | {cells}", flush=True)


def _model(key: str) -> LoadedModel:
    if key != "squeezenet1_0":
        return load(key, "cpu")
    (path,) = Path(DATA, "weights").glob("squeezenet1_0_deepcompression-*.pth")
    return load_network(get_spec(key), path, torch.device("cpu"))


def _images(model: LoadedModel) -> tuple[Tensor, list[int]]:
    if model.spec.key.startswith("mini"):
        images = [read_test_image(place) for place in range(MINI_IMAGES)]
    else:
        images = [read(sample.id) for sample in list_samples("foolbox")]
    return stack([to_pixels(image, model.spec.preprocess) for image in images]), [image.label for image in images]


def _ours(model: LoadedModel, pixels: Tensor, labels: list[int], eps: float, steps: int) -> Row:
    started = time.process_time()
    found = result_of(attack(model, pixels, labels, AttackConfig("autoattack", "linf", eps, steps, SEED)))
    left, lefts = int(found.clean_correct.sum()), []
    for part in PARTS:
        lefts.append(left := left - found.broken_by.count(part.title))
    seconds = time.process_time() - started
    clean = int(found.clean_correct.sum())
    return Row("here", [clean, *lefts], found.forward_passes, found.backward_passes, seconds)


class _Log(logging.Handler):
    """The accuracies that pyautoattack says."""

    def __init__(self):
        super().__init__()
        self.said: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(("initial accuracy", "robust accuracy after")):
            self.said.append(float(message.split(": ")[1].split("%")[0]) / 100)


def _theirs(model: LoadedModel, pixels: Tensor, labels: list[int], eps: float, steps: int) -> Row:
    log, logger = _Log(), logging.getLogger("auto-attack")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(log)
    logger.propagate = False
    twin, count = counted(model)
    whole = AutoAttack(twin.network, norm="Linf", eps=eps, seed=SEED, version="standard", device="cpu")
    if steps != 100:
        whole.apgd.__init__(twin.network, n_iter=steps, eps=eps, seed=SEED, device="cpu", logger=logger)
        whole.apgd_targeted.__init__(twin.network, n_iter=steps, eps=eps, seed=SEED, device="cpu", logger=logger)
        whole.fab.n_iter, whole.square.n_queries = steps, QUERIES_PER_STEP * steps
    started = time.process_time()
    whole.run_standard_evaluation(pixels.contiguous(), torch.tensor(labels))
    seconds = time.process_time() - started
    logger.removeHandler(log)
    left = [round(share * len(labels)) for share in log.said]
    left += left[-1:] * (1 + len(PARTS) - len(left))  # where nothing is left, it stops
    return Row("pyautoattack", left, count.forward, count.backward, seconds)


if __name__ == "__main__":
    main()
