"""How a classifier is smoothed, and how the smallest change of its prediction is looked for, as data that validates
itself.
"""

from dataclasses import dataclass
from functools import cached_property

from robust_core.certificates import bounds
from robust_core.checks import is_finite, set_whole
from robust_core.errors import BadInput

MOST_DRAWS = 100_000  # as Cohen et al. 2019 drew
WIDEST = 10.0
MOST_STEPS, MOST_SEARCH_DRAWS = 1000, 1000
MOST_VERDICTS = 10


@dataclass(frozen=True)
class Smoothing:
    """The classifier that predicts what the model predicts most often for the image in Gaussian noise.

    sigma  standard deviation of the noise in pixel units, above 0 and at most 10
    n      draws that a radius is certified from, and that a prediction is made from; at most 100,000
    alpha  probability with which a certificate may be wrong, between 0 and 1
    n0     draws that choose the class to be certified, no more than n
    seed   of the noise

    Raises BadInput for a number out of range, and where n draws could not certify anything at this alpha.
    """

    sigma: float
    n: int = 1000
    alpha: float = 0.001
    n0: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if not (is_finite(self.sigma) and 0 < self.sigma <= WIDEST):
            raise BadInput(f"sigma must be above 0 and at most {WIDEST:g}, in pixel units; got {self.sigma!r}.")
        if not (is_finite(self.alpha) and 0 < self.alpha < 1):
            raise BadInput(f"alpha must be between 0 and 1; got {self.alpha!r}.")
        set_whole(self, "n", 1, MOST_DRAWS)
        set_whole(self, "n0", 1, self.n)
        set_whole(self, "seed", 0)
        if self.n < (fewest := bounds.fewest_draws(self.alpha)):
            raise BadInput(
                f"At α = {self.alpha:g} no radius can be certified from fewer than {fewest} draws; got n = {self.n}."
            )

    @cached_property
    def ceiling(self) -> float:
        """The largest radius that can be certified: all n draws agree."""
        return bounds.ceiling(self.sigma, self.n, self.alpha)

    def __str__(self) -> str:
        """The protocol in one line, such as "Gaussian noise, σ = 0.25, n0 = 100, n = 1,000, α = 0.001, seed 0"."""
        return (
            f"Gaussian noise, σ = {self.sigma:g}, n0 = {self.n0:,}, n = {self.n:,}, α = {self.alpha:g}, "
            f"seed {self.seed}"
        )


@dataclass(frozen=True)
class SmoothedSearch:
    """How the smallest change is looked for: `steps` along the gradient of the mean softmax over `draws` of noise.

    Raises BadInput for a number out of range.
    """

    steps: int = 20
    draws: int = 32

    def __post_init__(self) -> None:
        set_whole(self, "steps", 1, MOST_STEPS)
        set_whole(self, "draws", 1, MOST_SEARCH_DRAWS)

    def __str__(self) -> str:
        return (
            f"smallest L2 change of the smoothed classifier: {self.steps} steps on {self.draws} draws, "
            f"up to {MOST_VERDICTS} verdicts of PREDICT, at α/{MOST_VERDICTS} each, on fresh draws"
        )
