"""Everything random in an attack: where it starts, and the random target.

Each image has its own draws, from (seed, the image's index, what for), made on the CPU. So neither the device, nor
the batch size, nor the other images of the set change what an image gets.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from robust_core.attacks.balls import Ball

_FOR_TARGET = 0
_FOR_FIRST_START = 1
_FOR_FOOLBOX = 2_000_000  # beyond any start
_FOR_SQUARES = 1_000_000  # beyond any start


def random_targets(labels: Tensor, classes: int, seed: int, indices: Sequence[int]) -> Tensor:
    """(B,) a class per image, uniform over all `classes` but its label: out of one fewer, moved up by one from the
    label on.
    """
    draws = torch.tensor([int(_generator(seed, index, _FOR_TARGET).integers(classes - 1)) for index in indices])
    return draws + (draws >= labels)


def random_starts(clean: Tensor, ball: Ball, eps: float, seed: int, indices: Sequence[int], restart: int) -> Tensor:
    """(B,3,H,W) a point per image, uniform in the ball around `clean` (B,3,H,W); not yet clipped to [0, 1]."""
    changes = [
        ball.sample(_generator(seed, index, _FOR_FIRST_START + restart), tuple(clean.shape[1:])) for index in indices
    ]
    return clean + eps * torch.from_numpy(np.stack(changes)).to(clean)


def torch_generator(seed: int, index: int) -> torch.Generator:
    """What one image draws from, one after the other, where PyTorch draws."""
    return torch.Generator().manual_seed(int(_generator(seed, index, _FOR_FOOLBOX).integers(2**63)))


def square_generators(seed: int, indices: Sequence[int]) -> list[np.random.Generator]:
    """What each image draws its squares from, one after the other."""
    return [_generator(seed, index, _FOR_SQUARES) for index in indices]


def _generator(seed: int, index: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng([seed, index, purpose])
