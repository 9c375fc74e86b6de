"""Rows and weight files of tiny networks, for tests that need a model on disk and no download."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from safetensors.torch import save_file
from torch import nn

from robust_core.images import Preprocess
from robust_core.labels import IMAGENET
from robust_core.models.repairs import plain
from robust_core.models.spec import Architecture, ModelSpec, WeightFile

HALF = (0.5, 0.5, 0.5)


def tiny_network(classes: int = 1000) -> nn.Module:
    """Conv, an in-place ReLU and a linear layer over the means of four channels; takes images of any size."""
    body = [("conv", nn.Conv2d(3, 4, 3, padding=1)), ("relu", nn.ReLU(inplace=True)), ("pool", nn.AdaptiveAvgPool2d(1))]
    return nn.Sequential(OrderedDict([*body, ("flat", nn.Flatten()), ("fc", nn.Linear(4, classes))]))


OVERFLOWING = {"conv.bias": 1e30, "fc.weight": 1e30}  # finite weights of a tiny network whose logits are infinite


def tiny_spec(
    folder: Path,
    key: str = "tiny",
    *,
    seed: int = 0,
    parameters: int = 5112,
    filled: Mapping[str, float] = MappingProxyType({}),
) -> ModelSpec:
    """A row whose weights, drawn from `seed`, lie in `folder` as a safetensors file with the hash that the row states.

    `filled` names tensors that hold one value throughout instead.
    """
    torch.manual_seed(seed)
    path = Path(folder) / f"{key}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    state = tiny_network().state_dict()
    for name, value in filled.items():
        state[name].fill_(value)
    save_file(state, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ModelSpec(
        key=key,
        title=f"Tiny {key}",
        family="ImageNet-trained",
        training_data="nothing",
        architecture=Architecture("tiny", tiny_network, parameters, cam_layer="relu"),
        weights=WeightFile(f"https://example.invalid/{path.name}", digest, path.stat().st_size, "none", "a test"),
        preprocess=Preprocess(40, 36, "bilinear", mean=HALF, std=HALF),
        label_space=IMAGENET,
        repair=plain,
        published=None,
        note="",
    )
