"""The device that models run on, and how much of its memory is in use."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robust_core import settings
from robust_core.errors import BadInput

if TYPE_CHECKING:
    import torch

KINDS = ("cuda", "mps", "cpu")
AMPERE = (8, 0)  # the first CUDA capability that multiplies in bfloat16 and in TF32
_exact = threading.Lock()
_exact_blocks: list[tuple[str, str]] = []  # what each block of `without_tf32` that is open found


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

    if torch.cuda.get_device_capability(device) < AMPERE:
        return "float32"
    convolutions = torch.backends.cudnn.conv  # type: ignore[attr-defined]  # set where the module is replaced
    parts = {"convolutions": convolutions, "matrix products": torch.backends.cuda.matmul}
    rounded = [name for name, backend in parts.items() if backend.fp32_precision == "tf32"]
    return f"float32 ({' and '.join(rounded)} in TF32)" if rounded else "float32"


def has_bfloat16(device: "torch.device") -> bool:
    """Whether `device` has units that multiply in bfloat16: CUDA from Ampere on, a CPU with AMX or AVX-512 BF16."""
    import torch

    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= AMPERE
    return device.type == "cpu" and (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def require_bfloat16(device: "torch.device") -> None:
    """Raise BadInput unless `device` has units that multiply in bfloat16."""
    if not has_bfloat16(device):
        raise BadInput(
            f"This device ({device.type.upper()}) has no units for bfloat16, so that it would only be slower; expected "
            "a GPU from Ampere on, or a CPU with AMX or AVX-512 BF16. Choose another precision."
        )


@contextmanager
def without_tf32() -> Iterator[None]:
    """float32 products with their whole mantissa on GPUs, from the first block that is entered in any thread to the end
    of the last.
    """
    import torch

    parts = torch.backends.cudnn.conv, torch.backends.cuda.matmul  # type: ignore[attr-defined]
    with _exact:
        _exact_blocks.append((parts[0].fp32_precision, parts[1].fp32_precision))
        _round_products(("ieee", "ieee"))
    try:
        yield
    finally:
        with _exact:
            found = _exact_blocks[0]
            _exact_blocks.pop()
            if not _exact_blocks:
                _round_products(found)


def _round_products(precisions: tuple[str, str]) -> None:
    """How convolutions and matrix products in float32 are rounded on GPUs."""
    import torch

    torch.backends.cudnn.conv.fp32_precision = precisions[0]  # type: ignore[attr-defined]
    torch.backends.cuda.matmul.fp32_precision = precisions[1]
