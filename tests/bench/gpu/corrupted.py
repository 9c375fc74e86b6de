"""All corruptions on both devices, group by group, which share their random draws."""

from functools import partial

from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.table import CORRUPTIONS
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import judge_levels
from tests.bench.gpu.machine import exactly
from tests.bench.gpu.networks import mini_images, photos

PART = "corruptions"
SEVERITY = 3


def cases(bench: Bench) -> list[Case]:
    """Photos of 224 px, or images of Mini in a small run."""
    groups = dict.fromkeys(row.group for row in CORRUPTIONS.values())
    return [Case(PART, f"{group}, severity {SEVERITY}", 15, partial(_compared, bench, group)) for group in groups]


def _compared(bench: Bench, group: str) -> Found:
    pixels = mini_images(2)[0] if bench.small else photos(8, "resnet50")[0]
    names = [name for name, row in CORRUPTIONS.items() if row.group == group]
    with exactly():
        pairs = {
            name: (
                corrupt(pixels, name, SEVERITY, 0),
                corrupt(pixels.to(bench.device), name, SEVERITY, 0).cpu(),
            )
            for name in names
        }
    return judge_levels(pairs)
