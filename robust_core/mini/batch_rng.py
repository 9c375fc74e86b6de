"""Random draws for a whole batch of images, shaped to broadcast over their pixels."""

import numpy as np
import torch
from torch import Tensor

HSV_SHIFTS = torch.tensor([5.0, 3.0, 1.0]).view(1, 3, 1, 1)


class BatchRng:
    """Draws for `count` images from one NumPy generator; `widening` stretches every range about its middle by that
    share.
    """

    def __init__(self, rng: np.random.Generator, count: int, widening: float = 0.0):
        self.rng, self.count, self.widening = rng, count, widening

    def between(self, low: float, high: float) -> Tensor:
        """(count, 1, 1) float32, uniform between `low` and `high`."""
        stretch = (high - low) / 2 * self.widening
        draws = self.rng.uniform(low - stretch, high + stretch, (self.count, 1, 1))
        return torch.from_numpy(draws.astype(np.float32))

    def chance(self, probability: float) -> Tensor:
        """(count, 1, 1) bool, true with `probability`."""
        return torch.from_numpy(self.rng.random((self.count, 1, 1)) < probability)

    def some(self, probability: float) -> Tensor:
        """(k,) int64: which of the images, each with `probability`."""
        return torch.from_numpy(np.flatnonzero(self.rng.random(self.count) < probability))

    def choice(self, values: tuple[float, ...]) -> Tensor:
        """(count, 1, 1) float32, each one of `values`."""
        # NumPy makes an array of a tuple, which its stubs leave out
        return torch.from_numpy(self.rng.choice(np.float32(values), (self.count, 1, 1)))  # type: ignore[arg-type]

    def colour(self, low: float, high: float) -> Tensor:
        """(count, 3, 1, 1) float32: red, green and blue independent between `low` and `high`."""
        return torch.from_numpy(self.rng.uniform(low, high, (self.count, 3, 1, 1)).astype(np.float32))

    def hsv(self, hue: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]) -> Tensor:
        """(count, 3, 1, 1) float32 RGB from ranges of hue (in turns), saturation and value."""
        return rgb(self.between(*hue), self.between(*saturation), self.between(*value))


def rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """RGB (n, 3, 1, 1) from hue in turns, saturation and value, each (n, 1, 1); the formula without cases, f(5), f(3),
    f(1).
    """
    sector = (HSV_SHIFTS + 6 * hue[:, None]) % 6
    tint = torch.minimum(sector, 4 - sector).clamp(0, 1)
    return value[:, None].clamp(0, 1) * (1 - saturation[:, None].clamp(0, 1) * tint)


def mix(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """From colour `first`, (n, 3, 1, 1) or (n, 3, H, W), to colour `second`, (n, 3, 1, 1), by `share` (n, H, W): (n, 3,
    H, W).
    """
    spread = first.expand(
        -1, -1, *share.shape[1:]
    ).clone()  # from a colour that is not spread out, `lerp` takes twice as long
    return spread.lerp_(second, share[:, None])
