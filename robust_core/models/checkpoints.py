"""Weight files of any age read as tensors and nothing else, and written as safetensors: no code in a file is ever run,
and none unpacks beyond bounds.
"""

import json
import pickle
import re
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipInfo

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from robust_core.errors import WeightsUnavailable
from robust_core.models import archives, pickles
from robust_core.models.archives import TooLarge
from robust_core.models.file_kinds import AGAIN, what_it_is
from robust_core.models.pickles import PickleContents

ZIP_MAGIC = b"PK\x03\x04"
# The number 0x1950a86a20f9469cfc6c, pickled, with which PyTorch before 1.6 begins a file (torch/serialization.py,
# MAGIC_NUMBER).
_LEGACY = re.compile(rb"\x80[\x02-\x05]\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19\.")
_LEGACY_PICKLES = 5  # that number, the protocol, the byte order, the checkpoint, the keys of its storages

MOST_UNPACKED = 16
"""How many times an archive that was packed anew may grow; float weights shrink by a tenth, those of a pruned network
to a few percent."""
ALWAYS_UNPACKED_BYTES = 64 << 20
MOST_HEADER_BYTES = 4 << 20
"""The longest header of a published safetensors file known to us is well below 1 MB."""
MOST_TENSORS = 20_000

NUMPY_ARRAYS = "holds NumPy arrays instead of tensors; convert each with torch.from_numpy and save them with torch.save"
_ARRAYS = re.compile(rb"numpy\._?core\.multiarray\n_reconstruct\n")
FIRST_BYTES = 1 << 16

warnings.filterwarnings("ignore", message="Validating sparse tensor invariants")  # it tells users nothing
warnings.filterwarnings("ignore", message="torch.quantize_per_tensor")
warnings.filterwarnings("ignore", message="Detected pickle protocol")  # a refusal says it in a sentence


def read_checkpoint(path: Path) -> Any:
    """What the file at `path` holds, on the CPU: safetensors, torch's zip format (memory-mapped), or its legacy format
    before 1.6.

    Tensors stand in memory at most once; what training scripts keep beside them is let in without what it holds
    (pickles.py). Raises WeightsUnavailable when the file is damaged, is no weight file, would unpack beyond bounds, or
    holds anything that could run.
    """
    try:
        return _reader(path)(path)
    except WeightsUnavailable:
        raise
    except (TooLarge, archives.BadZipFile) as error:
        raise WeightsUnavailable(f"{path.name} was refused: {error}, which no weight file needs; {AGAIN}.") from error
    except Exception as error:  # a damaged file can make its parser raise anything
        raise WeightsUnavailable(
            f"{path.name} cannot be read as weights ({type(error).__name__}); it may be damaged or cut short."
        ) from error


def write_safetensors(path: Path, state: Mapping[str, Tensor]) -> None:
    """Write dense tensors to `path` in the safetensors format, one after the other; raises OSError.

    The library's own function hides a full disk, writes to a temporary file of another name and lets nobody but the
    owner read the result.
    """
    names = {torch.bool: "BOOL", torch.bfloat16: "BF16"}
    header, end = {}, 0
    for key, tensor in state.items():
        letter = "F" if tensor.is_floating_point() else "I" if tensor.dtype.is_signed else "U"
        kind = names.get(tensor.dtype) or f"{letter}{8 * tensor.element_size()}"
        begin, end = end, end + tensor.numel() * tensor.element_size()
        header[key] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in state.values():
            file.write(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)


def extract_state(checkpoint: Any, repair: Callable[[Mapping], Mapping[str, Tensor]]) -> Mapping[str, Tensor] | None:
    """The state dict that `repair` finds in `checkpoint`; None when the container is of another kind."""
    try:
        state = repair(checkpoint)
    except (KeyError, TypeError, AttributeError, IndexError):
        return None
    is_state = isinstance(state, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items()
    )
    return state if state and is_state else None


def is_safetensors(path: Path) -> bool:
    """Whether the file begins as the safetensors format does: the header's length in eight bytes, then a JSON
    object.
    """
    with path.open("rb") as file:
        length, opening = int.from_bytes(file.read(8), "little"), file.read(1)
    return opening == b"{" and 2 <= length <= path.stat().st_size - 8


def _reader(path: Path) -> Callable[[Path], Any]:
    """How to read the file, by its content; raises WeightsUnavailable, with a sentence that says what it is, when it is
    no weight file.
    """
    if is_safetensors(path):
        return _read_safetensors
    with path.open("rb") as file:
        head = file.read(32)
    entry = _pickle_of(path) if head.startswith(ZIP_MAGIC) else None
    reader = partial(_read_zip, entry=entry) if entry else _read_legacy if _LEGACY.match(head) else None
    if reader is None:
        raise WeightsUnavailable(what_it_is(path))
    if path.suffix == ".safetensors":  # torch.load goes by this ending
        raise WeightsUnavailable(
            f"{path.name} cannot be read as safetensors: it is a PyTorch file (torch.save); call it .pth and import "
            "it again."
        )
    return reader


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
    if header_bytes > MOST_HEADER_BYTES:
        raise TooLarge(f"its header has {header_bytes / 1e6:,.0f} MB")
    with safetensors.safe_open(path, "pt") as file:
        count = len(file.keys())
    if count > MOST_TENSORS:
        raise TooLarge(f"it lists {count:,} tensors")
    return safetensors.torch.load_file(path)


def _pickle_of(path: Path) -> ZipInfo | None:
    """The entry of the archive at `path` with PyTorch's pickle; None when it is another archive, TorchScript's too."""
    try:
        held = archives.entries(path)
    except (archives.BadZipFile, ValueError, NotImplementedError):
        return None
    folder = held[0].filename.partition("/")[0] if held else ""
    names = {entry.filename: entry for entry in held}
    is_code = f"{folder}/constants.pkl" in names or any(entry.flag_bits & 1 for entry in held)  # or encrypted
    return None if is_code else names.get(f"{folder}/data.pkl")


def _read_zip(path: Path, entry: ZipInfo) -> Any:
    held = archives.entries(path)
    content = archives.read_entry(path, entry, pickles.MOST_BYTES)
    beside = sum(entry.file_size for entry in held if "/data/" not in entry.filename)
    _check_size(path, content, beside)
    unpacked, packed = sum(entry.file_size for entry in held), path.stat().st_size
    if unpacked > max(MOST_UNPACKED * packed, ALWAYS_UNPACKED_BYTES):
        raise TooLarge(f"its {packed / 1e6:,.1f} MB unpack to {unpacked / 1e6:,.0f} MB")
    stored = all(entry.compress_type == ZIP_STORED for entry in held)  # as torch.save writes it
    return _unpickled(path, pickles.look_through(content), mmap=stored)


def _read_legacy(path: Path) -> Any:
    with path.open("rb") as file:
        content = file.read(pickles.MOST_BYTES + 1)
    try:
        contents = pickles.look_through(content, _LEGACY_PICKLES)
    except ValueError:  # a pickle does not end where the reading did
        _check_size(path, content, len(content))
        raise
    return _unpickled(path, contents, mmap=False)


def _check_size(path: Path, content: bytes, pickle_bytes: int) -> None:
    if pickle_bytes <= pickles.MOST_BYTES:
        return
    if _ARRAYS.search(content[:FIRST_BYTES]):
        raise WeightsUnavailable(f"{path.name} {NUMPY_ARRAYS}.")
    raise TooLarge(f"its pickle has {pickle_bytes / 1e6:,.0f} MB or more")


def _unpickled(path: Path, contents: PickleContents, *, mmap: bool) -> Any:
    try:
        with pickles.admitted(contents):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        raise WeightsUnavailable(_refusal(path.name, contents, str(error))) from error


def _refusal(name: str, contents: PickleContents, error: str) -> str:
    """What PyTorch's safe unpickler does not take, and the Python that saves the file's weights anew."""
    foreign = re.search(r"GLOBAL ([\w.]{1,100})", error)
    if not foreign and contents.protocol > 2:
        return (
            f"{name} was refused: it was saved with pickle protocol {contents.protocol}; save it again with "
            "torch.save and no pickle_protocol."
        )
    if not foreign:
        return (
            f"{name} was refused: it is damaged or holds more than weights, and code from a weight file is never run; "
            "save its state_dict alone, best as .safetensors."
        )
    inside = next((key for key in ("state_dict", "model_state_dict", "model", "net") if key in contents.texts), None)
    weights = f'checkpoint["{inside}"]' if inside and not contents.starts_with_name else "checkpoint"
    what = f"a {foreign[1]} object beside its weights"
    if contents.is_network:
        what, weights = f"a whole network ({foreign[1]}) and not its weights alone", f"{weights}.state_dict()"
    return (
        f"{name} was refused: it holds {what}, and code from a weight file is never run; where you trust it, save its "
        "state_dict alone: "
        f'checkpoint = torch.load("{name}", weights_only=False); torch.save({weights}, "weights.pth").'
    )
