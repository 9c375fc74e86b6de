"""What in a network is not linear, found by looking at its modules and at its traced forward pass, not at its name.

Some attribution methods change the backward pass of ReLU or max-pooling modules; they hold where nothing else bends the
function.
"""

from collections.abc import Iterator

from torch import fx, nn

from robust_core.models.spec import Nonlinear

LINEAR = (
    *(nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.Flatten, nn.Unflatten, nn.Identity, nn.PixelShuffle),
    *(nn.AvgPool1d, nn.AvgPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.Upsample),
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout),  # which do nothing in evaluation mode
    *(nn.ZeroPad2d, nn.ConstantPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d),
)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)  # linear as long as they use the statistics of training
# Of shapes and sums; `eq`, `getattr` and `_assert` look at shapes alone.
LINEAR_CALLS = {
    "flatten",
    "add",
    "iadd",
    "sub",
    "cat",
    "getitem",
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "mean",
    "sum",
    "reshape",
    "permute",
} | {
    *("transpose", "squeeze", "unsqueeze", "neg", "pad", "interpolate", "_assert", "eq", "getattr", "dropout"),
}
LINEAR_METHODS = {
    "view",
    "reshape",
    "flatten",
    "mean",
    "sum",
    "size",
    "dim",
    "permute",
    "transpose",
    "contiguous",
    "squeeze",
    "unsqueeze",
    "add",
    "add_",
} | {
    *("sub", "chunk", "split", "clone", "to", "float", "neg", "expand", "expand_as"),
}
SCALING_CALLS = {"mul", "truediv", "imul", "itruediv", "div"}  # linear by a number
KINDS: tuple[tuple[Nonlinear, set[type[nn.Module]]], ...] = (
    ("relu", {nn.ReLU, nn.MaxPool2d}),
    ("relu6", {nn.ReLU, nn.ReLU6, nn.MaxPool2d}),
)


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        return _is_linear(module) or super().is_leaf_module(module, name)


def nonlinear_parts(network: nn.Module) -> tuple[Nonlinear, str]:
    """The kind of the network's non-linear parts (see `Architecture.nonlinear`), and for "other" in words what makes it
    so.

    `network` is in evaluation mode; a forward pass that cannot be traced is "other", since nothing says what it does.
    """
    known = KINDS[-1][1]
    modules = [module for module in network.modules() if _is_torch_leaf(module) and not _is_linear(module)]
    strange = sorted({type(module).__name__ for module in modules if type(module) not in known})
    if strange:
        return "other", f"It has {', '.join(strange)}."
    try:
        graph = _Tracer().trace(network)
    except Exception as error:  # what a forward pass does with a symbol instead of a tensor may raise anything
        return (
            "other",
            "Its forward pass cannot be traced "
            f"({str(error).splitlines()[0] if str(error) else type(error).__name__}).",
        )
    outside = sorted(set(_outside_modules(graph)))
    if outside:
        return "other", f"Its forward pass calls {', '.join(outside)} outside modules."
    used = {type(module) for module in modules}
    return next((kind, "") for kind, types in KINDS if used <= types)


def _is_torch_leaf(module: nn.Module) -> bool:
    """Whether it is one of PyTorch's own layers; the tracer looks into others."""
    return module.__module__.startswith("torch.nn") and not list(module.children())


def _is_linear(module: nn.Module) -> bool:
    return isinstance(module, LINEAR) or (isinstance(module, NORMS) and module.running_mean is not None)


def _outside_modules(graph: fx.Graph) -> Iterator[str]:
    """The names of the calls in the forward pass that may bend the function."""
    for node in graph.nodes:
        name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
        if name in SCALING_CALLS and sum(isinstance(one, fx.Node) for one in node.args) == 1:
            continue
        allowed = {"call_function": LINEAR_CALLS, "call_method": LINEAR_METHODS}.get(node.op)
        if allowed is not None and name not in allowed:
            yield f"{name}()"
