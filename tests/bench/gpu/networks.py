"""Which networks are checked, on the GPU and on the CPU, and the images that they see; all drawn on the CPU, so that
both devices see the same.
"""

import copy
from dataclasses import replace
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from robust_core.corruptions.apply import corrupt
from robust_core.corruptions.table import CORRUPTIONS
from robust_core.data.foolbox import Foolbox
from robust_core.data.synthetic import read_test_image
from robust_core.images import to_pixels
from robust_core.models.catalogue import get_spec
from robust_core.models.loading import LoadedModel, load
from robust_core.models.registry import IMAGENET_MEAN, IMAGENET_STD, REGISTRY
from robust_core.models.spec import ModelSpec

MINI, LITE = "mini_resnext", "efficientnet_lite0"
CALIBRATED_ON = 16  # images
CPU = torch.device("cpu")


def spec_of(architecture: str) -> ModelSpec:
    """The first row of the table with this architecture."""
    return next(row for row in REGISTRY if row.architecture.name == architecture)


def random_model(architecture: str, side_px: int, device: torch.device) -> LoadedModel:
    """A network with random weights, the same on every device, that tells photos apart."""
    return LoadedModel(spec_of(architecture), copy.deepcopy(_random_body(architecture, side_px)), device)


@cache
def _random_body(architecture: str, side_px: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        body = spec_of(architecture).architecture.build()
    return with_statistics(body, photos(CALIBRATED_ON, "resnet50", side_px)[0])


@torch.no_grad()
def with_statistics(body: nn.Module, pixels: Tensor) -> nn.Module:
    """The same network in evaluation mode, whose batch norms have the statistics of these images, and whose logits are
    zero on their mean: without, activations double from block to block, and every image is of one class.
    """
    norms = [one for one in body.modules() if isinstance(one, nn.modules.batchnorm._BatchNorm)]
    for one in norms:
        one.momentum = None  # the mean over all batches, of which there is one
    body.train()
    body(_normalised(pixels))
    body.eval()
    last = [one for one in body.modules() if isinstance(one, nn.Linear)][-1]
    last.bias -= body(_normalised(pixels)).mean(0)
    return body


def _normalised(pixels: Tensor) -> Tensor:
    """As all networks of the table with this architecture have it."""
    mean, std = (torch.tensor(values).to(pixels).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    return (pixels - mean) / std


def real_model(key: str, device: torch.device) -> LoadedModel:
    """A model of the table with its weights; raises WeightsUnavailable without them."""
    return load(key, device)


def allowing_bfloat16(model: LoadedModel) -> LoadedModel:
    """The same network under a row that lets attacks take gradients in bfloat16, whatever was measured of it."""
    row = replace(model.spec, architecture=replace(model.spec.architecture, bfloat16=True))
    return LoadedModel(row, model.network.body, model.device, model.network.layout)


def noise(n: int, side_px: int) -> Tensor:
    """`n` images of coloured 8-bit noise on a grid of an eighth of the side, so that they differ by more than grain."""
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(n, 3, max(1, side_px // 8), max(1, side_px // 8), generator=random)
    fine = torch.rand(n, 3, side_px, side_px, generator=random)
    large = functional.interpolate(coarse, size=(side_px, side_px), mode="nearest")
    return ((0.7 * large + 0.3 * fine) * 255).round() / 255


@cache
def mini_images(n: int) -> tuple[Tensor, list[int]]:
    """`n` images of Mini's test set (n,3,64,64), and their classes."""
    drawn = [read_test_image(place) for place in range(n)]
    return torch.stack([to_pixels(one, get_spec(MINI).preprocess) for one in drawn]), [int(one.label) for one in drawn]


@cache
def photos(n: int, key: str, side_px: int | None = None) -> tuple[Tensor, list[int | None], str]:
    """`n` images as the model `key` takes them, their classes, and what they are: Foolbox's twenty photos as they are
    and then under one corruption after the other, or scenes of Mini made larger where there is no Foolbox.
    """
    files = list(Foolbox().by_id())
    if not files:
        return _enlarged(n, side_px or get_spec(key).preprocess.crop or 224), [None] * n, "scenes of Mini, enlarged"
    read = [Foolbox().read(one) for one in files[:n]]
    clean = torch.stack([to_pixels(one, get_spec(key).preprocess) for one in read])
    if side_px:
        clean = functional.interpolate(clean, size=(side_px, side_px), mode="area")
    made, names = [clean], iter(CORRUPTIONS)
    while sum(map(len, made)) < n:
        made.append(corrupt(clean, next(names), 1, 0))
    labels = [one.label for one in read] * len(made)
    return torch.cat(made)[:n], labels[:n], "photos of Foolbox, as they are and corrupted"


def _enlarged(n: int, side_px: int) -> Tensor:
    return functional.interpolate(mini_images(n)[0], size=(side_px, side_px), mode="bilinear").clamp(0, 1)
