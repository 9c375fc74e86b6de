"""How far a map changes when the image hardly does (Yeh et al. 2019, definition 2.5)."""

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from robust_core.attributions.explain import Attribution, explain
from robust_core.attributions.methods import METHODS
from robust_core.attributions.targets import Target
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

RADIUS = 0.02  # in pixel units, about 5/255
NEARBY = 4  # images in that radius
SEED = 0


def max_sensitivity(model: LoadedModel, pixels: Tensor, attribution: Attribution) -> Generator[Progress, None, float]:
    """The largest change of the map, relative to its size, over NEARBY images within RADIUS of `pixels` (1,3,H,W); 0
    for a steady map.

    A method that draws has another seed for each of them, so that what its draws change counts as well. Infinite for a
    map of zeros.
    """
    own, largest = attribution.map.astype(np.float64), 0.0  # squares of large and tiny maps leave float32
    method, target = METHODS[attribution.method], Target("class", attribution.target)
    for number in range(NEARBY):
        draws = torch.from_numpy(
            np.random.default_rng([SEED, number]).uniform(-RADIUS, RADIUS, pixels.shape).astype(np.float32)
        )
        nearby = (pixels + draws.to(pixels)).clamp(0, 1)
        settings = method.with_other_seed(attribution.settings, number + 1)
        moved = yield from explain(model, nearby, method.key, target, **settings)
        largest = max(largest, float(np.linalg.norm(moved.map - own)))
    size = float(np.linalg.norm(own))
    return largest / size if size else float("inf")
