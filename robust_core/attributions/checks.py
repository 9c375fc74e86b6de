"""When a map should not be believed: rules with a sentence each, as a table. Passing all of them proves nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from robust_core.attributions.explain import Attribution
from robust_core.attributions.methods import LARGEST_GAP_FRACTION
from robust_core.attributions.quality import AttributionMetrics
from robust_core.attributions.sampling import STEADY

LARGEST_SENSITIVITY = 1.0


@dataclass(frozen=True)
class Check:
    """One rule; `fails(attribution, metrics)` where the metrics are None as long as they were not computed."""

    key: str
    sentence: str
    fails: Callable[[Attribution, AttributionMetrics | None], bool]


CHECKS: tuple[Check, ...] = (
    Check(
        "gap",
        "The map does not add up: its sum misses more than a tenth of the change of the score. More steps or samples "
        "may mend it.",
        lambda attribution, _: (attribution.gap_fraction or 0) > LARGEST_GAP_FRACTION,
    ),
    Check(
        "seed",
        f"Another seed would draw another map: the correlation to expect is below {STEADY}. More samples may mend it.",
        lambda attribution, _: attribution.seed_correlation is not None and attribution.seed_correlation < STEADY,
    ),
    Check(
        "random",
        "The order of its pixels matters no more than that of random maps (insertion minus deletion, p > 0.05).",
        lambda _, metrics: metrics is not None and metrics.controls is not None and not metrics.controls.beaten,
    ),
    Check(
        "max_sensitivity",
        "It changes by more than its own size when no pixel moves by more than 5/255.",
        lambda _, metrics: metrics is not None and metrics.sensitivity > LARGEST_SENSITIVITY,
    ),
)


def failures(attribution: Attribution, metrics: AttributionMetrics | None) -> tuple[Check, ...]:
    """The rows of CHECKS that `attribution` fails; without evidence only the gap and the seed can
    fail."""
    return tuple(check for check in CHECKS if check.fails(attribution, metrics))
