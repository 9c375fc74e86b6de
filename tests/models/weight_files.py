"""Weight files made in a test, and a row of the model table that describes one."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from robust_core import settings
from robust_core.files import read_record
from robust_core.images import Preprocess
from robust_core.labels import IMAGENET
from robust_core.models.repairs import plain
from robust_core.models.spec import Architecture, ModelSpec, WeightFile


def two_layers(num_classes: int = 2) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


TWO_LAYERS = Architecture("two_layers", two_layers, parameters=3 * 4 * 9 + 4 + 8, cam_layer="0")


def some_state() -> dict[str, Tensor]:
    """A state dict of `two_layers`, the same every time."""
    torch.manual_seed(0)
    return dict(two_layers().state_dict())


def classifier(num_classes: int = 7) -> nn.Module:
    """A convolution, a norm and a last layer of seven classes, named as torchvision names a ResNet's."""
    body = [
        ("conv1", nn.Conv2d(3, 4, 3)),
        ("bn1", nn.BatchNorm2d(4)),
        ("avgpool", nn.AdaptiveAvgPool2d(1)),
        ("flat", nn.Flatten()),
    ]
    return nn.Sequential(OrderedDict([*body, ("fc", nn.Linear(4, num_classes))]))


CLASSIFIER = Architecture("classifier", classifier, parameters=3 * 4 * 9 + 4 + 8 + 35, cam_layer="conv1")


def classifier_state(seed: int = 0) -> dict[str, Tensor]:
    """A state dict of `classifier` with other numbers for every seed."""
    torch.manual_seed(seed)
    return {
        key: torch.rand_like(tensor) if tensor.is_floating_point() else tensor
        for key, tensor in classifier().state_dict().items()
    }


def behind(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors with `prefix` before every key."""
    return {prefix + key: tensor for key, tensor in state.items()}


def same(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> bool:
    """Whether both hold equal tensors under equal keys."""
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in right)


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


def how_read(key: str) -> str:
    """What the record of the imported model `key` says was taken of its file; earlier records say nothing."""
    return read_record(settings.weights_dir() / "imported" / f"{key}.json").get("read", "as it is")
