"""What a network makes of an image whose concepts are weakened or taken away."""

import numpy as np
import torch
from torch import Tensor

from robust_core.craft.split_network import SplitNetwork

MOST_VALUES = 2**24  # of activations that are made at once


def masked_logits(
    network: SplitNetwork, coefficients: np.ndarray, bank: np.ndarray, masks: np.ndarray, grid: tuple[int, int]
) -> Tensor:
    """The logits (M,K), on the CPU, for one image whose coefficients (h * w, R) on the `grid` (h, w) are multiplied by
    each of the masks (M,R), and then by the concepts (R,C).
    """
    device = network.model.device
    every, concepts, given = (torch.from_numpy(one).float().to(device) for one in (coefficients, bank, masks))
    at_once = max(1, MOST_VALUES // (len(every) * concepts.shape[1]))
    found = []
    for some in given.split(at_once):
        maps = ((every * some[:, None]) @ concepts).unflatten(1, grid).permute(0, 3, 1, 2)
        found.append(network.logits(maps).cpu())
    return torch.cat(found)
