"""The feature maps of a network, layer by layer, found by looking at its modules while it computes.

What is looked at are the outputs of the activation modules, in the order of their calls; a network that calls its
activations outside modules shows the outputs of its convolutions instead. Outputs without two spatial dimensions of at
least 2 px have no neighbours and are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from torch import Tensor, nn

from robust_core.errors import BadInput

Found = TypeVar("Found")
Kind = Literal["activations", "convolutions"]

ACTIVATIONS = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.CELU, nn.SELU),
    *(nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Softplus),
)
KINDS: dict[Kind, tuple[type[nn.Module], ...]] = {"activations": ACTIVATIONS, "convolutions": (nn.Conv2d,)}


@dataclass(frozen=True)
class Layer(Generic[Found]):
    """What was `found` of the maps of one call of the module `name`, whose later calls have their number behind it."""

    name: str
    kind: Kind
    found: Found


def observe(
    network: nn.Module, forward: Callable[[], object], look: Callable[[Tensor], Found]
) -> tuple[Layer[Found], ...]:
    """`look(maps)` of every layer's maps (B,C,H,W) while `forward()` runs the network, in the order of computation.

    The maps themselves are not kept, and no hook is left in the network, whatever ends the pass. Raises BadInput for a
    network without a spatial layer.
    """
    for kind in KINDS:
        if layers := _observed(network, forward, look, kind):
            return tuple(layers)
    raise BadInput("This network has no convolution or activation whose maps could be looked at.")


def first_convolution(network: nn.Module) -> tuple[str, nn.Conv2d]:
    """The convolution that reads the image, with its name: the first that was defined.

    Raises BadInput for a network without one.
    """
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            return name, module
    raise BadInput("This network has no convolution whose kernels could be looked at.")


def _observed(
    network: nn.Module, forward: Callable[[], object], look: Callable[[Tensor], Found], kind: Kind
) -> list[Layer[Found]]:
    layers: list[Layer[Found]] = []
    calls: dict[str, int] = {}

    def hook(name: str, maps: object) -> None:
        if isinstance(maps, Tensor) and maps.ndim == 4 and min(maps.shape[2:]) >= 2:
            calls[name] = calls.get(name, 0) + 1
            number = f" ({calls[name]})" if calls[name] > 1 else ""
            layers.append(Layer(name + number, kind, look(maps.detach())))

    handles = []
    try:
        for name, module in network.named_modules():
            if isinstance(module, KINDS[kind]):
                handles.append(module.register_forward_hook(lambda _, __, maps, name=name: hook(name, maps)))
        forward()
    finally:
        for handle in handles:
            handle.remove()
    return layers
