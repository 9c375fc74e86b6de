"""What the model card says of one model: counts, so that every share keeps its n."""

from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from robust_core.events import Progress
from robust_core.intervals import Interval, wilson
from robust_core.mini.answers import ATTACKS, RECORDED_STEPS, attacked_correct, predict
from robust_core.mini.splits import CONFLICT, TEST, TEST_HARD, TEST_WIDE, render
from robust_core.mini.weights import describe, load
from robust_core.mini.world import Pictures

UNFILTERED_HARD = 1_024
NOISY = 1_024
NOISE_STD = 0.12


@dataclass(frozen=True)
class Count:
    """`correct` of `n` pictures."""

    correct: int
    n: int

    @property
    def fraction(self) -> float:
        """The share, from 0 to 1."""
        return self.correct / self.n

    @property
    def interval(self) -> Interval | None:
        """The share with its Wilson interval; None without pictures."""
        return wilson(self.correct, self.n)


@dataclass(frozen=True)
class CueCount:
    """How a model decides `n` pictures whose shape and texture disagree."""

    shape: int
    texture: int
    n: int

    @property
    def decided(self) -> int:
        """How many answers were the shape or the texture."""
        return self.shape + self.texture

    @property
    def shape_bias(self) -> float | None:
        """The share of shape among the decided; None when nothing was decided."""
        return self.shape / self.decided if self.decided else None

    @property
    def interval(self) -> Interval | None:
        """The shape bias with its Wilson interval."""
        return wilson(self.shape, self.decided)


@dataclass(frozen=True)
class Measurement:
    """Everything measured of one weight file. `attacked` is keyed by attack name, then by steps."""

    file: dict[str, str]
    clean: Count
    wide: Count
    hard: Count
    hard_filtered: Count
    noisy: Count
    cues: CueCount
    attacked: dict[str, dict[int, Count]]

    @classmethod
    def from_record(cls, record: dict) -> "Measurement":
        """The inverse of `record`."""
        counts = {name: Count(**record[name]) for name in ("clean", "wide", "hard", "hard_filtered", "noisy")}
        attacked = {
            name: {int(steps): Count(**count) for steps, count in curve.items()}
            for name, curve in record["attacked"].items()
        }
        return cls(file=record["file"], cues=CueCount(**record["cues"]), attacked=attacked, **counts)

    def record(self) -> dict:
        """As plain values for JSON."""
        return asdict(self)


def measure(path: Path, hard_indices: Tensor) -> Generator[Progress, None, Measurement]:
    """Measure one weight file on the test splits."""
    network, test, hard = load(path), render(TEST), render(TEST_HARD)
    attacked = {}
    for attack in ATTACKS:
        pictures = test[: attack.n]
        correct = yield from attacked_correct(network, pictures.pixels, pictures.shape, attack, seed=0)
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


def count_correct(network: nn.Module, pictures: Pictures) -> Count:
    """How often the answer is the shape."""
    return Count(int((predict(network, pictures.pixels) == pictures.shape).sum()), len(pictures))


def count_cues(network: nn.Module, pictures: Pictures) -> CueCount:
    """Shape and texture decisions on cue-conflict pictures (Geirhos et al. 2019, section 2.4)."""
    answer = predict(network, pictures.pixels)
    return CueCount(int((answer == pictures.shape).sum()), int((answer == pictures.texture).sum()), len(pictures))


def noisy(pictures: Pictures) -> Pictures:
    """The pictures under Gaussian noise of one fixed seed."""
    random = torch.Generator().manual_seed(0)
    pixels = (pictures.pixels + NOISE_STD * torch.randn(pictures.pixels.shape, generator=random)).clamp(0, 1)
    return Pictures(pixels, pictures.shape, pictures.texture, pictures.second, pictures.mask)
