"""The noise of an image: every draw has its own, from (seed, the image's index, what for, the draw's number), made on
the CPU.

So neither the device, nor the batch size, nor the other images of the set change it, and the first 1,000 of 10,000
draws are those of 1,000.
"""

import numpy as np
import torch
from torch import Tensor

FOR_CHOICE = 0
FOR_BOUND = 1
FOR_SEARCH = 2
FOR_FIRST_VERDICT = 3


def noise(shape: tuple[int, ...], seed: int, index: int, purpose: int, draws: range) -> Tensor:
    """Standard normal noise (len(draws), *shape), float32, on the CPU."""
    made = np.empty((len(draws), *shape), dtype=np.float32)
    for place, draw in enumerate(draws):
        np.random.default_rng([seed, index, purpose, draw]).standard_normal(dtype=np.float32, out=made[place])
    return torch.from_numpy(made)
