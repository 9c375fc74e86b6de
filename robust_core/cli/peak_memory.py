"""The most memory that a piece of work holds at once."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

from robust_core.models.loading import LoadedModel

Result = TypeVar("Result")
STATUS = Path("/proc/self/status")


def with_peak(model: LoadedModel, work: Callable[[], Result]) -> tuple[Result, int | None]:
    """The result, and the most memory that `work` held at once: of the CUDA device, or of this process as Linux counts
    it.
    """
    if model.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(model.device)
        before = torch.cuda.memory_allocated(model.device)
        return work(), torch.cuda.max_memory_allocated(model.device) - before
    if not STATUS.exists():
        return work(), None
    Path("/proc/self/clear_refs").write_text("5")  # sets the high-water mark back
    before = _status_bytes("VmRSS")
    return work(), _status_bytes("VmHWM") - before


def _status_bytes(name: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])
