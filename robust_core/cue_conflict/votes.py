"""How often a model votes for the shape, the texture or neither, and whether two models differ on the same images."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import TypeVar

import numpy as np

from robust_core.cue_conflict.decisions import NAMES
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.errors import BadInput
from robust_core.intervals import Interval, mcnemar, wilson
from robust_core.resampling import OVER_EXEMPLARS, clustered_share

Decisions = Sequence[int] | np.ndarray
Key = TypeVar("Key", bound=Hashable)


class Cue(StrEnum):
    """What a decision follows."""

    SHAPE = "shape"
    TEXTURE = "texture"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Clusters:
    """Who voted for what: whether each stimulus is decided by its `shape` and by its `texture`, (N,) bool, and the
    numbers of the `exemplars` of shape and of texture that it was made of, two (N,) int.
    """

    shape: np.ndarray
    texture: np.ndarray
    exemplars: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class CueVotes:
    """How `n` images were decided: `shape` and `texture` are the votes for each cue.

    An image without a conflict whose one category is predicted stands in both (see `stimuli.counted`). `clusters` are
    known where the exemplars are; without them, the intervals take the images for independent of each other.
    """

    shape: int
    texture: int
    n: int
    clusters: Clusters | None = field(default=None, compare=False, repr=False)

    @property
    def decided(self) -> int:
        """Votes for either cue."""
        return self.shape + self.texture

    @property
    def shape_bias(self) -> float | None:
        """shape / (shape + texture), from 0 to 1; None when nothing was decided. It means little without `coverage`
        beside it.
        """
        return self.shape / self.decided if self.decided else None

    @property
    def coverage(self) -> float | None:
        """The share of images decided for either cue, from 0 to 1, which others call the fraction correct; None
        without images.
        """
        return self.decided / self.n if self.n else None

    @property
    def shape_bias_interval(self) -> Interval | None:
        """The interval of the shape bias, whose n are the decided images; None when nothing was decided."""
        if self.clusters is None:
            return wilson(self.shape, self.decided)
        shape, texture = self.clusters.shape.astype(float), self.clusters.texture.astype(float)
        return clustered_share(shape, shape + texture, self.clusters.exemplars, OVER_EXEMPLARS)

    @property
    def coverage_interval(self) -> Interval | None:
        """The interval of the coverage, whose n are all images; None without images."""
        if self.clusters is None:
            return wilson(min(self.decided, self.n), self.n)
        decided = (self.clusters.shape | self.clusters.texture).astype(float)
        return clustered_share(decided, np.ones(self.n), self.clusters.exemplars, OVER_EXEMPLARS)

    def interval_of(self, cue: Cue) -> Interval | None:
        """The share of all images that are decided for `cue`, SHAPE or TEXTURE, with its interval, whose n are all
        images; None without images.
        """
        if self.clusters is None:
            return wilson(self.shape if cue is Cue.SHAPE else self.texture, self.n)
        decided = self.clusters.shape if cue is Cue.SHAPE else self.clusters.texture
        return clustered_share(decided.astype(float), np.ones(self.n), self.clusters.exemplars, OVER_EXEMPLARS)


@dataclass(frozen=True)
class PairedVotes:
    """Two models on the same images: counts of the images that both decide, and of the `others`, which at least one
    does not.
    """

    both_shape: int
    both_texture: int
    first_shape: int
    second_shape: int
    others: int

    @property
    def divided(self) -> int:
        """Images that one model decides by shape and the other by texture."""
        return self.first_shape + self.second_shape

    @property
    def p_value(self) -> float | None:
        """McNemar's exact test that neither leans more to shape; None when nothing divides them."""
        return mcnemar(self.first_shape, self.second_shape)


def cues_of(decisions: Decisions, stimuli: Sequence[Stimulus]) -> list[Cue]:
    """What each of `decisions` (indices into the 16 categories) follows; the shape, where both cues say the same.

    Raises BadInput when they are not as many as the stimuli.
    """
    _check_as_many(decisions, stimuli)
    return [cue_of(NAMES[decision], stimulus) for decision, stimulus in zip(decisions, stimuli, strict=True)]


def cue_of(decision: str, stimulus: Stimulus) -> Cue:
    """What a decision for one of the 16 categories follows; the shape, where both cues say the same."""
    if decision == stimulus.shape:
        return Cue.SHAPE
    return Cue.TEXTURE if decision == stimulus.texture else Cue.OTHER


def tally(decisions: Decisions, stimuli: Sequence[Stimulus]) -> CueVotes:
    """The votes of `decisions` (indices into the 16 categories, one per stimulus); raises BadInput when they are not as
    many.
    """
    _check_as_many(decisions, stimuli)
    predicted = [NAMES[decision] for decision in decisions]
    shape = np.array([one == stimulus.shape for one, stimulus in zip(predicted, stimuli, strict=True)], bool)
    texture = np.array([one == stimulus.texture for one, stimulus in zip(predicted, stimuli, strict=True)], bool)
    exemplars = _exemplars(stimuli)
    clusters = None if exemplars is None else Clusters(shape, texture, exemplars)
    return CueVotes(int(shape.sum()), int(texture.sum()), len(stimuli), clusters)


def by_category(decisions: Decisions, stimuli: Sequence[Stimulus], cue: Cue) -> dict[str, CueVotes]:
    """The votes on the stimuli of each category of `cue` (SHAPE or TEXTURE), in the order of the 16, also where there
    is no stimulus.
    """
    groups = _grouped(decisions, stimuli, attrgetter(cue))
    return {name: groups.get(name, CueVotes(0, 0, 0)) for name in NAMES}


def matrix(decisions: Decisions, stimuli: Sequence[Stimulus]) -> dict[tuple[str, str], CueVotes]:
    """The votes by (shape, texture), for every pair that occurs."""
    return _grouped(decisions, stimuli, attrgetter("shape", "texture"))


def compare(first: Decisions, second: Decisions, stimuli: Sequence[Stimulus]) -> PairedVotes:
    """Two models' decisions on the same `stimuli`, image by image; raises BadInput when they are not as many."""
    one, other = cues_of(first, stimuli), cues_of(second, stimuli)
    count = Counter(zip(one, other, strict=True))
    shape, texture = Cue.SHAPE, Cue.TEXTURE
    counted = count[shape, shape], count[texture, texture], count[shape, texture], count[texture, shape]
    return PairedVotes(*counted, others=len(stimuli) - sum(counted))


def _exemplars(stimuli: Sequence[Stimulus]) -> tuple[np.ndarray, np.ndarray] | None:
    """The exemplars of shape and of texture as numbers, (N,) each; None unless all are known and each kind has two."""
    known = [stimulus.exemplars for stimulus in stimuli if stimulus.exemplars]
    if not known or len(known) < len(stimuli):
        return None
    shapes, textures = (np.unique(names, return_inverse=True)[1] for names in zip(*known, strict=True))
    return (shapes, textures) if shapes.max() and textures.max() else None


def _grouped(decisions: Decisions, stimuli: Sequence[Stimulus], key: Callable[[Stimulus], Key]) -> dict[Key, CueVotes]:
    _check_as_many(decisions, stimuli)
    groups: dict[Key, tuple[list[int], list[Stimulus]]] = {}
    for decision, stimulus in zip(decisions, stimuli, strict=True):
        members = groups.setdefault(key(stimulus), ([], []))
        members[0].append(decision)
        members[1].append(stimulus)
    return {name: tally(*members) for name, members in groups.items()}


def _check_as_many(decisions: Decisions, stimuli: Sequence[Stimulus]) -> None:
    if np.ndim(decisions) != 1 or len(decisions) != len(stimuli):
        raise BadInput(
            f"Expected one decision for each of the {len(stimuli)} stimuli; got the shape {np.shape(decisions)}."
        )
