"""The network of the mini family: a ResNeXt for 64 x 64 images under torchvision's layer names, without normalisation
or weights.
"""

from collections import OrderedDict

from torch import nn
from torchvision.models.resnet import Bottleneck

GROUPS = 8
PLANES = (32, 64, 96, 128)
WIDE_PLANES = (64, 128, 192, 256)


class NarrowBottleneck(Bottleneck):
    """torchvision's block with twice, not four times, as many channels out as inside."""

    expansion = 2


def mini_resnext(planes: tuple[int, ...] = PLANES, strides: tuple[int, ...] = (1, 2, 1, 1)) -> nn.Sequential:
    """A network from normalised images (B, 3, 64, 64) to the logits of the sixteen categories (B, 16).

    One block of 8 groups per stage (ResNeXt, Xie et al. 2017, section 3); the strides leave `layer4` with 8 x 8 cells
    for class activation maps. The last normalisation of every block starts at zero, so that each block starts as the
    identity (Goyal et al. 2017, section 5.1).
    """
    stem = planes[0]
    layers = OrderedDict(
        conv1=nn.Conv2d(3, stem, 5, stride=2, padding=2, bias=False),
        bn1=nn.BatchNorm2d(stem),
        relu=nn.ReLU(),
        maxpool=nn.MaxPool2d(3, stride=2, padding=1),
    )
    channels = stem
    for number, (width, stride) in enumerate(zip(planes, strides, strict=True), start=1):
        layers[f"layer{number}"] = nn.Sequential(_block(channels, width, stride))
        channels = width * NarrowBottleneck.expansion
    layers.update(avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=nn.Linear(channels, 16))
    network = nn.Sequential(layers)
    _initialise(network)
    return network


def _block(channels: int, width: int, stride: int) -> NarrowBottleneck:
    out = width * NarrowBottleneck.expansion
    shortcut = (
        nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        if stride != 1 or channels != out
        else None
    )
    # torchvision makes the block width * base_width / 64 * groups channels wide inside: this base width keeps `width`.
    return NarrowBottleneck(channels, width, stride, shortcut, groups=GROUPS, base_width=64 // GROUPS)


def _initialise(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if isinstance(module, NarrowBottleneck):
            nn.init.zeros_(module.bn3.weight)
