"""Weight files of any age read as tensors and nothing else: no code in a file is ever run."""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from robust_core.errors import WeightsUnavailable

ZIP_MAGIC = b"PK\x03\x04"


def read_checkpoint(path: Path) -> Any:
    """What the file at `path` holds, on the CPU: safetensors, torch's zip format (memory-mapped), or its legacy format before 1.6.

    Tensors stand in memory at most once. Raises WeightsUnavailable when the file is damaged, or holds anything but tensors and
    plain containers.
    """
    try:
        if is_safetensors(path):
            return safetensors.torch.load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=_starts_with(path, ZIP_MAGIC))
    except pickle.UnpicklingError as error:
        raise WeightsUnavailable(
            f"{path.name} was refused: it is damaged or holds more than weights, and code from a weight file is never run; "
            "save its state_dict alone, best as .safetensors."
        ) from error
    except Exception as error:  # a damaged file can make its parser raise anything
        raise WeightsUnavailable(f"{path.name} cannot be read as weights ({type(error).__name__}); it may be damaged or cut short.") from error


def extract_state(checkpoint: Any, repair: Callable[[Mapping], Mapping[str, Tensor]]) -> Mapping[str, Tensor] | None:
    """The state dict that `repair` finds in `checkpoint`; None when the container is of another kind."""
    try:
        state = repair(checkpoint)
    except (KeyError, TypeError, AttributeError, IndexError):
        return None
    is_state = isinstance(state, Mapping) and all(isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items())
    return state if state and is_state else None


def is_safetensors(path: Path) -> bool:
    """Whether the file begins as the safetensors format does: the header's length in eight bytes, then a JSON object."""
    with path.open("rb") as file:
        length, opening = int.from_bytes(file.read(8), "little"), file.read(1)
    return opening == b"{" and 2 <= length <= path.stat().st_size - 8


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
