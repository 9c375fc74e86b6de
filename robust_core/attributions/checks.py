"""Whether a map can be believed, as a table of checks with their limits, and the light that they add up to. Passing all
of them proves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from robust_core.attributions.explain import Attribution
from robust_core.attributions.methods import LARGEST_GAP_FRACTION
from robust_core.attributions.quality import AttributionMetrics
from robust_core.attributions.random_controls import LARGEST_P
from robust_core.attributions.sampling import STEADY

LARGEST_SENSITIVITY = 1.0
INSENSITIVE_METHODS = ("guided_backprop", "guided_grad_cam")


class Light(StrEnum):
    """What is known of a map, in the words of a page."""

    PASSED = "passed its checks"
    DOUBTFUL = "doubtful"
    FAILED = "failed a check"
    UNCHECKED = "not checked yet"
    PART = "passed so far"


@dataclass(frozen=True)
class Check:
    """One number of a map and its limits.

    measure         the number, None where the method has none; it is given the evidence that it needs
    needs           which evidence it is from: "" for none, the "metrics", or their "controls"
    doubtful_above  where the map becomes doubtful
    fails_above     where it fails; infinite where it never does
    sentence        what it means to fail
    source          of the number and of its limits
    """

    key: str
    title: str
    measure: Callable[[Attribution, Any], float | None]
    needs: str
    doubtful_above: float
    fails_above: float
    sentence: str
    source: str

    def fails(self, attribution: Attribution, metrics: AttributionMetrics | None) -> bool:
        """Whether the map fails it; False as long as the evidence was not computed."""
        return self.light(attribution, metrics) is Light.FAILED

    def light(self, attribution: Attribution, metrics: AttributionMetrics | None) -> Light | None:
        """What this check alone says; None where it does not apply to the method."""
        if self.needs and (metrics is None or (self.needs == "controls" and metrics.controls is None)):
            return Light.UNCHECKED
        value = self.measure(attribution, metrics)
        if value is None:
            return None
        if value > self.fails_above:
            return Light.FAILED
        return Light.DOUBTFUL if value > self.doubtful_above else Light.PASSED


CHECKS: tuple[Check, ...] = (
    Check(
        "gap",
        "Completeness gap",
        lambda attribution, _: attribution.gap_fraction,
        "",
        0.05,
        LARGEST_GAP_FRACTION,
        "The map does not add up: its sum misses more than a tenth of the change of the score. More steps or samples "
        "may mend it.",
        "Sundararajan et al. 2017, section 5 (5%); the 10% is ours",
    ),
    Check(
        "seed",
        "Change with another seed (1 − r)",
        lambda attribution, _: None if attribution.seed_correlation is None else 1 - attribution.seed_correlation,
        "",
        1 - STEADY,
        1 - STEADY,
        f"Another seed would draw another map: the correlation to expect is below {STEADY}. More samples may mend it.",
        "our limit",
    ),
    Check(
        "insensitive",
        "Ignores the network's weights",
        lambda attribution, _: float(attribution.method in INSENSITIVE_METHODS),
        "",
        0,
        float("inf"),
        "Such maps hardly change when the network is randomised.",
        "Adebayo et al. 2018, of Guided Backprop and Guided Grad-CAM",
    ),
    Check(
        "random",
        "p-value against random maps",
        lambda _, metrics: metrics.controls.p_value,
        "controls",
        LARGEST_P,
        LARGEST_P,
        "The order of its pixels matters no more than that of random maps (insertion minus deletion, p > 0.05).",
        "Petsiuk et al. 2018 (insertion, deletion); Besag and Clifford 1991 (the test); 5% by convention",
    ),
    Check(
        "unexplained",
        "Unexplained effect of covering squares",
        lambda _, metrics: metrics.infidelity.best_scale,
        "metrics",
        0.5,
        float("inf"),
        "At its best scale it explains less than half of what covering squares does to the score.",
        "Yeh et al. 2019, definition 2.1; the half is ours",
    ),
    Check(
        "max_sensitivity",
        "Max-sensitivity",
        lambda _, metrics: metrics.sensitivity,
        "metrics",
        LARGEST_SENSITIVITY / 2,
        LARGEST_SENSITIVITY,
        "It changes by more than its own size when no pixel moves by more than 5/255.",
        "Yeh et al. 2019, definition 2.5; the limits are ours",
    ),
)


def failures(attribution: Attribution, metrics: AttributionMetrics | None) -> tuple[Check, ...]:
    """The rows of CHECKS that `attribution` fails; without evidence only the gap and the seed can
    fail."""
    return tuple(check for check in CHECKS if check.fails(attribution, metrics))


def light(attribution: Attribution, metrics: AttributionMetrics | None) -> Light:
    """The worst that the checks say: a failure, then a doubt, then that some checks, or all with evidence, are still to
    be made.
    """
    said = {check.light(attribution, metrics) for check in CHECKS}
    if Light.UNCHECKED in said and metrics is not None:
        said = said - {Light.UNCHECKED} | {Light.PART}
    order = (Light.FAILED, Light.DOUBTFUL, Light.UNCHECKED, Light.PART)
    return next((one for one in order if one in said), Light.PASSED)
