"""Networks whose predictions are known in closed form, as models like any other, shared by tests.

Their normalisation is the identity, so that the formulas hold in pixel units.
"""

import torch
from torch import Tensor, nn

from robust_core.images import Preprocess
from robust_core.labels import MINI
from robust_core.models.loading import LoadedModel
from robust_core.models.spec import Architecture, ModelSpec, WeightFile

SIDE_PX = 8
VALUES = 3 * SIDE_PX**2


def as_model(body: nn.Module, name: str = "tiny", device: str = "cpu", side_px: int = SIDE_PX) -> LoadedModel:
    """`body` behind a row of its own, with pixels handed on as they are."""
    spec = ModelSpec(
        key=name,
        title=name,
        family="Test",
        training_data="none",
        architecture=Architecture(name, lambda: body, sum(p.numel() for p in body.parameters()), cam_layer=""),
        weights=WeightFile(url="", sha256=None, bytes=None, licence="", source="made in a test"),
        preprocess=Preprocess(None, side_px, "bilinear", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
        label_space=MINI,
        repair=dict,
        published=None,
        note="",
    )
    return LoadedModel(spec, body, torch.device(device))


def linear(weights: Tensor, bias: Tensor | None = None) -> LoadedModel:
    """logits = weights (K,3·8·8) · pixels + bias (K,): the gradient of a two-class loss always points along one
    line.
    """
    layer = nn.Linear(weights.shape[1], weights.shape[0], dtype=torch.float32)
    layer.weight.data = weights.clone()
    layer.bias.data = torch.zeros(len(weights)) if bias is None else bias.clone()
    return as_model(nn.Sequential(nn.Flatten(), layer), "linear")


def convolutional(classes: int = 5, seed: int = 0) -> LoadedModel:
    """A small curved network with random weights, sure enough of itself to change its mind, for what has no closed
    form.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 8, 3, stride=2),
            nn.SiLU(),
            nn.Flatten(),
            nn.Linear(72, classes),
        )
        body[-1].weight.data *= 10
    return as_model(body, "convolutional")


def images(n: int, seed: int = 0, side_px: int = SIDE_PX) -> Tensor:
    """`n` images (n,3,side,side) of 8-bit noise in [0, 1]."""
    draws = torch.randint(0, 256, (n, 3, side_px, side_px), generator=torch.Generator().manual_seed(seed))
    return draws.float() / 255
