"""From the containers in which checkpoints are published to plain torchvision state dicts.

A repair that is given another container raises KeyError, or returns keys that strict loading refuses.
"""

import itertools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_DOTTED = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")


def plain(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """A state dict with torchvision's own keys, as it is."""
    return checkpoint


def data_parallel(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """The container of pytorch/examples: weights under `state_dict`, every key behind `module.`."""
    return _behind("module.", checkpoint["state_dict"])


def madry_lab(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """The container of MadryLab/robustness: the network behind `module.model.`.

    Its attacker holds the same weights a second time and its normaliser holds ImageNet's mean and std; both are
    dropped.
    """
    return _behind("module.model.", checkpoint["model"])


def without_auxiliary_heads(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """torchvision's GoogLeNet file without `aux1` and `aux2`, which serve training only
    (torchvision/models/googlenet.py).
    """
    return {key: tensor for key, tensor in checkpoint.items() if not key.startswith(("aux1.", "aux2."))}


def dotted_dense_layers(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """torchvision's DenseNet files, older than its present names: `denselayer1.norm.1.weight` becomes
    `denselayer1.norm1.weight`.

    The rule is `_load_state_dict` of torchvision/models/densenet.py.
    """
    return {_DOTTED.sub(r"\1\2", key): tensor for key, tensor in checkpoint.items()}


def efficientnet_lite(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """EfficientNet-Lite under the names of efficientnet_pytorch, as timm names it: `_blocks.3._bn1.bias` becomes
    `blocks.2.0.bn1.bias`.

    efficientnet_pytorch counts all blocks through, timm within stages. A stage ends where the next block gives another
    number of channels, which holds for Lite0 to Lite4.
    """
    if "_conv_stem.weight" not in checkpoint:
        raise KeyError("_conv_stem.weight")
    places = _places_in_stages(checkpoint)
    return {_timm_key(key, places): tensor for key, tensor in checkpoint.items()}


REPAIRS = (plain, data_parallel, madry_lab, without_auxiliary_heads, dotted_dense_layers, efficientnet_lite)

# Names within a block that widens its channels first; the first stage, which does not, has two convolutions and two
# norms.
_IN_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_IN_FIRST_STAGE = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_AROUND_BLOCKS = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}


def _places_in_stages(checkpoint: Mapping) -> dict[str, tuple[int, int]]:
    """Stage and place within it of every block, by its number counted through."""
    places, stage, place, before = {}, -1, 0, None
    for number in itertools.takewhile(
        lambda number: f"_blocks.{number}._project_conv.weight" in checkpoint, itertools.count()
    ):
        channels = len(checkpoint[f"_blocks.{number}._project_conv.weight"])
        stage, place = (stage, place + 1) if channels == before else (stage + 1, 0)
        places[str(number)], before = (stage, place), channels
    return places


def _timm_key(key: str, places: Mapping[str, tuple[int, int]]) -> str:
    """The name that timm gives to the tensor `key`; raises KeyError for one that no EfficientNet-Lite has."""
    module, _, rest = key.partition(".")
    if module != "_blocks":
        return f"{_AROUND_BLOCKS[module]}.{rest}"
    number, _, inner = rest.partition(".")
    module, _, leaf = inner.partition(".")
    stage, place = places[number]
    return f"blocks.{stage}.{place}.{(_IN_BLOCK if stage else _IN_FIRST_STAGE)[module]}.{leaf}"


def _behind(prefix: str, state: Mapping) -> "dict[str, Tensor]":
    return {key.removeprefix(prefix): tensor for key, tensor in state.items() if key.startswith(prefix)}
