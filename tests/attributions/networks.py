"""Networks whose maps are known by hand, of the kind on which every method holds."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.targets import Target
from robust_core.events import result_of
from robust_core.models.loading import LoadedModel
from tests import tiny

PIXEL_PERCENT = 13  # of the side of 8 px: a window of one pixel


def as_model(body: nn.Module, cam_layer: str = "") -> LoadedModel:
    """`body` with pixels handed on as they are, and with `cam_layer` as its last spatial layer."""
    model = tiny.as_model(body, "resnet18")
    model.spec = replace(
        model.spec, architecture=replace(model.spec.architecture, cam_layer=cam_layer, nonlinear="relu")
    )
    return model


def linear(weights: Tensor) -> LoadedModel:
    """logits = weights (K,3,8,8) · pixels."""
    layer = nn.Linear(weights[0].numel(), len(weights), bias=False)
    layer.weight.data = weights.flatten(1).clone()
    return as_model(nn.Sequential(nn.Flatten(), layer))


def two_relus() -> LoadedModel:
    """logit 0 = relu(relu(a) - 1/3 - relu(b)) and logit 1 = 0, where a and b are the first two red values of the
    image.

    The function by which Sundararajan et al. (2017) compare methods, with its input scaled into [0, 1].
    """
    pick, combine, read = nn.Linear(tiny.VALUES, 2, bias=False), nn.Linear(2, 1), nn.Linear(1, 2, bias=False)
    pick.weight.data = torch.eye(2, tiny.VALUES)
    combine.weight.data, combine.bias.data = torch.tensor([[1.0, -1.0]]), torch.tensor([-1 / 3])
    read.weight.data = torch.tensor([[1.0], [0.0]])
    return as_model(nn.Sequential(nn.Flatten(), pick, nn.ReLU(), combine, nn.ReLU(), read))


def red_finder() -> LoadedModel:
    """logit 0 grows with red places, logit 1 with green ones; its last spatial layer sees the image as it is."""
    colours, read = nn.Conv2d(3, 2, 1, bias=False), nn.Linear(2, 2, bias=False)
    colours.weight.data = torch.tensor([[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0]]).view(2, 3, 1, 1)
    read.weight.data = torch.eye(2) * 20
    return as_model(nn.Sequential(colours, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), read), cam_layer="1")


class TwiceUsed(nn.Module):
    """Convolutions, one ReLU module that is used twice, a pool with overlapping windows straight after it, and a
    residual sum.
    """

    def __init__(self, seed: int = 0, symmetric: bool = False):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.conv1, self.conv2 = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
            self.norm, self.relu, self.fc = nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Linear(8, 4)
        self.pool, self.mean = nn.MaxPool2d(3, 1, padding=1), nn.AdaptiveAvgPool2d(1)
        self.fc.weight.data *= 5
        if symmetric:
            for layer in (self.conv1, self.conv2):
                layer.weight.data = (layer.weight.data + layer.weight.data.flip(-1)) / 2

    def forward(self, pixels: Tensor) -> Tensor:
        features = self.pool(self.relu(self.conv1(pixels)))
        features = self.relu(self.norm(self.conv2(features)) + features)
        return self.fc(self.mean(features).flatten(1))


def curved(seed: int = 0, *, symmetric: bool = False) -> LoadedModel:
    """A small random network with all that makes attribution hard; with `symmetric`, its mirror image is itself."""
    return as_model(TwiceUsed(seed, symmetric), cam_layer="norm")


def blob(row: int = 2, column: int = 5, channel: int = 0) -> Tensor:
    """A dark image (1,3,8,8) with a bright spot of 2 x 2 px in one colour."""
    pixels = torch.full((1, 3, tiny.SIDE_PX, tiny.SIDE_PX), 0.1)
    pixels[0, channel, row : row + 2, column : column + 2] = 1
    return pixels


def map_of(model: LoadedModel, pixels: Tensor, method: str, target: int = 0, **settings) -> Tensor:
    """The map (H,W) of class `target`."""
    return torch.from_numpy(attribute(model, pixels, method, target, **settings).map)


def attribute(model: LoadedModel, pixels: Tensor, method: str, target: int = 0, **settings) -> Attribution:
    """The attribution of class `target`."""
    return result_of(explain(model, pixels, method, Target("class", target), **settings))
