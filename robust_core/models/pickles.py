"""Pickles looked through before they are read: how long they are, which names they would look up, and what of that is
let in.

A name that weights need is let in by PyTorch's own safe unpickler. What training scripts keep beside the weights is let
in too, but never as itself: a stand-in that does nothing takes its place, so that nothing can run, whatever the real
thing does.
"""

import pickletools
import threading
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import torch

from robust_core.models.archives import TooLarge

MOST_BYTES = 32 << 20
"""A pickle of ResNet-152 has 0.1 MB; one with an optimizer's state and a long log has a few."""
MOST_STEPS = 500_000
MOST_COPIED_BYTES = 256 << 20
LONGEST_NAME = 100

_COPYING = {"_codecs.encode", "builtins.bytearray", "builtins.set"}


@dataclass(frozen=True)
class PickleContents:
    """What pickles would look up, in their order, the texts that they hold, and the newest protocol among them.

    `starts_with_name` says that one of them is an object of a class.
    """

    names: tuple[str, ...]
    texts: frozenset[str]
    protocol: int
    starts_with_name: bool

    @property
    def admitted(self) -> list[str]:
        """The names for which there are stand-ins."""
        return [name for name in self.names if name in _STAND_INS]

    @property
    def is_network(self) -> bool:
        """Whether a whole network was pickled, not its weights."""
        return any(name.startswith(("torch.nn.modules.", "torch.nn.parallel.", "torch.fx.")) for name in self.names)


def look_through(content: bytes, pickles: int = 1) -> PickleContents:
    """What so many pickles at the beginning of `content` hold, without unpickling anything.

    Raises TooLarge, or ValueError when there are fewer pickles or they are damaged.
    """
    names: dict[str, None] = {}
    texts: list[str | bytes] = []
    protocol, calls, starts_with_name = 0, 0, False
    for step, argument, is_first in _steps(content, pickles):
        if step == "GLOBAL":
            names[_todays_name(*argument.split(" ", 1))] = None
            starts_with_name |= is_first
        elif step == "PROTO":
            protocol = max(protocol, argument)
        elif isinstance(argument, (str, bytes)):
            texts.append(argument)
        calls += step == "REDUCE"
    longest = max(map(len, texts), default=0)
    if calls * longest > MOST_COPIED_BYTES and _COPYING & names.keys():  # each call may copy a text that is remembered
        raise TooLarge(f"its pickle copies a text of {longest:,} bytes again and again")
    short = frozenset(text for text in texts if isinstance(text, str) and len(text) <= LONGEST_NAME)
    return PickleContents(tuple(names), short, protocol, starts_with_name)


def _todays_name(module: str, name: str) -> str:
    """The name as Python 3 has it, since torch.save writes Python 2's."""
    module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
    return f"{module}.{name}"


def _steps(content: bytes, pickles: int) -> Iterator[tuple[str, Any, bool]]:
    """Each step's name and argument, and whether a pickle begins with it."""
    stream, count = BytesIO(content), 0
    for _ in range(pickles):
        is_first = True
        for opcode, argument, _position in pickletools.genops(stream):
            count += 1
            if count > MOST_STEPS:
                raise TooLarge(f"its pickle has more than {MOST_STEPS:,} steps")
            yield opcode.name, argument, is_first and opcode.name != "PROTO"
            is_first = is_first and opcode.name == "PROTO"


class Beside:
    """Stands in for an object beside the weights: takes whatever it is made of and set to, and keeps none of it."""

    def __new__(cls, *_arguments: Any) -> "Beside":
        return object.__new__(cls)

    def __init__(self, *_arguments: Any):
        pass

    def __setstate__(self, _state: Any) -> None:
        pass


class BesideMapping:
    """Stands in for a kind of dict, which PyTorch's unpickler fills only when it is one of its own kinds."""

    def __new__(cls, *_arguments: Any) -> OrderedDict:  # type: ignore[misc]  # a stand-in for what it makes
        return OrderedDict()


class BesideList:
    """Stands in for a kind of list."""

    def __new__(cls, *_arguments: Any) -> list:  # type: ignore[misc]  # a stand-in for what it makes
        return []


_BUILTINS = ("dict", "list", "tuple", "int", "float", "str", "bool", "bytes", "range", "slice", "frozenset")
_PATHS = ("Path", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
_NODES = (
    "AnyNode",
    "BooleanNode",
    "BytesNode",
    "EnumNode",
    "FloatNode",
    "IntegerNode",
    "PathNode",
    "StringNode",
    "UnionNode",
)
_DTYPES = (
    "bool_",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)

# Objects that training scripts and the libraries of published checkpoints keep beside the weights, by the module that
# they are of.
_BESIDE = (
    (Beside, "argparse", ("Namespace",)),
    (Beside, "types", ("SimpleNamespace",)),
    (Beside, "builtins", _BUILTINS),
    (Beside, "typing", ("Any",)),
    (Beside, "datetime", ("datetime", "date", "time", "timedelta", "timezone")),
    (Beside, "pathlib", _PATHS),
    (Beside, "pathlib._local", _PATHS),
    (Beside, "uuid", ("UUID",)),
    (Beside, "numpy", ("ndarray", "dtype", *_DTYPES)),
    (Beside, "numpy.core.multiarray", ("scalar", "_reconstruct")),
    (Beside, "numpy._core.multiarray", ("scalar", "_reconstruct")),
    (Beside, "torch.torch_version", ("TorchVersion",)),
    (Beside, "omegaconf.dictconfig", ("DictConfig",)),
    (Beside, "omegaconf.listconfig", ("ListConfig",)),
    (Beside, "omegaconf.base", ("ContainerMetadata", "Metadata")),
    (Beside, "omegaconf.nodes", _NODES),
    (Beside, "pytorch_lightning.callbacks.model_checkpoint", ("ModelCheckpoint",)),
    (Beside, "pytorch_lightning.callbacks.early_stopping", ("EarlyStopping",)),
    (Beside, "mmengine.logging.history_buffer", ("HistoryBuffer",)),
    (BesideMapping, "collections", ("defaultdict",)),
    (BesideMapping, "yacs.config", ("CfgNode",)),
    (BesideMapping, "fvcore.common.config", ("CfgNode",)),
    (BesideMapping, "detectron2.config.config", ("CfgNode",)),
    (BesideMapping, "easydict", ("EasyDict",)),
    (BesideMapping, "addict.addict", ("Dict",)),
    (BesideMapping, "munch", ("Munch",)),
    (BesideMapping, "mmcv.utils.config", ("ConfigDict",)),
    (BesideMapping, "mmengine.config.config", ("ConfigDict",)),
    (BesideMapping, "pytorch_lightning.utilities.parsing", ("AttributeDict",)),
    (BesideMapping, "lightning.pytorch.utilities.parsing", ("AttributeDict",)),
    (BesideMapping, "lightning_fabric.utilities.data", ("AttributeDict",)),
    (BesideMapping, "lightning.fabric.utilities.data", ("AttributeDict",)),
    (BesideList, "collections", ("deque",)),
)

# A class of its own for each name, since the unpickler tells them apart by identity.
_STAND_INS = {f"{module}.{name}": type(name, (kind,), {}) for kind, module, names in _BESIDE for name in names}
_lock = threading.Lock()


@contextmanager
def admitted(contents: PickleContents) -> Iterator[None]:
    """PyTorch's safe unpickler takes the stand-ins that `contents` needs for as long as the block runs.

    Its list is the process's own, so that one reader at a time has it; most weight files need none and wait for nobody.
    """
    if not contents.admitted:
        yield
        return
    with _lock, torch.serialization.safe_globals([(_STAND_INS[name], name) for name in contents.admitted]):
        yield
