"""What the mini family shows and what it fails to show: a table of sentences, each with its measure and its bound."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

from robust_core.mini.families import Family

BASELINE, WSL, AT8, STYLISED = "mini_resnext", "mini_resnext_wsl", "mini_resnext_at8", "mini_resnext_stylised"
PLAIN, ATYPICAL = "mini_resnext_wsl_plain", "mini_resnext_wsl_atypical"
SHOWN = (BASELINE, WSL, AT8, STYLISED)


@dataclass(frozen=True)
class Claim:
    """`measure` of the family must be at least, or at most, `bound`; `expected` says whether it held with every seed
    that was tried.
    """

    sentence: str
    models: tuple[str, ...]
    measure: Callable[[Family], float]
    at_least: bool
    bound: float
    expected: bool

    def holds(self, family: Family) -> bool:
        """Whether the family as measured bears the claim out."""
        value = self.measure(family)
        return value >= self.bound if self.at_least else value <= self.bound


def gain(family: Family, split: str) -> float:
    """By how much WSL is more accurate than the baseline on a split."""
    return getattr(family[WSL], split).fraction - getattr(family[BASELINE], split).fraction


def after(family: Family, key: str, attack: str, steps: int) -> float:
    """Accuracy of a model after so many PGD steps."""
    return family[key].attacked[attack][steps].fraction


def bias_gap(family: Family, upper: str, lower: str) -> float:
    """By how much the shape bias of one model is above that of another; NaN where one of them decides nothing."""
    above, below = family[upper].cues.shape_bias, family[lower].cues.shape_bias
    return nan if above is None or below is None else above - below


CLAIMS = (
    Claim(
        "WSL beats the baseline on the filtered hard set (mini-A)",
        (BASELINE, WSL),
        lambda f: gain(f, "hard_filtered"),
        True,
        0.20,
        True,
    ),
    Claim(
        "WSL beats the baseline on the unfiltered hard set",
        (BASELINE, WSL),
        lambda f: gain(f, "hard"),
        True,
        0.15,
        True,
    ),
    Claim(
        "WSL falls more slowly: accuracy after 10 steps at 4/255, WSL minus baseline",
        (BASELINE, WSL),
        lambda f: after(f, WSL, "4/255", 10) - after(f, BASELINE, "4/255", 10),
        True,
        0.10,
        True,
    ),
    Claim(
        "The baseline collapses: after 50 steps at 4/255",
        (BASELINE,),
        lambda f: after(f, BASELINE, "4/255", 50),
        False,
        0.30,
        True,
    ),
    # .398 with the seeds 0 and 2 but .406 with seed 1, so that it is no claim to test.
    Claim(
        "WSL collapses too: after 50 steps at 4/255", (WSL,), lambda f: after(f, WSL, "4/255", 50), False, 0.40, False
    ),
    Claim(
        "Without adversarial training nothing is left after 50 steps at 8/255: the best of the three",
        (BASELINE, WSL, STYLISED),
        lambda f: max(after(f, key, "8/255", 50) for key in (BASELINE, WSL, STYLISED)),
        False,
        0.05,
        True,
    ),
    Claim(
        "The adversarially trained model stays up: after 50 steps at 4/255",
        (AT8,),
        lambda f: after(f, AT8, "4/255", 50),
        True,
        0.60,
        True,
    ),
    Claim(
        "Its curve is flat at the end: from 20 to 50 steps at 4/255 it loses",
        (AT8,),
        lambda f: after(f, AT8, "4/255", 20) - after(f, AT8, "4/255", 50),
        False,
        0.05,
        True,
    ),
    Claim(
        "No sign of masked gradients: after 50 steps at 32/255, the best of the four",
        SHOWN,
        lambda f: max(after(f, key, "32/255", 50) for key in SHOWN),
        False,
        0.05,
        True,
    ),
    Claim("Shape bias, WSL minus baseline", (BASELINE, WSL), lambda f: bias_gap(f, WSL, BASELINE), True, 0.10, True),
    Claim("Shape bias, stylised minus WSL", (WSL, STYLISED), lambda f: bias_gap(f, STYLISED, WSL), True, 0.20, True),
    Claim("Shape bias, adversarially trained minus WSL", (WSL, AT8), lambda f: bias_gap(f, AT8, WSL), True, 0.0, False),
    Claim(
        "Accuracy under Gaussian noise (deviation 0.12), plain WSL minus baseline",
        (BASELINE, PLAIN),
        lambda f: f[PLAIN].noisy.fraction - f[BASELINE].noisy.fraction,
        True,
        0.0,
        False,
    ),
)
