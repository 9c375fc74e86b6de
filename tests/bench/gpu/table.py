"""What is printed: one table in Markdown, with the date, the card, the driver and the version of PyTorch above it."""

import platform
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date

import torch

from robust_core.models.device import precision
from tests.bench.gpu.cases import Bench, Row
from tests.bench.gpu.machine import UNKNOWN_CARD, card, driver, peak

HEAD = "| part | check | outcome | figure | s |\n|---|---|---|---|--:|"


def headline(bench: Bench) -> str:
    """Date, machine and versions; and by which peak the fractions count."""
    where = f"driver {driver()}, CUDA {torch.version.cuda}" if bench.on_gpu else "no GPU was measured"
    small = ", small networks and few images" if bench.small else ""
    lines = [
        f"{date.today():%Y-%m-%d}, {card(bench.device)}, {where}, PyTorch {torch.__version__}, Python "
        f"{platform.python_version()}, `python -m tests.bench.gpu {' '.join(sys.argv[1:])}`{small}.",
        f"As PyTorch comes, networks run here in {precision(bench.device)}.",
    ]
    if bench.on_gpu:
        found = peak(bench.device)
        lines.append(f"Matrix peaks: {found.source if found else UNKNOWN_CARD}.")
    return "\n".join(lines) + "\n"


def as_text(bench: Bench, rows: Sequence[Row]) -> str:
    """The table, and below it how many outcomes of each kind there are and how long all took."""
    counted = Counter(row.outcome for row in rows)
    summary = ", ".join(f"{n} {outcome}" for outcome, n in counted.items())
    left_out = [f"{row.part}: {row.what}" for row in rows if row.outcome == "left out"]
    lines = [HEAD, *(row.line for row in rows), "", f"{summary}; {bench.budget.spent:.0f} s in all."]
    if left_out:
        lines.append(f"Left out, as the time was over: {'; '.join(left_out)}.")
    return "\n".join(lines)
