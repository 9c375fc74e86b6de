"""What an attack leaves when it is computed in another precision: accuracy, loss and seconds, side by side.

    ROBUST_LAB_TEST_DATA=… python -m tests.bench.strength [--images 16] [--mini-images 64] [--models lite0 …]
                                                         [--last-steps 0 5]

PGD, untargeted, L∞, steps of ε/10 from the clean image. An image counts as left where no step fooled the network, as
judged by the passes of that precision: in bfloat16 by the network itself in float32. The loss is the mean cross-entropy
after the last step. The precisions take turns at each ε, and seconds are processor time, which other users of the
machine lengthen least. `--last-steps` tries how many steps at the end of an attack in bfloat16 are computed in float32.
Rows of the registry that say nothing of bfloat16 are measured too; what they may say follows from this table. A network
without batch norm has no row for the folded copy.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from robust_core.attacks.pgd import AttackStep, pgd
from robust_core.attacks.precision import BFLOAT16, FLOAT32, FLOAT32_FOLDED, PRECISIONS, Precision
from robust_core.attacks.threat import ThreatModel
from robust_core.data.drawn_sets import synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.images import decode, stack, to_pixels
from robust_core.labels import IMAGENET
from robust_core.models.imports import import_file
from robust_core.models.loading import LoadedModel, load
from tests.benchmark.trees import photographs

FILES = {  # weights of ROBUST_LAB_TEST_DATA, and their architecture
    "squeezenet": ("squeezenet1_0_*.pth", "squeezenet1_0"),
    "mobilenet": ("mobilenet_v2_*.safetensors", "mobilenet_v2"),
}
PACKAGED = {"lite0": "efficientnet_lite0", "lite1": "efficientnet_lite1"}
MINI = {"mini": "mini_resnext", "mini_at8": "mini_resnext_at8"}
REAL_LEVELS, MINI_LEVELS, STEPS = (0.1, 0.25, 0.5, 1.0), (4.0, 8.0), (10, 50)


@dataclass(frozen=True)
class Outcome:
    """How many of `n` images an attack left, their mean loss, and the seconds that it took."""

    left: int
    n: int
    loss: float
    seconds: float


def main() -> None:
    """Measure what the command line names and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.strength", description=__doc__.splitlines()[0])
    names = (*MINI, *FILES, *PACKAGED)
    parser.add_argument("--models", nargs="+", default=names, choices=names, metavar="NAME")
    parser.add_argument("--images", type=int, default=16, help="photos for each real network")
    parser.add_argument("--mini-images", type=int, default=64)
    parser.add_argument("--last-steps", type=int, nargs="+", default=[BFLOAT16.float32_last_steps])
    options = parser.parse_args()
    precisions = [FLOAT32, FLOAT32_FOLDED, *(_last(steps) for steps in dict.fromkeys(options.last_steps))]
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread(s)\n")
    print(
        "| network | ε·255 | steps | precision | left | of | loss | seconds | ratio |\n|---|--:|--:|---|--:|--:|--:|--:|--:|"
    )
    with tempfile.TemporaryDirectory() as cache:
        os.environ["ROBUST_LAB_CACHE"] = cache
        for name in options.models:
            model, images = _model(name), _images(name, options)
            here = [one for one in precisions if one.bfloat16 or not one.folded or model.serving is not model.network]
            for level in MINI_LEVELS if name in MINI else REAL_LEVELS:
                for steps in STEPS:
                    _print(name, level, steps, {one: _attacked(model, images, level, steps, one) for one in here})


def _last(steps: int) -> Precision:
    return replace(BFLOAT16, title=f"{BFLOAT16.title}, last {steps} float32", float32_last_steps=steps)


def _model(name: str) -> LoadedModel:
    """The network, whose row allows every precision here."""
    key = (MINI | PACKAGED).get(name, name)
    if name in FILES:
        pattern, architecture = FILES[name]
        import_file(next((Path(os.environ["ROBUST_LAB_TEST_DATA"]) / "weights").glob(pattern)), architecture, key, name)
    model = load(key, "cpu")
    allowed = replace(model.spec, architecture=replace(model.spec.architecture, bfloat16=True))
    return LoadedModel(allowed, model.network.body, model.device)


def _images(name: str, options: argparse.Namespace) -> ImageSet:
    if name in MINI:
        return synthetic_images(options.mini_images, 0)
    found = photographs(options.images)
    decoded = [replace(decode(one.data, one.name), label=one.label, label_space=IMAGENET) for one in found]
    return ImageSet.of(decoded, "photos", "spread evenly over the table of labels")


def _attacked(model: LoadedModel, images: ImageSet, level: float, steps: int, precision: Precision) -> Outcome:
    pixels = stack([to_pixels(images[place], model.spec.preprocess) for place in range(len(images))])
    labels = [images[place].label for place in range(len(images))]
    eps = level / 255
    threat = ThreatModel(
        "linf", eps, eps / 10, steps, "untargeted", "clean", 1, stop_at_success=False, seed=0, precision=precision.key
    )
    with _as_row(precision):
        started = time.process_time()
        made = [one for one in pgd(model, pixels, labels, threat) if isinstance(one, AttackStep)]
        seconds = time.process_time() - started
    left = torch.stack([one.correct for one in made]).all(0)
    return Outcome(int(left.sum()), len(left), float(made[-1].loss.mean()), seconds)


@contextmanager
def _as_row(precision: Precision) -> Iterator[None]:
    """The precision in place of its row of the table."""
    usual = PRECISIONS[precision.key]
    PRECISIONS[precision.key] = precision
    try:
        yield
    finally:
        PRECISIONS[precision.key] = usual


def _print(name: str, level: float, steps: int, found: dict[Precision, Outcome]) -> None:
    for precision, one in found.items():
        print(
            f"| {name} | {level:g} | {steps} | {precision.title} | {one.left} | {one.n} | {one.loss:.4f} | "
            f"{one.seconds:.2f} | {one.seconds / found[FLOAT32].seconds:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
