"""The networks without their weights, as a table; weights of an architecture from anywhere can be imported.

Any classifier that timm knows is an architecture too, under the name `timm:NAME`; weights never come from timm itself.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from robust_core.errors import BadInput, UnknownName
from robust_core.models.spec import Architecture, Nonlinear

if TYPE_CHECKING:  # the table is read by every page, torch only by those that build
    from timm.models import PretrainedCfg
    from torch import Tensor, nn

TIMM = "timm:"
RESNET_50_BLOCKS = (3, 4, 6, 3)
RESNET_101_BLOCKS = (3, 4, 23, 3)


def _torchvision(name: str, **options) -> "nn.Module":
    from torchvision.models import get_model

    return get_model(name, weights=None, **options)


def _resnext(blocks: tuple[int, ...], width_per_group: int, num_classes: int = 1000) -> "nn.Module":
    from torchvision.models.resnet import Bottleneck, ResNet

    return ResNet(Bottleneck, list(blocks), num_classes, groups=32, width_per_group=width_per_group)


def build_timm(name: str, num_classes: int = 1000) -> "nn.Module":
    """The network that timm calls `name`, with random weights; timm's import takes seconds, so it waits until here."""
    import timm

    return timm.create_model(name, pretrained=False, num_classes=num_classes)


def _timm(
    name: str, parameters: int, cam_layer: str, *, tokens: bool = False, nonlinear: Nonlinear = "other"
) -> Architecture:
    """A row of timm's; what takes tokens also takes one size alone."""
    return Architecture(
        f"{TIMM}{name}",
        partial(build_timm, name),
        parameters,
        cam_layer,
        tokens,
        fixed_size=tokens,
        nonlinear=nonlinear,
    )


# The published weights expect TensorFlow's input scaling, which `transform_input` makes from ImageNet's mean and std.
# The auxiliary heads serve training only.
_googlenet = partial(_torchvision, "googlenet", aux_logits=False, transform_input=True, init_weights=False)

# The CAM layer is the last one whose output still has places in the image, (B, C, H, W), and is not overwritten
# later.
_ROWS = (
    Architecture("alexnet", partial(_torchvision, "alexnet"), 61_100_840, cam_layer="features.11", nonlinear="relu"),
    Architecture("vgg16", partial(_torchvision, "vgg16"), 138_357_544, cam_layer="features.29", nonlinear="relu"),
    Architecture("vgg19", partial(_torchvision, "vgg19"), 143_667_240, cam_layer="features.35", nonlinear="relu"),
    Architecture("googlenet", _googlenet, 6_624_904, cam_layer="inception5b"),
    Architecture(
        "squeezenet1_0",
        partial(_torchvision, "squeezenet1_0"),
        1_248_424,
        cam_layer="features.12",
        nonlinear="relu",
        bfloat16=True,
    ),
    Architecture(
        "squeezenet1_1", partial(_torchvision, "squeezenet1_1"), 1_235_496, cam_layer="features.12", nonlinear="relu"
    ),
    Architecture(
        "mobilenet_v2", partial(_torchvision, "mobilenet_v2"), 3_504_872, cam_layer="features.18", nonlinear="relu6"
    ),
    # Not `features.norm5`: torchvision's forward overwrites its output with an in-place ReLU.
    Architecture("densenet121", partial(_torchvision, "densenet121"), 7_978_856, cam_layer="features.denseblock4"),
    Architecture("efficientnet_b0", partial(_torchvision, "efficientnet_b0"), 5_288_548, cam_layer="features.8"),
    Architecture("resnet18", partial(_torchvision, "resnet18"), 11_689_512, cam_layer="layer4", nonlinear="relu"),
    Architecture("resnet50", partial(_torchvision, "resnet50"), 25_557_032, cam_layer="layer4", nonlinear="relu"),
    Architecture("resnet101", partial(_torchvision, "resnet101"), 44_549_160, cam_layer="layer4", nonlinear="relu"),
    Architecture("resnet152", partial(_torchvision, "resnet152"), 60_192_808, cam_layer="layer4", nonlinear="relu"),
    Architecture(
        "wide_resnet50_2", partial(_torchvision, "wide_resnet50_2"), 68_883_240, cam_layer="layer4", nonlinear="relu"
    ),
    Architecture(
        "resnext50_32x4d",
        partial(_resnext, RESNET_50_BLOCKS, width_per_group=4),
        25_028_904,
        cam_layer="layer4",
        nonlinear="relu",
    ),
    Architecture(
        "resnext101_32x4d",
        partial(_resnext, RESNET_101_BLOCKS, width_per_group=4),
        44_177_704,
        cam_layer="layer4",
        nonlinear="relu",
    ),
    Architecture(
        "resnext101_32x8d",
        partial(_resnext, RESNET_101_BLOCKS, width_per_group=8),
        88_791_336,
        cam_layer="layer4",
        nonlinear="relu",
    ),
    Architecture(
        "resnext101_32x16d",
        partial(_resnext, RESNET_101_BLOCKS, width_per_group=16),
        194_026_792,
        cam_layer="layer4",
        nonlinear="relu",
    ),
    Architecture(
        "resnext101_32x32d",
        partial(_resnext, RESNET_101_BLOCKS, width_per_group=32),
        468_530_472,
        cam_layer="layer4",
        nonlinear="relu",
    ),
    Architecture(
        "resnext101_32x48d",
        partial(_resnext, RESNET_101_BLOCKS, width_per_group=48),
        828_411_176,
        cam_layer="layer4",
        nonlinear="relu",
    ),
    Architecture("convnext_tiny", partial(_torchvision, "convnext_tiny"), 28_589_128, cam_layer="features.7"),
    Architecture("convnext_base", partial(_torchvision, "convnext_base"), 88_591_464, cam_layer="features.7"),
    # Tokens (B, 1 + 14·14, C), class token first. Not `encoder.ln`: after the last attention only the class token
    # reaches the head, so that every patch would have gradient zero.
    Architecture(
        "vit_b_16",
        partial(_torchvision, "vit_b_16"),
        86_567_656,
        cam_layer="encoder.layers.encoder_layer_11.ln_1",
        tokens=True,
        fixed_size=True,
    ),
    # `permute` is the last norm's output with its channels moved first.
    Architecture("swin_t", partial(_torchvision, "swin_t"), 28_288_354, cam_layer="permute"),
    _timm("tf_efficientnet_lite0", 4_652_008, "bn2", nonlinear="relu6"),
    _timm("tf_efficientnet_lite1", 5_416_680, "bn2", nonlinear="relu6"),
    _timm("tf_efficientnet_lite2", 6_092_072, "bn2", nonlinear="relu6"),
    _timm("tf_efficientnet_lite3", 8_197_096, "bn2", nonlinear="relu6"),
    _timm("tf_efficientnet_lite4", 13_006_568, "bn2", nonlinear="relu6"),
    _timm("tf_efficientnet_b0", 5_288_548, "bn2"),
    _timm("tf_efficientnet_b4", 19_341_616, "bn2"),
    _timm("tf_efficientnet_b7", 66_347_960, "bn2"),
    _timm("tf_efficientnet_l2", 480_309_308, "bn2"),
    _timm("resnet50", 25_557_032, "layer4", nonlinear="relu"),
    _timm("resnetrs50", 35_691_912, "layer4"),
    _timm("resnetrs101", 63_618_696, "layer4"),
    _timm("convnextv2_tiny", 28_635_496, "norm_pre"),
    _timm("convnextv2_base", 88_717_800, "norm_pre"),
    # Tokens again: the first norm of the last block, for the reason that stands above.
    _timm("vit_base_patch16_224", 86_567_656, "blocks.11.norm1", tokens=True),
    _timm("vit_base_patch16_clip_224", 86_568_424, "blocks.11.norm1", tokens=True),
    _timm("deit3_base_patch16_224", 86_585_320, "blocks.11.norm1", tokens=True),
    _timm("beit_base_patch16_224", 86_530_984, "blocks.11.norm1", tokens=True),
    _timm("eva02_small_patch14_336", 22_129_000, "blocks.11.norm1", tokens=True),
    _timm("eva02_base_patch14_448", 87_117_544, "blocks.11.norm1", tokens=True),
    _timm("eva02_large_patch14_448", 305_080_232, "blocks.23.norm1", tokens=True),
)

ARCHITECTURES: dict[str, Architecture] = {row.name: row for row in _ROWS}

_TIMM_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)?")  # no address of a hub, which timm would ask


def find_architecture(name: str) -> Architecture:
    """The row called `name`, or any classifier of timm's as `timm:NAME`, whose layers are found by running it without
    memory.

    Raises UnknownName, which names the nearest.
    """
    if name in ARCHITECTURES:
        return ARCHITECTURES[name]
    import timm

    own_name = name.removeprefix(TIMM)
    if not name.startswith(TIMM):
        known = [TIMM + name] if _TIMM_NAME.fullmatch(name) and timm.is_model(name.split(".")[0]) else ARCHITECTURES
        raise UnknownName("architecture", name, known)
    if not _TIMM_NAME.fullmatch(own_name) or not timm.is_model(own_name.split(".")[0]):
        raise UnknownName("timm architecture", own_name, timm.list_models())
    try:
        stated = cast("PretrainedCfg", timm.models.get_pretrained_cfg(own_name))  # there is one for every model
        return _explored(name, partial(build_timm, own_name), stated)
    except (RuntimeError, AttributeError, TypeError, ValueError, AssertionError) as error:
        raise BadInput(
            f"timm's {own_name} cannot be used here: expected a network from an image to class logits ({error})."
        ) from error


def builder(name: str, num_classes: int) -> "Callable[[], nn.Module]":
    """What builds the architecture called `name` with `num_classes` logits; raises KeyError for a name that no
    architecture can have.
    """
    own = partial(build_timm, name.removeprefix(TIMM)) if name.startswith(TIMM) else ARCHITECTURES[name].build
    return partial(own, num_classes=num_classes)


def _explored(name: str, build: "Callable[..., nn.Module]", stated: "PretrainedCfg") -> Architecture:
    import torch

    size_px = stated.input_size[1]
    with torch.device("meta"):
        network = build().eval()
        return explored(name, build, network, torch.empty(1, 3, size_px, size_px), largest_map_fraction=1 / 4)


def explored(
    name: str,
    build: "Callable[..., nn.Module]",
    network: "nn.Module",
    pixels: "Tensor",
    *,
    largest_map_fraction: float = 1,
) -> Architecture:
    """What is found out about `network`, in evaluation mode, by looking at its modules and by running it on `pixels`
    (B,3,S,S).

    A map of places is at most `largest_map_fraction` of S wide. Raises what the network raises.
    """
    from robust_core.models.nonlinearity import nonlinear_parts

    size_px = pixels.shape[-1]
    layer, tokens = _cam_layer(layer_outputs(network, pixels), int(largest_map_fraction * size_px))
    nonlinear, note = nonlinear_parts(network)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Architecture(
        name, build, parameters, layer, tokens, not takes(network, pixels, size_px + 32), nonlinear, note
    )


def _cam_layer(outputs: list[tuple[str, tuple[int, ...]]], largest_px: int) -> tuple[str, bool]:
    """The last layer with channels over places, or else with tokens (the first norm of the last block), and whether it
    is tokens; "" without.
    """
    placed = [(layer, shape) for layer, shape in outputs if len(shape) == 3 or (len(shape) == 4 and shape[2] > 1)]
    if not placed:
        return "", False
    layer, shape = placed[-1]
    if len(shape) == 4 and shape[2] == shape[3] <= largest_px:
        return layer, False
    *_, norm = [layer, *(name for name, shape in outputs if len(shape) == 3 and name.endswith("norm1"))]
    return norm, True


def layer_outputs(network: "nn.Module", pixels: "Tensor") -> list[tuple[str, tuple[int, ...]]]:
    """Name and output shape of each layer, in the order in which they are called, but for those whose output is
    overwritten later.
    """
    import torch

    seen: list[tuple[str, torch.Tensor, int]] = []

    def note(layer: str, _module: "nn.Module", _inputs: tuple, output: object) -> None:
        if isinstance(output, torch.Tensor):
            seen.append((layer, output, output._version))

    hooks = [module.register_forward_hook(partial(note, layer)) for layer, module in network.named_modules() if layer]
    try:
        with torch.no_grad():
            network(pixels)
    finally:
        for hook in hooks:
            hook.remove()
    return [(layer, tuple(output.shape)) for layer, output, version in seen if output._version == version]


def takes(network: "nn.Module", pixels: "Tensor", size_px: int) -> bool:
    """Whether the network takes as many images of another size as `pixels` has, and predicts each on its own."""
    import torch

    try:
        with torch.no_grad():
            predicted = network(pixels.new_zeros(*pixels.shape[:2], size_px, size_px))
    except (RuntimeError, AssertionError, ValueError):
        return False
    return not isinstance(predicted, torch.Tensor) or len(predicted) == len(pixels)
