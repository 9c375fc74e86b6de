"""What the order of a map's places is worth: the class's probability as they appear, and as they go (Petsiuk et al.
2018, section 4.2).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from robust_core.attributions.baselines import make_baseline
from robust_core.attributions.batches import in_batches, logits
from robust_core.attributions.curve_protocols import CurveProtocol
from robust_core.events import Progress
from robust_core.images import Preprocess
from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class Curves:
    """The target's probability (steps + 1,) as places are put onto the blurred image, and taken away to grey, the most
    important first.
    """

    insertion: np.ndarray
    deletion: np.ndarray

    @cached_property
    def insertion_area(self) -> float:
        """Area under the insertion curve, 0 to 1; high is good."""
        return float(np.trapezoid(self.insertion, dx=1 / (len(self.insertion) - 1)))

    @cached_property
    def deletion_area(self) -> float:
        """Area under the deletion curve, 0 to 1; low is good."""
        return float(np.trapezoid(self.deletion, dx=1 / (len(self.deletion) - 1)))

    @property
    def score(self) -> float:
        """Insertion area minus deletion area, -1 to 1."""
        return self.insertion_area - self.deletion_area


def passes(protocol: CurveProtocol, shape: Sequence[int]) -> int:
    """How many forward passes both curves of one map of `shape` (H,W) take."""
    return 2 * (protocol.steps(shape[0]) + 1)


def insertion_deletion(
    model: LoadedModel, pixels: Tensor, target: int, rankings: Sequence[np.ndarray], protocol: CurveProtocol
) -> Generator[Progress, None, list[Curves]]:
    """The curves for pixels (1,3,H,W) in the order of each of `rankings` (H,W), largest first; all in the same
    batches.
    """
    points = protocol.steps(pixels.shape[2]) + 1
    place_of = torch.stack([_place_of(ranking) for ranking in rankings]).to(pixels.device)[:, None]
    blurred = _blurred(protocol, pixels, model.spec.preprocess)
    grey = make_baseline("mean grey", pixels, model.spec.preprocess)

    def part(places: range) -> Tensor:
        which, inserting, step = (
            torch.tensor(row, device=pixels.device)
            for row in zip(*((n // (2 * points), n % (2 * points) < points, n % points) for n in places), strict=True)
        )
        first = (place_of[0].numel() * step.double() / (points - 1)).round().view(-1, 1, 1, 1)
        taken, inserting = place_of[which] < first, inserting.view(-1, 1, 1, 1)
        shown = torch.where(inserting, torch.where(taken, pixels, blurred), torch.where(taken, grey, pixels))
        return logits(model, shown).softmax(1)[:, target]

    work = in_batches(model, pixels, len(rankings) * 2 * points, part)
    probabilities = torch.cat((yield from work)).cpu().numpy().reshape(len(rankings), 2, points)
    return [Curves(insertion, deletion) for insertion, deletion in probabilities]


def _place_of(ranking: np.ndarray) -> Tensor:
    """(H,W) the place of each pixel in the order, 0 for the largest."""
    order = np.argsort(-ranking, axis=None, kind="stable")
    return torch.from_numpy(np.argsort(order).reshape(ranking.shape))


def _blurred(protocol: CurveProtocol, pixels: Tensor, preprocess: Preprocess) -> Tensor:
    """What insertion starts from, (1,3,H,W). A kernel blurs after normalisation with zeros around it, so that the mean
    colour lies beyond the edge.
    """
    from scipy.ndimage import gaussian_filter  # not before it is needed: a page shows results sooner

    if protocol.kernel_px is None:
        return make_baseline("blurred", pixels, preprocess)
    point = np.zeros((protocol.kernel_px, protocol.kernel_px))
    point[protocol.kernel_px // 2, protocol.kernel_px // 2] = 1
    weights = torch.from_numpy(gaussian_filter(point, protocol.sigma_px)).to(pixels).expand(3, 1, -1, -1)
    grey = make_baseline("mean grey", pixels, preprocess)
    return grey + functional.conv2d(pixels - grey, weights, padding=protocol.kernel_px // 2, groups=3)
