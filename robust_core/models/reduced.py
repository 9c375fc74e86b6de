"""A copy of a network in bfloat16 whose stem stays in float32, for gradients alone.

The stem is the first convolution with what follows it directly: normalisation, dropout, activation. What it gives is
rounded; the image that it gets is not.
"""

import copy

import torch
from torch import Tensor, fx, nn

from robust_core.models.folding import Structure, convolutions, copied, norms_with_activation, structure

ALONG = (nn.BatchNorm2d, nn.Identity, nn.Dropout, nn.Dropout2d, nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Hardswish)


class Float32Stem(nn.Module):
    """Layers in float32 that hand on bfloat16."""

    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        """(B,C,H,W) bfloat16 of float32 images (B,3,H,W)."""
        return self.layers(images).to(torch.bfloat16)


class Reduced(nn.Module):
    """A network that computes in bfloat16 behind its stem and gives logits in float32."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B,K) float32 of images (B,3,H,W) float32."""
        return self.body(images).float()


def reduced(body: nn.Module) -> Reduced | None:
    """The copy of a frozen network in evaluation mode; None where its stem cannot be told."""
    found = structure(body)
    stem = _stem(found) if found else ()
    if not stem:
        return None
    layers = [copy.deepcopy(body.get_submodule(name)) for name in stem]
    made = copied(body, lambda tensor: tensor.to(torch.bfloat16) if tensor.is_floating_point() else tensor)
    made.set_submodule(stem[0], Float32Stem(*layers))
    for name in stem[1:]:
        made.set_submodule(name, nn.Identity())
    return Reduced(made)


def _stem(found: Structure) -> tuple[str, ...]:
    """The names of its layers in their order; none where the image goes anywhere but into one plain convolution."""
    node = found.calls[0] if found.calls else None
    if node is None or not _takes_the_image(node) or type(found.modules[str(node.target)]) not in convolutions():
        return ()
    names: list[str] = []
    classes = (*convolutions(), *ALONG, *norms_with_activation())
    while node is not None and type(found.modules[str(node.target)]) in classes and found.is_plain(node):
        names.append(str(node.target))
        node = found.follower(node)
        classes = (*ALONG, *norms_with_activation())
    return tuple(names)


def _takes_the_image(node: fx.Node) -> bool:
    (image, *others) = node.all_input_nodes
    return not others and image.op == "placeholder" and len(image.users) == 1
