"""The device that models run on, and how much of its memory is in use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from robust_core import settings
from robust_core.errors import BadInput

if TYPE_CHECKING:
    import torch

KINDS = ("cuda", "mps", "cpu")


@dataclass(frozen=True)
class Memory:
    """Bytes in use by this process (CPU: its resident set) and bytes that the device has in all."""

    used_bytes: int
    total_bytes: int


def choose_device() -> "torch.device":
    """CUDA, then MPS, then CPU; `ROBUST_LAB_DEVICE` overrides. Of several GPUs, processes of torchrun take one each.

    Raises BadInput when the override names no device or one that this machine lacks.
    """
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    wanted = settings.device_name()
    if wanted is None:
        kind = next(kind for kind in KINDS if present[kind])
        rank = settings.local_rank()
        return torch.device(kind) if kind != "cuda" or rank is None else torch.device(kind, rank)
    kind = wanted.split(":")[0]
    if kind not in KINDS:
        raise BadInput(f"ROBUST_LAB_DEVICE is {wanted!r}; expected one of {', '.join(KINDS)}.")
    if not present[kind]:
        raise BadInput(f"ROBUST_LAB_DEVICE asks for {wanted!r}, but PyTorch sees no such device on this machine.")
    return torch.device(wanted)


def memory(device: "torch.device") -> Memory:
    """What this process holds on `device`, and what the device has."""
    import psutil
    import torch

    if device.type == "cuda":
        return Memory(torch.cuda.memory_reserved(device), torch.cuda.get_device_properties(device).total_memory)
    if device.type == "mps":
        return Memory(torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory())
    return Memory(psutil.Process().memory_info().rss, psutil.virtual_memory().total)


def describe(device: "torch.device") -> str:
    """The device's name as its maker gives it, for people."""
    import torch

    return {"cuda": lambda: torch.cuda.get_device_name(device), "mps": lambda: "Apple GPU", "cpu": lambda: "CPU"}[
        device.type
    ]()


def this_machine() -> str:
    """The processor and how many cores of it, the device that models run on, and how many threads PyTorch takes: what
    the last digits of a number depend on.
    """
    import os
    import platform

    import torch

    device = choose_device()
    where = "" if device.type == "cpu" else f", {describe(device)}"
    threads = torch.get_num_threads()
    return f"{platform.machine()}, {os.cpu_count()} cores, {threads} thread{'' if threads == 1 else 's'}{where}"


def precision(device: "str | torch.device") -> str:
    """In which precision networks run on `device`, in words: "float32", with what PyTorch computes in TF32, whose
    products have 10 bits of mantissa in place of 23; by its own default those are convolutions on GPUs from Ampere on.
    """
    if not str(device).startswith("cuda"):
        return "float32"  # without PyTorch, whose import takes seconds
    import torch

    if torch.cuda.get_device_capability(device) < (8, 0):
        return "float32"
    convolutions = torch.backends.cudnn.conv  # type: ignore[attr-defined]  # set where the module is replaced
    parts = {"convolutions": convolutions, "matrix products": torch.backends.cuda.matmul}
    rounded = [name for name, backend in parts.items() if backend.fp32_precision == "tf32"]
    return f"float32 ({' and '.join(rounded)} in TF32)" if rounded else "float32"
