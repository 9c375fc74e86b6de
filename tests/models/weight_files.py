"""Weight files made in a test, and a row of the model table that describes one."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from robust_core.labels import IMAGENET
from robust_core.models.repairs import plain
from robust_core.models.spec import Architecture, ModelSpec, Preprocess, WeightFile


def two_layers() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


TWO_LAYERS = Architecture("two_layers", two_layers, parameters=3 * 4 * 9 + 4 + 8, cam_layer="0")


def some_state() -> dict[str, Tensor]:
    """A state dict of `two_layers`, the same every time."""
    torch.manual_seed(0)
    return dict(two_layers().state_dict())


def saved(folder: Path, checkpoint: object, **options) -> bytes:
    """The bytes that torch.save makes of `checkpoint`."""
    path = folder / "saved.pth"
    torch.save(checkpoint, path, **options)
    return path.read_bytes()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def row_of(
    url: str,
    digest: str | None = None,
    size_bytes: int | None = None,
    repair: Callable[[Mapping], Mapping[str, Tensor]] = plain,
    key: str = "two_layers",
) -> ModelSpec:
    """A row whose weights are at `url`, with what was published about them."""
    return ModelSpec(
        key=key,
        title="Two Layers",
        family="Test",
        training_data="none",
        architecture=TWO_LAYERS,
        weights=WeightFile(url, digest, size_bytes, licence="none", source="made in the test"),
        preprocess=Preprocess(256, 224, "bilinear", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        label_space=IMAGENET,
        repair=repair,
        published=None,
        note="",
    )
