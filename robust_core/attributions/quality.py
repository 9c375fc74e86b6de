"""Whether a map can be believed: how well it foretells the effect of covering, how steady it is, and what its order is
worth beside random maps.

None of these says that a map is right; each can say that it is not.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from robust_core.attributions import costs
from robust_core.attributions.curve_protocols import USUAL_PROTOCOL, get_protocol
from robust_core.attributions.explain import Attribution
from robust_core.attributions.infidelity import SQUARES, Infidelity, infidelity
from robust_core.attributions.insertion_deletion import Curves, insertion_deletion, passes
from robust_core.attributions.random_controls import MOST, RandomControls, random_controls
from robust_core.attributions.sensitivity import NEARBY, max_sensitivity
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel


@dataclass(frozen=True, eq=False)
class AttributionMetrics:
    """The evidence about one map.

    sensitivity         the largest relative change of the map when every pixel moves by at most sensitivity.RADIUS; 0
                        is steady
    curves, protocol    insertion and deletion, and the key of the way in which they were drawn
    controls            the same for random maps; None as long as they were not asked for
    seconds_a_pass      what a forward pass took, for a forecast
    """

    infidelity: Infidelity
    sensitivity: float
    curves: Curves
    protocol: str
    seconds_a_pass: float
    controls: RandomControls | None = None

    @property
    def most_passes_of_controls(self) -> int:
        """How many forward passes the random maps take at most."""
        return MOST * 2 * len(self.curves.insertion)


def evidence_passes(attribution: Attribution, protocol: str) -> float:
    """How many passes `evaluate` takes at most without random maps, for a forecast, one forward alone counted like one
    forward and back; raises UnknownName for a protocol that is none.
    """
    forward = SQUARES + passes(get_protocol(protocol), attribution.map.shape)
    return forward + NEARBY * costs.passes(attribution.method, dict(attribution.settings))


def evaluate(
    model: LoadedModel,
    pixels: Tensor,
    attribution: Attribution,
    *,
    protocol: str = USUAL_PROTOCOL,
    controls: bool = True,
) -> Generator[Progress, None, AttributionMetrics]:
    """All the evidence about `attribution`, a map of `model` for `pixels` (1,3,H,W), without random maps unless
    `controls`; yields a Progress between batches.

    Costs a few more explanations and passes. Every draw is seeded. Raises UnknownName for a protocol of insertion and
    deletion that is none.
    """
    row, pixels = get_protocol(protocol), pixels.detach().to(model.device)
    unexplained = yield from infidelity(model, pixels, attribution)
    largest_change = yield from max_sensitivity(model, pixels, attribution)
    started = time.perf_counter()
    (curves,) = yield from insertion_deletion(model, pixels, attribution.target, [attribution.map], row)
    seconds_a_pass = (time.perf_counter() - started) / passes(row, pixels.shape[2:])
    metrics = AttributionMetrics(unexplained, largest_change, curves, protocol, seconds_a_pass)
    return (yield from add_controls(model, pixels, attribution, metrics)) if controls else metrics


def add_controls(
    model: LoadedModel, pixels: Tensor, attribution: Attribution, metrics: AttributionMetrics
) -> Generator[Progress, None, AttributionMetrics]:
    """The same evidence, with random maps beside the map."""
    pixels, row = pixels.detach().to(model.device), get_protocol(metrics.protocol)
    controls = yield from random_controls(model, pixels, attribution, metrics.curves, row)
    return replace(metrics, controls=controls)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's rank correlation of two maps of the same shape, -1 to 1; None when one of them is the same
    everywhere.
    """
    from scipy.stats import spearmanr  # not before it is needed: a page shows results sooner

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one, other, axis=None).statistic)
