"""The votes of a model on an image in noise, one draw after the other."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass

from torch import Tensor

from robust_core.attacks.passes import forward
from robust_core.certificates.noise import noise
from robust_core.certificates.smoothing import Smoothing
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel


@dataclass(frozen=True)
class Votes:
    """How often each class was predicted so far for the image of number `index`, in the draws for one `purpose`; a
    class without a vote is left out.
    """

    index: int
    purpose: int
    counts: Counter[int]

    @property
    def n(self) -> int:
        """How many draws there were."""
        return self.counts.total()

    @property
    def top(self) -> int:
        """The class of most votes, the first to have come of several."""
        return self.counts.most_common(1)[0][0]

    @property
    def first_two(self) -> tuple[tuple[int, int], int]:
        """The class of most votes with their number, and the number of votes of the next."""
        (first, *others) = self.counts.most_common(2)
        return first, others[0][1] if others else 0


def votes(
    model: LoadedModel, image: Tensor, smoothing: Smoothing, index: int, purpose: int, draws: range
) -> Generator[Progress | Votes, None, Votes]:
    """Predict `image` (3,H,W), on the model's device, in each of `draws`; yields the Votes after every batch, and
    returns them.

    The noisy image is not clipped to [0, 1]: the radius holds for Gaussian noise alone.
    """
    counts: Counter[int] = Counter()

    def work(places: range) -> None:
        numbers = draws[places.start : places.stop]
        drawn = noise(tuple(image.shape), smoothing.seed, index, purpose, numbers).to(image)
        counts.update(forward(model.serving, image + smoothing.sigma * drawn).argmax(1).tolist())

    for event in model.batches(*image.shape[1:]).run(len(draws), work, "draws"):
        yield Votes(index, purpose, counts.copy())
        yield event
    return Votes(index, purpose, counts)
