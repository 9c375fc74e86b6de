"""Whether tensors fit an architecture, and if not, what does not fit and which other architecture would."""

from collections.abc import Mapping

import torch
from torch import Tensor

from robust_core.models.architectures import ARCHITECTURES
from robust_core.models.spec import Architecture

Shapes = dict[str, tuple[int, ...]]

# A state dict holds buffers beside the parameters; in torchvision's networks they add at most about 1 %.
BUFFERS_AT_MOST = 1.05


def shapes_of(state: Mapping[str, Tensor]) -> Shapes:
    """The shape of every tensor, by key."""
    return {key: tuple(tensor.shape) for key, tensor in state.items()}


def expected_shapes(architecture: Architecture) -> Shapes:
    """The shapes that the architecture's state dict has; builds it without memory."""
    with torch.device("meta"):
        return shapes_of(architecture.build().state_dict())


def misfits(shapes: Shapes, expected: Shapes) -> list[str]:
    """What keeps strict loading from accepting `shapes`, as clauses that name the first case of each kind; empty when they fit.

    Batch counters may be missing: files from before PyTorch 0.4.1 have none, and `load_state_dict` fills them in.
    """
    missing = [key for key in expected if key not in shapes and not key.endswith("num_batches_tracked")]
    unexpected = [key for key in shapes if key not in expected]
    reshaped = [key for key in expected if key in shapes and shapes[key] != expected[key]]
    clauses = []
    if missing:
        clauses.append(f"missing keys: {len(missing)} (first {missing[0]})")
    if unexpected:
        clauses.append(f"unexpected keys: {len(unexpected)} (first {unexpected[0]})")
    if reshaped:
        first = reshaped[0]
        clauses.append(f"other shapes: {len(reshaped)} (first {first}: {shapes[first]} instead of {expected[first]})")
    return clauses


def fitting_architectures(state: Mapping[str, Tensor]) -> list[str]:
    """The names of all architectures of the table that `state` fits; only those of about its size are built."""
    numbers, shapes = sum(tensor.numel() for tensor in state.values()), shapes_of(state)
    plausible = [row for row in ARCHITECTURES.values() if row.parameters <= numbers <= BUFFERS_AT_MOST * row.parameters]
    return [row.name for row in plausible if not misfits(shapes, expected_shapes(row))]
