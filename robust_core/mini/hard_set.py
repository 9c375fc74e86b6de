"""The miniature of ImageNet-A: those hard images that a baseline gets wrong, where that baseline is none of the
models shown.

The filter makes the set unfair to models like the filter, as ImageNet-A is to ResNet-50; its numbers stand beside the
unfiltered ones.
"""

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from robust_core.events import Progress
from robust_core.mini.identity import WORLD
from robust_core.mini.predictions import predict
from robust_core.mini.splits import TEST_HARD, render
from robust_core.mini.training import train
from robust_core.mini.weights import SHIPPED, load

FILTER_MODEL, FILTER_SEED = "mini_resnext", 9
WANTED = 1_024
INDEX_FILE = SHIPPED / "hard_filtered.json"


@dataclass(frozen=True)
class HardSet:
    """Indices into the split `test_hard` (N,), in order."""

    indices: Tensor


def stored() -> HardSet | None:
    """The shipped indices, or None when they belong to another world."""
    if not INDEX_FILE.exists():
        return None
    record = json.loads(INDEX_FILE.read_text("utf-8"))
    return HardSet(torch.tensor(record["indices"])) if record["generator"] == WORLD else None


def obtained(folder: Path, precision: str) -> Generator[Progress, None, HardSet]:
    """The shipped set, or one chosen anew when the world has changed."""
    return stored() or (yield from choose(folder, precision))


def choose(folder: Path, precision: str) -> Generator[Progress, None, HardSet]:
    """Train the filter in `folder`, unless it is there, and keep the first 1,024 hard images that it gets wrong."""
    filter_model = yield from train(FILTER_MODEL, FILTER_SEED, folder, precision=precision)
    hard = render(TEST_HARD)
    wrong = torch.nonzero(predict(load(filter_model.path), hard.pixels) != hard.shape).flatten()
    indices = wrong[:WANTED]
    record = {
        "generator": WORLD,
        "filter": filter_model.metadata,
        "wrong": len(wrong),
        "of": len(hard),
        "indices": indices.tolist(),
    }
    INDEX_FILE.write_text(json.dumps(record) + "\n", "utf-8")
    return HardSet(indices)
