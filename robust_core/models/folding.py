"""Batch norm folded into the convolutions before it: a copy of a network that computes the same with fewer passes over
memory. The network itself stays as it is. In the copy, into which nobody looks, activations overwrite what they get
where nobody else needs it.

Which layers follow each other is read from a symbolic trace (torch.fx). A pair is folded only where the normalisation
alone sees what the convolution gives, and where nothing but these two layers decides what they compute. A network that
cannot be traced has no pairs.
"""

import copy
import operator
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

OVERWRITING = (nn.ReLU, nn.ReLU6)  # whose gradients need their output alone
SUMS = (operator.add, operator.iadd, torch.add, "add", "add_")
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@dataclass(frozen=True)
class Pair:
    """A convolution and the batch norm that follows it, by their names in the network."""

    convolution: str
    norm: str


class Structure:
    """The layers of a network in the order in which they are called, as far as that can be told without values."""

    def __init__(self, body: nn.Module):
        self.modules = dict(body.named_modules())
        nodes = tuple(_Tracer().trace(body).nodes)
        self.calls = tuple(node for node in nodes if node.op == "call_module")
        self._counts = Counter(node.target for node in self.calls)
        self._read = {str(node.target).rpartition(".")[0] for node in nodes if node.op == "get_attr"}

    def follower(self, node: fx.Node) -> fx.Node | None:
        """The call of the layer that alone gets what `node` gives, and gets nothing else; None where there is none."""
        users = list(node.users)
        if len(users) != 1 or users[0].op != "call_module" or len(users[0].all_input_nodes) != 1:
            return None
        return users[0]

    def is_plain(self, node: fx.Node) -> bool:
        """Whether the layer is called once and computes what its class says: without hooks, without a forward of its
        own, and without anybody else who reads its parameters.
        """
        name = str(node.target)
        module = self.modules[name]
        changed = "forward" in vars(module) or any(getattr(module, hooks) for hooks in HOOKS)
        return self._counts[node.target] == 1 and name not in self._read and not changed

    def pairs(self) -> tuple[Pair, ...]:
        """Each convolution that can take in the batch norm after it."""
        found = []
        for node in self.calls:
            after = self.follower(node)
            if after is not None and self._folds(node, after):
                found.append(Pair(str(node.target), str(after.target)))
        return tuple(found)

    def _folds(self, node: fx.Node, after: fx.Node) -> bool:
        convolution, norm = self.modules[str(node.target)], self.modules[str(after.target)]
        return (
            type(convolution) in convolutions()
            and type(norm) in (nn.BatchNorm2d, *norms_with_activation())
            and self.is_plain(node)
            and self.is_plain(after)
            and not norm.training
            and isinstance(norm.running_mean, Tensor)
        )

    def overwriting(self) -> tuple[str, ...]:
        """Each activation whose input, at every call, comes from a layer or a sum that does not need it for its own
        gradient, and goes nowhere else.
        """
        activations = [node for node in self.calls if type(self.modules[str(node.target)]) in OVERWRITING]
        refused = {node.target for node in activations if not self._may_overwrite(node)}
        return tuple(dict.fromkeys(str(node.target) for node in activations if node.target not in refused))

    def _may_overwrite(self, node: fx.Node) -> bool:
        before, module = node.all_input_nodes[0], self.modules[str(node.target)]
        if before.op == "call_module":
            free = type(self.modules[str(before.target)]) in (nn.BatchNorm2d, *convolutions())
        else:
            free = before.target in SUMS
        changed = "forward" in vars(module) or any(getattr(module, hooks) for hooks in HOOKS)
        return free and list(before.users) == [node] and not changed


class _Tracer(fx.Tracer):
    """Goes into whatever is neither PyTorch's nor one of timm's layers that are like PyTorch's."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m) in (*convolutions(), *norms_with_activation()) or super().is_leaf_module(
            m, module_qualified_name
        )


def structure(body: nn.Module) -> Structure | None:
    """The structure of a network; None where it cannot be traced, as one whose forward pass looks at values."""
    try:
        return Structure(body)
    except Exception:  # noqa: BLE001  # a trace runs code of the network's own, which may raise anything
        return None


def convolutions() -> tuple[type, ...]:
    """The classes of convolutions whose weights are used as they are; a subclass may compute them anew."""
    return (nn.Conv2d, *_of_timm("timm.layers.conv2d_same", "Conv2dSame"))


def norms_with_activation() -> tuple[type, ...]:
    """timm's batch norm that also drops out and activates."""
    return _of_timm("timm.layers.norm_act", "BatchNormAct2d")


def folded(body: nn.Module) -> nn.Module | None:
    """A copy of a frozen network in evaluation mode, with every pair folded; None where it has none.

    The copy shares every tensor that folding leaves as it is, and no tensor of the network is changed.
    """
    found = structure(body)
    pairs = found.pairs() if found else ()
    if found is None or not pairs:
        return None
    made = copied(body, lambda tensor: tensor)
    for pair in pairs:
        convolution, norm = made.get_submodule(pair.convolution), made.get_submodule(pair.norm)
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        _take_in(convolution, norm)
        made.set_submodule(pair.norm, _rest_of(norm))
    for name in found.overwriting():
        _overwrite(made.get_submodule(name))
    return made


def copied(body: nn.Module, convert: Callable[[Tensor], Tensor]) -> nn.Module:
    """A copy of a frozen network whose parameters and buffers are what `convert` makes of them."""
    memo: dict[int, object] = {}
    for tensor in (*body.parameters(), *body.buffers()):
        converted = convert(tensor)
        as_parameter = isinstance(tensor, nn.Parameter) and converted is not tensor
        memo[id(tensor)] = nn.Parameter(converted, requires_grad=False) if as_parameter else converted
    return copy.deepcopy(body, memo)


def _take_in(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """Give the convolution the weights that do the norm's work too, computed in float64."""
    layout = torch.channels_last if convolution.weight.is_contiguous(memory_format=torch.channels_last) else None
    fused, bias = fuse_conv_bn_weights(
        convolution.weight.double(),
        _double(convolution.bias),
        _double(norm.running_mean),
        _double(norm.running_var),
        norm.eps,
        _double(norm.weight),
        _double(norm.bias),
    )
    weight = fused.float().contiguous(memory_format=layout or torch.contiguous_format)
    convolution.weight = nn.Parameter(weight, requires_grad=False)
    convolution.bias = nn.Parameter(bias.float(), requires_grad=False)


def _overwrite(activation: Any) -> None:
    activation.inplace = True


def _double(tensor: Tensor | None) -> Any:
    return None if tensor is None else tensor.double()


def _rest_of(norm: Any) -> nn.Module:
    """What a layer still does once its normalisation is folded; its input is the convolution's output, and goes nowhere
    else.
    """
    if type(norm) not in norms_with_activation():
        return nn.Identity()
    if type(norm.act) in OVERWRITING:
        _overwrite(norm.act)
    return nn.Sequential(norm.drop, norm.act)


def _of_timm(module: str, name: str) -> tuple[type, ...]:
    """A class of timm's, where something has imported it: no network without it can have such a layer."""
    return (getattr(sys.modules[module], name),) if module in sys.modules else ()
