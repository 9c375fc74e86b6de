"""About how long a map takes, for a forecast, in units of one forward and backward pass."""

from collections.abc import Callable, Mapping

from robust_core.attributions.methods import Value

FORWARD = 1 / 3  # of a forward and backward pass
QUICK = 2.0  # passes at most: such a map is made without asking


def _windows(settings: Mapping[str, Value]) -> float:
    across = (100 - float(settings["window_percent"])) / float(settings["stride_percent"]) + 1
    return FORWARD * across**2


PASSES: dict[str, Callable[[Mapping[str, Value]], float]] = {
    "saliency": lambda _: 1,
    "input_x_gradient": lambda _: 1,
    "integrated_gradients": lambda settings: float(settings["steps"]),
    "smoothgrad": lambda settings: float(settings["samples"]),
    "vargrad": lambda settings: float(settings["samples"]),
    "guided_backprop": lambda _: 1,
    "deeplift": lambda _: 2,
    "gradient_shap": lambda settings: float(settings["samples"]),
    "occlusion": _windows,
    "superpixel_ablation": lambda settings: FORWARD * float(settings["pieces"]),
    "grad_cam": lambda _: 1,
    "guided_grad_cam": lambda _: 2,
    "rise": lambda settings: FORWARD * float(settings["masks"]),
}


def passes(method: str, settings: Mapping[str, Value]) -> float:
    """About how many passes a map by `method` takes at most, with all its `settings`."""
    return PASSES[method](settings)


def is_quick(method: str, settings: Mapping[str, Value]) -> bool:
    """Whether a map takes no longer than a glance."""
    return passes(method, settings) <= QUICK
