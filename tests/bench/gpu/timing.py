"""How long work takes on a device, and how much memory it holds at most."""

import gc
import time
from collections.abc import Callable
from statistics import median

import torch

WARM_UP = 2  # calls that do not count: libraries choose algorithms, memory is taken


def seconds_of(
    work: Callable[[], object], device: torch.device, calls: int, rounds: int, warm_up: int = WARM_UP
) -> float:
    """The median over rounds of the seconds that one call takes; on a GPU between two events on its stream."""
    for _ in range(warm_up if device.type == "cuda" else min(warm_up, 1)):
        work()
    measure = _on_gpu if device.type == "cuda" else _on_cpu
    return median(measure(work, calls) for _ in range(rounds)) / calls


def _on_gpu(work: Callable[[], object], calls: int) -> float:
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    for _ in range(calls):
        work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000


def _on_cpu(work: Callable[[], object], calls: int) -> float:
    started = time.process_time()
    for _ in range(calls):
        work()
    return time.process_time() - started


class Memory:
    """What tensors on a GPU hold: `held` bytes before, and the most since `watch`; nothing is counted on a CPU."""

    def __init__(self, device: torch.device):
        self.device, self.held = device, 0
        if device.type == "cuda":
            torch.cuda.synchronize()
            self.held = torch.cuda.memory_allocated(device)

    def watch(self) -> None:
        """Begin to count, after what is only built on the way has gone."""
        if self.device.type == "cuda":
            gc.collect()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)

    def most_gb(self) -> float | None:
        """The most at once beyond what was held before."""
        if self.device.type != "cuda":
            return None
        torch.cuda.synchronize()
        return (torch.cuda.max_memory_allocated(self.device) - self.held) / 1e9
