"""Pickles looked through before they are read: how long they are, which names they would look up, and what of that is let in.

A name that weights need is let in by PyTorch's own safe unpickler. What training scripts keep beside the weights is let in too, but never
as itself: a stand-in that does nothing takes its place, so that nothing can run, whatever the real thing does.
"""

import pickletools
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import torch

MOST_BYTES = 32 << 20
"""A pickle of ResNet-152 has 0.1 MB; one with an optimizer's state and a long log has a few."""
MOST_OPCODES = 1_000_000
MOST_COPIED_BYTES = 256 << 20
LONGEST_NAME = 100

_COPYING = {"_codecs.encode", "builtins.bytearray", "builtins.set"}


class TooLarge(Exception):
    """A file that would take more memory or time than weights need; the text says what of it is too large."""


@dataclass(frozen=True)
class PickleContents:
    """What pickles would look up, in their order, the texts that they hold, and the newest protocol among them."""

    names: tuple[str, ...]
    texts: frozenset[str]
    protocol: int

    @property
    def admitted(self) -> list[str]:
        """The names for which there are stand-ins."""
        return [name for name in self.names if name in _STAND_INS]

    @property
    def is_network(self) -> bool:
        """Whether a whole network was pickled, not its weights."""
        return any(name.startswith(("torch.nn.modules.", "torch.nn.parallel.", "torch.fx.")) for name in self.names)

    @property
    def has_arrays(self) -> bool:
        """Whether NumPy arrays are in there."""
        return any(name.startswith("numpy.") and name.endswith("._reconstruct") for name in self.names)


def look_through(content: bytes, pickles: int = 1) -> PickleContents:
    """What so many pickles at the beginning of `content` hold, without unpickling anything.

    Raises TooLarge, or ValueError when there are fewer pickles or they are damaged.
    """
    stream, names, texts, count, protocol, calls = BytesIO(content), {}, [], 0, 0, 0
    for _ in range(pickles):
        for opcode, argument, _position in pickletools.genops(stream):
            count += 1
            if count > MOST_OPCODES:
                raise TooLarge(f"its pickle has more than {MOST_OPCODES:,} steps")
            if opcode.name == "GLOBAL":
                names[argument.replace(" ", ".", 1).replace("__builtin__.", "builtins.", 1)] = None  # Python 2's name
            elif opcode.name == "PROTO":
                protocol = max(protocol, argument)
            elif isinstance(argument, (str, bytes)):
                texts.append(argument)
            calls += opcode.name == "REDUCE"
    longest = max(map(len, texts), default=0)
    if calls * longest > MOST_COPIED_BYTES and _COPYING & names.keys():  # each call may copy a text that is remembered
        raise TooLarge(f"its pickle copies a text of {longest:,} bytes again and again")
    return PickleContents(tuple(names), frozenset(text for text in texts if isinstance(text, str) and len(text) <= LONGEST_NAME), protocol)


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

    def __new__(cls, *_arguments: Any) -> OrderedDict:
        return OrderedDict()


class BesideList:
    """Stands in for a kind of list."""

    def __new__(cls, *_arguments: Any) -> list:
        return []


# Python's, NumPy's, and those of the configuration and training libraries whose objects are in published checkpoints.
_OBJECTS = ["argparse.Namespace", "types.SimpleNamespace", "pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib._local.PosixPath", "pathlib._local.WindowsPath", "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone", "uuid.UUID", "decimal.Decimal", "fractions.Fraction", "typing.Any", "builtins.dict", "builtins.list", "builtins.tuple", "builtins.int", "builtins.float", "builtins.str", "builtins.bool", "builtins.bytes", "builtins.range", "builtins.slice", "builtins.frozenset", "numpy.ndarray", "numpy.dtype", "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct", "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct", "numpy.float64", "numpy.float32", "numpy.float16", "numpy.int64", "numpy.int32", "numpy.bool_", "numpy.random._pickle.__randomstate_ctor", "torch.torch_version.TorchVersion", "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig", "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata", "omegaconf.nodes.AnyNode", "omegaconf.nodes.IntegerNode", "omegaconf.nodes.FloatNode", "omegaconf.nodes.StringNode", "omegaconf.nodes.BooleanNode", "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint", "pytorch_lightning.callbacks.early_stopping.EarlyStopping", "mmengine.logging.history_buffer.HistoryBuffer"]
_MAPPINGS = ["collections.defaultdict", "yacs.config.CfgNode", "fvcore.common.config.CfgNode", "detectron2.config.config.CfgNode", "easydict.EasyDict", "addict.addict.Dict", "munch.Munch", "mmcv.utils.config.ConfigDict", "mmengine.config.config.ConfigDict", "pytorch_lightning.utilities.parsing.AttributeDict", "lightning.pytorch.utilities.parsing.AttributeDict", "lightning_fabric.utilities.data.AttributeDict", "lightning.fabric.utilities.data.AttributeDict"]
_LISTS = ["collections.deque"]


def _stand_ins() -> dict[str, type]:
    """A class of its own for each name, since the unpickler tells them apart by identity."""
    kinds = ((Beside, _OBJECTS), (BesideMapping, _MAPPINGS), (BesideList, _LISTS))
    return {name: type(name.rpartition(".")[2], (kind,), {}) for kind, names in kinds for name in names}


_STAND_INS = _stand_ins()
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
