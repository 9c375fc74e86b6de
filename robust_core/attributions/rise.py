"""RISE (Petsiuk et al. 2018): how the probability goes with what random masks leave visible. Captum has no such
method.
"""

from collections.abc import Generator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import logits
from robust_core.attributions.sampling import Estimate, until_steady
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel


def rise(
    model: LoadedModel,
    pixels: Tensor,
    target: int,
    *,
    masks: int,
    cells: int,
    visible_fraction: float,
    baseline: str,
    seed: int,
) -> Generator[Progress, None, Estimate]:
    """(1,1,H,W) the mean over masks of (probability - mean probability) × mask / visible fraction.

    Section 3.2, equation 6, where the mean probability is not subtracted: in expectation it adds the same to every
    pixel, and noise.
    """
    instead = make_baseline(baseline, pixels, model.spec.preprocess)

    def draw(places: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        shown = torch.stack(
            [random_mask(pixels.shape[2:], cells, visible_fraction, seed, place) for place in places]
        ).to(pixels.device)
        probabilities = logits(model, torch.lerp(instead, pixels, shown)).softmax(1)[:, target]
        return (
            probabilities.sum(),
            shown.sum(0, keepdim=True),
            (probabilities.view(-1, 1, 1, 1) * shown).sum(0, keepdim=True),
        )

    def weigh(sums: tuple[Tensor, ...], n: int) -> Tensor:
        probability, shown, weighted = sums
        return (weighted - probability / n * shown) / (n * visible_fraction)

    estimate, _ = yield from until_steady(model, pixels, masks, draw, weigh)
    return estimate


def random_mask(shape: Sequence[int], cells: int, visible_fraction: float, seed: int, place: int) -> Tensor:
    """(1,H,W) in [0, 1]: a grid of visible (1) and hidden (0) cells, one larger than the image each way, drawn soft
    and shifted.

    Section 3.2, "Mask generation". Each mask has draws of its own, from (seed, place).
    """
    rng = np.random.default_rng([seed, place])
    grid = torch.from_numpy((rng.random((1, 1, cells + 1, cells + 1)) < visible_fraction).astype(np.float32))
    cell_px = [-(-side // cells) for side in shape]
    large = functional.interpolate(grid, [(cells + 1) * size for size in cell_px], mode="bilinear", align_corners=False)
    top, left = (int(rng.integers(size)) for size in cell_px)
    return large[0, :, top : top + shape[0], left : left + shape[1]].contiguous()
