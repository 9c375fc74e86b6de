"""What the model card says of one model: counts, so that every share keeps its n."""

from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from robust_core.cue_conflict.votes import CueVotes
from robust_core.events import Progress
from robust_core.intervals import Interval, wilson
from robust_core.mini.predictions import ATTACKS, RECORDED_STEPS, attacked_correct, predict
from robust_core.mini.splits import CONFLICT, TEST, TEST_HARD, TEST_WIDE, render
from robust_core.mini.weights import describe, load
from robust_core.mini.world import SyntheticImages

UNFILTERED_HARD = 1_024
NOISY = 1_024
NOISE_STD = 0.12


@dataclass(frozen=True)
class Count:
    """`correct` of `n` images."""

    correct: int
    n: int

    @property
    def fraction(self) -> float:
        """The share, from 0 to 1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval | None:
        """The share with its Wilson interval; None without images."""
        return wilson(self.correct, self.n)


@dataclass(frozen=True)
class Measurement:
    """Everything measured of one weight file. `attacked` is keyed by attack name, then by steps."""

    file: dict[str, str]
    clean: Count
    wide: Count
    hard: Count
    hard_filtered: Count
    noisy: Count
    cues: CueVotes
    attacked: dict[str, dict[int, Count]]

    @classmethod
    def from_record(cls, record: dict) -> "Measurement":
        """The inverse of `record`."""
        counts = {name: Count(**record[name]) for name in ("clean", "wide", "hard", "hard_filtered", "noisy")}
        attacked = {
            name: {int(steps): Count(**count) for steps, count in curve.items()}
            for name, curve in record["attacked"].items()
        }
        return cls(file=record["file"], cues=CueVotes(**record["cues"]), attacked=attacked, **counts)

    def record(self) -> dict:
        """As plain values for JSON."""
        return asdict(self)


def measure(path: Path, hard_indices: Tensor) -> Generator[Progress, None, Measurement]:
    """Measure one weight file on the test splits."""
    network, test, hard = load(path), render(TEST), render(TEST_HARD)
    attacked = {}
    for attack in ATTACKS:
        images = test[: attack.n]
        correct = yield from attacked_correct(network, images.pixels, images.shape, attack, seed=0)
        attacked[attack.name] = {steps: Count(correct[steps], attack.n) for steps in RECORDED_STEPS}
    return Measurement(
        file=describe(path),
        clean=count_correct(network, test),
        wide=count_correct(network, render(TEST_WIDE)),
        hard=count_correct(network, hard[:UNFILTERED_HARD]),
        hard_filtered=count_correct(network, hard[hard_indices]),
        noisy=count_correct(network, noisy(test[:NOISY])),
        cues=count_cues(network, render(CONFLICT)),
        attacked=attacked,
    )


def count_correct(network: nn.Module, images: SyntheticImages) -> Count:
    """How often the prediction is the shape."""
    return Count(int((predict(network, images.pixels) == images.shape).sum()), len(images))


def count_cues(network: nn.Module, images: SyntheticImages) -> CueVotes:
    """Shape and texture decisions on cue-conflict images (Geirhos et al. 2019, section 2.4)."""
    prediction = predict(network, images.pixels)
    return CueVotes(int((prediction == images.shape).sum()), int((prediction == images.texture).sum()), len(images))


def noisy(images: SyntheticImages) -> SyntheticImages:
    """The images under Gaussian noise of one fixed seed."""
    random = torch.Generator().manual_seed(0)
    pixels = (images.pixels + NOISE_STD * torch.randn(images.pixels.shape, generator=random)).clamp(0, 1)
    return SyntheticImages(pixels, images.shape, images.texture, images.second, images.mask)
