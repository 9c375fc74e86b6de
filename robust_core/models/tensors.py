"""Whether stored tensors are the plain numbers that a network computes with, in type, layout and device; what is not is
refused by name.

Sparse and quantised tensors could be made dense, but few bytes of them may mean many, and what was computed with them
was another network's arithmetic. Pruned layers are stored as a weight and its mask, weight-normalised ones as a length
and a direction. torch's own formulas put them together.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from robust_core.errors import WeightsUnavailable

COUNTER = "num_batches_tracked"
UNKNOWABLE = "which floats are meant cannot be known; save the weights as floats"
IMPORT_FLOATS = "import the float network that it was made from"
_KEPT_AS_STORED = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class Parts:
    """Two stored tensors that together are one; `shape` is that of the whole, and `joined` makes it."""

    first: Tensor
    second: Tensor
    pair: "Pair"

    @property
    def shape(self) -> torch.Size:
        return (self.first if self.pair.whole_is_first else self.second).shape


@dataclass(frozen=True)
class Pair:
    """How a layer is stored as two tensors: the ends of their names, the formula, and which of them has the shape of
    the whole.
    """

    first: str
    second: str
    joined: Callable[[Tensor, Tensor], Tensor]
    whole_is_first: bool
    told: str


Stored = Tensor | Parts


def _masked(weight: Tensor, mask: Tensor) -> Tensor:
    """torch.nn.utils.prune, BasePruningMethod.apply_mask."""
    if mask.shape != weight.shape:
        raise ValueError("its mask has another shape")
    return mask.to(weight.dtype) * weight


def _weight_normed(length: Tensor, direction: Tensor) -> Tensor:
    """torch.nn.utils.weight_norm: direction · length / |direction|, where the norm runs over all axes on which length
    has one value.
    """
    axes = [axis for axis, size in enumerate(length.shape) if size != 1]
    if (
        len(axes) > 1
        or (length.ndim and length.ndim != direction.ndim)
        or any(length.shape[axis] != direction.shape[axis] for axis in axes)
    ):
        raise ValueError("its length and direction do not belong together")
    axis = axes[0] if axes else (0 if length.ndim and direction.shape[0] == 1 else -1)
    return torch._weight_norm(direction, length, axis)


PAIRS = (
    Pair("_orig", "_mask", _masked, whole_is_first=True, told="pruned (mask multiplied in)"),
    Pair(".original0", ".original1", _weight_normed, whole_is_first=False, told="weight-normalised (put together)"),
    Pair("_g", "_v", _weight_normed, whole_is_first=False, told="weight-normalised (put together)"),
)


def join_pairs(tensors: Mapping[str, Tensor]) -> dict[str, Stored]:
    """The same tensors, with `Parts` under the layer's own name where two of them are stored for one; nothing is
    computed.
    """
    joined: dict[str, Stored] = dict(tensors)
    for pair in PAIRS:
        for key in [key for key in joined if key.endswith(pair.first)]:
            base = key.removesuffix(pair.first)
            name = base.replace("parametrizations.", "")
            first, second = joined[key], joined.get(base + pair.second)
            if isinstance(first, Tensor) and isinstance(second, Tensor) and name not in joined:
                del joined[key], joined[base + pair.second]
                joined[name] = Parts(first, second, pair)
    return joined


def plain_state(state: Mapping[str, Stored], expected: Mapping[str, Tensor], file: str) -> dict[str, Tensor]:
    """Contiguous dense tensors of their own, in the types that `file` holds where safetensors knows them, under the
    keys of `expected`.

    The shapes must have been compared before. Raises WeightsUnavailable, which names the tensor, for one that has a
    `fault_of_form`, is no float where a float is expected, or holds NaN or infinity.
    """
    plain = {}
    for key, stored in state.items():
        try:
            tensor = (
                _plain_buffer(key, stored, expected[key])
                if not expected[key].is_floating_point()
                else _plain_float(key, stored)
            )
        except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
            raise WeightsUnavailable(f"{file} was refused: {key} {str(error).splitlines()[0]}.") from error
        if tensor is not None:
            plain[key] = tensor
    return plain


def notes(states: Iterable[Stored]) -> list[str]:
    """In words, what had to be done to the tensors of a state, with how many there were."""
    counts = Counter(told for told in map(_note, states) if told)
    return [f"{count:,} tensor{'s' if count > 1 else ''} {told}" for told, count in counts.items()]


def _note(stored: Stored) -> str | None:
    if isinstance(stored, Parts):
        return stored.pair.told
    return "of float64 (computed in float32)" if stored.dtype == torch.float64 else None


def _plain_float(key: str, stored: Stored) -> Tensor:
    tensor = _whole(stored)
    if not tensor.is_floating_point():
        raise ValueError(f"is {kind_of(tensor)}, not float: {UNKNOWABLE}")
    tensor = _own(tensor if tensor.dtype in _KEPT_AS_STORED else tensor.float())
    low, high = (float(bound) for bound in tensor.float().aminmax()) if tensor.numel() else (0.0, 0.0)
    if low != low or high != high:
        raise ValueError(
            "holds NaN (not a number): its training diverged, or the file is damaged; take an earlier checkpoint"
        )
    if float("inf") in (-low, high):
        raise ValueError("holds infinity: its training diverged, or the file is damaged; take an earlier checkpoint")
    if key.endswith("running_var") and low < 0:
        raise ValueError("holds negative values, which no variance has; the file is damaged")
    return tensor


def _plain_buffer(key: str, stored: Stored, like: Tensor) -> Tensor | None:
    """A buffer of whole numbers; a batch counter that a conversion to half precision made inexact is left out, as old
    files leave it out.
    """
    tensor = _whole(stored)
    whole = not tensor.is_floating_point() or torch.equal(tensor, tensor.round())
    if whole and torch.equal(tensor.to(like.dtype).to(tensor.dtype), tensor):
        return _own(tensor.to(like.dtype))
    if key.endswith(COUNTER):
        return None
    raise ValueError(f"is {kind_of(tensor)}, not {kind_of(like)}")


def fault_of_form(tensor: Tensor) -> str | None:
    """What keeps a tensor from being dense real numbers in memory, as the rest of a sentence about it; None where
    nothing does. Nothing is computed.
    """
    if tensor.is_meta:
        return "has a shape but no values (it was saved on the meta device); save the model after it got its weights"
    if tensor.device.type != "cpu":
        return f"is on the device {tensor.device.type}, not in memory; save model.cpu().state_dict()"
    if tensor.is_nested:
        return "is a nested tensor, which no layer here has"
    if tensor.layout != torch.strided:
        return f"is sparse ({kind_of(tensor)}), not dense: save it as tensor.to_dense()"
    if tensor.is_quantized:
        return f"is quantised ({kind_of(tensor)}), not float: {IMPORT_FLOATS}"
    return f"is {kind_of(tensor)}, not float: {UNKNOWABLE}" if tensor.is_complex() else None


def kind_of(tensor: Tensor) -> str:
    """In a word what it is: its layout where it is not dense, else the name of its type, such as `int8`."""
    kind = tensor.dtype if tensor.layout == torch.strided else tensor.layout
    return str(kind).removeprefix("torch.")


def _whole(stored: Stored) -> Tensor:
    """The tensor itself, or its parts put together; raises ValueError for one that has a `fault_of_form`."""
    if isinstance(stored, Parts):
        return stored.pair.joined(_whole(stored.first), _whole(stored.second))
    if fault := fault_of_form(stored):
        raise ValueError(fault)
    return stored


def _own(tensor: Tensor) -> Tensor:
    """`tensor` itself when it has its memory to itself in the usual order, else a copy: of a view, of one value spread
    wide.
    """
    alone = tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    return (
        tensor
        if alone and not (tensor.is_neg() or tensor.is_conj())
        else torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor)
    )
