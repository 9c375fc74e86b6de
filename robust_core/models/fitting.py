"""Whether tensors fit an architecture, and if not, what does not fit and which other architecture would."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from robust_core.models.architectures import ARCHITECTURES, builder
from robust_core.models.containers import Group, groups_of, left_out_as, readings_of
from robust_core.models.spec import Architecture
from robust_core.models.tensors import Stored

Shapes = dict[str, tuple[int, ...]]

# A state dict holds buffers beside the parameters; in torchvision's networks they add at most about 1%.
BUFFERS_AT_MOST = 1.05
HEADLESS_AT_LEAST = 0.85  # of a network's parameters are left with a small head, but in the smallest networks


def shapes_of(state: Mapping[str, Stored]) -> Shapes:
    """The shape of every tensor, by key."""
    return {key: tuple(stored.shape) for key, stored in state.items()}


def expected_state(architecture: Architecture) -> dict[str, Tensor]:
    """The architecture's state dict without memory, for its shapes and types."""
    with torch.device("meta"):
        return architecture.build().state_dict()


def expected_shapes(architecture: Architecture) -> Shapes:
    """The shapes that the architecture's state dict has; builds it without memory."""
    return shapes_of(expected_state(architecture))


def misfits(shapes: Shapes, expected: Shapes) -> list[str]:
    """What keeps strict loading from accepting `shapes`, as clauses that name the first case of each kind; empty when
    they fit.

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


def fitting_architectures(checkpoint: Any) -> list[str]:
    """The names of all architectures of the table that `checkpoint` holds the weights of; only those of about its size
    are built.

    Where none fits with 1,000 classes, those that fit with as many as the last tensor has rows, and how many these are.
    """
    groups = groups_of(checkpoint)
    sizes = {size for group in groups for size in _sizes(group)}

    def fits(expected: Shapes) -> bool:
        return any(reading.is_whole for reading in readings_of(groups, expected))

    rows = [
        row
        for row in ARCHITECTURES.values()
        if any(row.parameters <= size <= BUFFERS_AT_MOST * row.parameters for size in sizes)
    ]
    names = [row.name for row in rows if fits(expected_shapes(row))]
    if names:
        return names
    rows = [
        row
        for row in ARCHITECTURES.values()
        if any(HEADLESS_AT_LEAST * row.parameters <= size <= row.parameters for size in sizes)
    ]
    counts = sorted(
        {tensor.shape[0] for group in groups for tensor in list(group.tensors.values())[-1:] if len(tensor.shape)}
    )
    return [
        f"{row.name} with {count:,} classes"
        for count in counts
        for row in rows
        if fits(_shapes_with_classes(row, count))
    ]


def _shapes_with_classes(architecture: Architecture, count: int) -> Shapes:
    with torch.device("meta"):
        return shapes_of(builder(architecture.name, count)().state_dict())


def _sizes(group: Group) -> set[int]:
    """How many numbers lie behind each prefix."""
    sizes: Counter[str] = Counter()
    for key, stored in group.tensors.items():
        if not left_out_as(key, stored):
            parts = key.split(".")[:-1][:8]
            for depth in range(len(parts) + 1):
                sizes[".".join(parts[:depth])] += stored.shape.numel()
    return set(sizes.values())
