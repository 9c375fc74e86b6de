"""CERTIFY and PREDICT: a class of the smoothed classifier with the L2 radius within which it holds, or abstention
(Cohen et al. 2019, section 3.2).
"""

from collections.abc import Generator
from dataclasses import dataclass

from torch import Tensor

from robust_core.certificates import bounds
from robust_core.certificates.noise import FOR_BOUND, FOR_CHOICE
from robust_core.certificates.smoothing import Smoothing
from robust_core.certificates.votes import Votes, votes
from robust_core.checks import check_pixels, whole
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel


@dataclass(frozen=True)
class Certificate:
    """What CERTIFY says of an image. It is wrong with probability at most `smoothing.alpha`.

    candidate  the class that the n0 draws chose
    votes      those of the n draws
    """

    smoothing: Smoothing
    candidate: int
    votes: Votes

    @property
    def p_low(self) -> float:
        """The lower bound on the probability that the model predicts the candidate in noise."""
        return bounds.lower_bound(self.votes.counts[self.candidate], self.votes.n, self.smoothing.alpha)

    @property
    def abstains(self) -> bool:
        """Whether the candidate may not have the majority."""
        return self.p_low <= 0.5

    @property
    def label(self) -> int | None:
        """The certified class, None where it abstains."""
        return None if self.abstains else self.candidate

    @property
    def radius(self) -> float:
        """No change that is shorter, in L2 and pixel units, takes the majority from the class; 0 where it abstains."""
        return bounds.radius(self.p_low, self.smoothing.sigma)


def certify(
    model: LoadedModel, image: Tensor, smoothing: Smoothing, index: int = 0
) -> Generator[Progress | Votes, None, Certificate]:
    """Certify `image` (3,H,W), float32 in [0, 1]; yields the Votes as they come.

    index  the number under which the image has its noise

    Raises BadInput for another shape, type or range, DeviceOutOfMemory when not even one image fits, and NotFinite for
    NaN or infinite logits.
    """
    check_pixels(image[None])
    whole("index", index, 0)
    return _certify(model, image.to(model.device), smoothing, index)


def _certify(
    model: LoadedModel, image: Tensor, smoothing: Smoothing, index: int
) -> Generator[Progress | Votes, None, Certificate]:
    choice = yield from votes(model, image, smoothing, index, FOR_CHOICE, range(smoothing.n0))
    found = yield from votes(model, image, smoothing, index, FOR_BOUND, range(smoothing.n))
    return Certificate(smoothing, choice.top, found)


def prediction(found: Votes, alpha: float) -> int | None:
    """What PREDICT says of its votes: the class that has most, or None where that may be chance. It is another class
    than the smoothed classifier's with probability at most `alpha`.
    """
    (label, count), other = found.first_two
    return label if bounds.p_value(count, other) <= alpha else None


def predict(
    model: LoadedModel, image: Tensor, smoothing: Smoothing, index: int = 0
) -> Generator[Progress | Votes, None, int | None]:
    """What the smoothed classifier predicts for `image` (3,H,W) from n draws, None where it abstains; arguments and
    errors as of `certify`.
    """
    check_pixels(image[None])
    whole("index", index, 0)
    found = votes(model, image.to(model.device), smoothing, index, FOR_BOUND, range(smoothing.n))
    return _predict(found, smoothing.alpha)


def _predict(
    work: Generator[Progress | Votes, None, Votes], alpha: float
) -> Generator[Progress | Votes, None, int | None]:
    return prediction((yield from work), alpha)
