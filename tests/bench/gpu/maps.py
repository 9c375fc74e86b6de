"""Every attribution method on both devices."""

from functools import partial

import torch

from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import PREDICTED
from robust_core.events import result_of
from tests.bench.gpu.cases import Bench, Case, Found
from tests.bench.gpu.judging import CORRELATION_LEAST, correlation, said
from tests.bench.gpu.machine import exactly
from tests.bench.gpu.networks import CPU, MINI, mini_images, real_model

PART = "maps"
FEW = {"samples": 64, "masks": 200, "pieces": 24, "steps": 16}
FEWEST = {"samples": 8, "masks": 50, "pieces": 8, "steps": 8}


def cases(bench: Bench) -> list[Case]:
    """One image of Mini, on whose network all methods hold."""
    return [Case(PART, f"{row.title}, {MINI}", 8, partial(_compared, bench, key)) for key, row in METHODS.items()]


def _compared(bench: Bench, method: str) -> Found:
    few = FEWEST if bench.small else FEW
    settings = {row.key: few[row.key] for row in METHODS[method].parameters if row.key in few}
    pixels, _ = mini_images(1)
    with exactly():
        reference, other = (_map(device, pixels, method, settings) for device in (CPU, bench.device))
    alike = correlation(torch.from_numpy(reference.map), torch.from_numpy(other.map))
    agrees = alike >= CORRELATION_LEAST and reference.target == other.target and reference.samples == other.samples
    words = f"correlation of the maps {alike:.6f}"
    if other.completeness_gap is not None and reference.completeness_gap is not None:
        words += f"; completeness gaps {reference.completeness_gap:.4f} and {other.completeness_gap:.4f} logits"
    return said(agrees), words + (f"; {reference.samples} and {other.samples} draws" if other.samples else "")


def _map(device: torch.device, pixels: torch.Tensor, method: str, settings: dict[str, int]) -> Attribution:
    return result_of(explain(real_model(MINI, device), pixels, method, PREDICTED, **settings))
