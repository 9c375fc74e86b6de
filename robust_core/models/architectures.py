"""The networks without their weights, as a table; weights of an architecture from anywhere can be imported."""

from functools import partial
from typing import TYPE_CHECKING

from robust_core.models.spec import Architecture

if TYPE_CHECKING:  # the table is read by every page, torch only by those that build
    from torch import nn

RESNET_50_BLOCKS = (3, 4, 6, 3)
RESNET_101_BLOCKS = (3, 4, 23, 3)


def _torchvision(name: str, **options) -> "nn.Module":
    from torchvision.models import get_model

    return get_model(name, weights=None, **options)


def _resnext(blocks: tuple[int, ...], width_per_group: int) -> "nn.Module":
    from torchvision.models.resnet import Bottleneck, ResNet

    return ResNet(Bottleneck, list(blocks), groups=32, width_per_group=width_per_group)


# The published weights expect TensorFlow's input scaling, which `transform_input` makes from ImageNet's mean and std.
# The auxiliary heads serve training only.
_googlenet = partial(_torchvision, "googlenet", aux_logits=False, transform_input=True, init_weights=False)

# The CAM layer is the last one whose output still has places in the picture, (B, C, H, W), and is not overwritten later.
_ROWS = (
    Architecture("alexnet", partial(_torchvision, "alexnet"), 61_100_840, cam_layer="features.11"),
    Architecture("vgg16", partial(_torchvision, "vgg16"), 138_357_544, cam_layer="features.29"),
    Architecture("vgg19", partial(_torchvision, "vgg19"), 143_667_240, cam_layer="features.35"),
    Architecture("googlenet", _googlenet, 6_624_904, cam_layer="inception5b"),
    Architecture("squeezenet1_0", partial(_torchvision, "squeezenet1_0"), 1_248_424, cam_layer="features.12"),
    Architecture("squeezenet1_1", partial(_torchvision, "squeezenet1_1"), 1_235_496, cam_layer="features.12"),
    Architecture("mobilenet_v2", partial(_torchvision, "mobilenet_v2"), 3_504_872, cam_layer="features.18"),
    # Not `features.norm5`: torchvision's forward overwrites its output with an in-place ReLU.
    Architecture("densenet121", partial(_torchvision, "densenet121"), 7_978_856, cam_layer="features.denseblock4"),
    Architecture("efficientnet_b0", partial(_torchvision, "efficientnet_b0"), 5_288_548, cam_layer="features.8"),
    Architecture("resnet18", partial(_torchvision, "resnet18"), 11_689_512, cam_layer="layer4"),
    Architecture("resnet50", partial(_torchvision, "resnet50"), 25_557_032, cam_layer="layer4"),
    Architecture("resnet101", partial(_torchvision, "resnet101"), 44_549_160, cam_layer="layer4"),
    Architecture("resnet152", partial(_torchvision, "resnet152"), 60_192_808, cam_layer="layer4"),
    Architecture("wide_resnet50_2", partial(_torchvision, "wide_resnet50_2"), 68_883_240, cam_layer="layer4"),
    Architecture("resnext50_32x4d", partial(_resnext, RESNET_50_BLOCKS, width_per_group=4), 25_028_904, cam_layer="layer4"),
    Architecture("resnext101_32x4d", partial(_resnext, RESNET_101_BLOCKS, width_per_group=4), 44_177_704, cam_layer="layer4"),
    Architecture("resnext101_32x8d", partial(_resnext, RESNET_101_BLOCKS, width_per_group=8), 88_791_336, cam_layer="layer4"),
    Architecture("resnext101_32x16d", partial(_resnext, RESNET_101_BLOCKS, width_per_group=16), 194_026_792, cam_layer="layer4"),
    Architecture("resnext101_32x32d", partial(_resnext, RESNET_101_BLOCKS, width_per_group=32), 468_530_472, cam_layer="layer4"),
    Architecture("resnext101_32x48d", partial(_resnext, RESNET_101_BLOCKS, width_per_group=48), 828_411_176, cam_layer="layer4"),
    Architecture("convnext_tiny", partial(_torchvision, "convnext_tiny"), 28_589_128, cam_layer="features.7"),
    Architecture("convnext_base", partial(_torchvision, "convnext_base"), 88_591_464, cam_layer="features.7"),
    # Tokens (B, 1 + 14·14, C), class token first. Not `encoder.ln`: after the last attention only the class token reaches
    # the head, so that every patch would have gradient zero.
    Architecture("vit_b_16", partial(_torchvision, "vit_b_16"), 86_567_656, cam_layer="encoder.layers.encoder_layer_11.ln_1"),
    # `permute` is the last norm's output with its channels moved first.
    Architecture("swin_t", partial(_torchvision, "swin_t"), 28_288_354, cam_layer="permute"),
)

ARCHITECTURES: dict[str, Architecture] = {row.name: row for row in _ROWS}
