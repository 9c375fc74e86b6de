"""From the containers in which checkpoints are published to plain torchvision state dicts.

A repair that is given another container raises KeyError, or returns keys that strict loading refuses.
"""

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

    Its attacker holds the same weights a second time and its normaliser holds ImageNet's mean and std; both are dropped.
    """
    return _behind("module.model.", checkpoint["model"])


def without_auxiliary_heads(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """torchvision's GoogLeNet file without `aux1` and `aux2`, which serve training only (torchvision/models/googlenet.py)."""
    return {key: tensor for key, tensor in checkpoint.items() if not key.startswith(("aux1.", "aux2."))}


def dotted_dense_layers(checkpoint: Mapping) -> "Mapping[str, Tensor]":
    """torchvision's DenseNet files, older than its present names: `denselayer1.norm.1.weight` becomes `denselayer1.norm1.weight`.

    The rule is `_load_state_dict` of torchvision/models/densenet.py.
    """
    return {_DOTTED.sub(r"\1\2", key): tensor for key, tensor in checkpoint.items()}


REPAIRS = (plain, data_parallel, madry_lab, without_auxiliary_heads, dotted_dense_layers)

def _behind(prefix: str, state: Mapping) -> "dict[str, Tensor]":
    return {key.removeprefix(prefix): tensor for key, tensor in state.items() if key.startswith(prefix)}
