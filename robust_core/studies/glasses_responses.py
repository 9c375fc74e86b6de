"""What one model decides for through glasses, at each strength of a filter: the numbers, and what they come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from robust_core.cue_conflict.decisions import NAMES, RULES, DecisionRule, decide
from robust_core.cue_conflict.stimuli import Stimulus
from robust_core.cue_conflict.votes import Cue, CueVotes, tally
from robust_core.input_filters.table import InputFilter, get_filter
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.shape_bias import as_assumed

CHANCE_COVERAGE = 2 / len(NAMES)  # of a network that guesses one of the 16 categories
SHAPE_BIAS, COVERAGE, SHAPES, TEXTURES = "shape_bias", "coverage", "shape_decisions", "texture_decisions"
_OF_VOTES: dict[str, Callable[[CueVotes], Interval | None]] = {
    SHAPE_BIAS: lambda votes: votes.shape_bias_interval,
    COVERAGE: lambda votes: votes.coverage_interval,
    SHAPES: lambda votes: votes.interval_of(Cue.SHAPE),
    TEXTURES: lambda votes: votes.interval_of(Cue.TEXTURE),
}
METRICS = tuple(_OF_VOTES)
AT_CHANCE = (
    f"A network that guesses one of the 16 categories covers {CHANCE_COVERAGE:.1%} and has a shape bias of 50%: where "
    "coverage comes near that, shape bias says nothing about shape."
)

CHOSEN = "the clearest change of all strengths, chosen on these stimuli"


@dataclass(frozen=True, eq=False)
class GlassesResponses:
    """One model's `decisions` (S,N), as indices into the 16 categories by the key of the rule that reads them, on
    `stimuli` at each of `strengths`, of which the first is None: without a filter.

    input_px   (height, width) of the pixels that the filter and the model are given
    """

    spec: ModelSpec
    device: str
    input_filter: str
    strengths: tuple[float | None, ...]
    stimuli: tuple[Stimulus, ...]
    decisions: Mapping[str, np.ndarray]
    input_px: tuple[int, int]
    seconds: float

    @property
    def row(self) -> InputFilter:
        """The filter."""
        return get_filter(self.input_filter)

    def then(
        self, strength: float | None, probabilities: np.ndarray, input_px: tuple[int, int], seconds: float
    ) -> "GlassesResponses":
        """The same with what the model predicts at one more strength: class `probabilities` (N,K)."""
        decisions = {
            rule.key: np.vstack([self.decisions[rule.key], decide(probabilities, rule).astype(np.uint8)])
            for rule in RULES
        }
        strengths = (*self.strengths, strength)
        return replace(self, strengths=strengths, decisions=decisions, input_px=input_px, seconds=seconds)

    @cached_property
    def _counted(self) -> dict[tuple[int, str], CueVotes]:
        """What was asked for before: a page asks for the same again and again."""
        return {}

    @cached_property
    def _intervals(self) -> dict[tuple[int, str, str], Interval | None]:
        return {}

    def votes(self, place: int, rule: DecisionRule) -> CueVotes:
        """Shape, texture and coverage under `rule` at the strength at `place`."""
        key = place, rule.key
        if key not in self._counted:
            self._counted[key] = tally(self.decisions[rule.key][place], self.stimuli)
        return self._counted[key]

    def interval(self, place: int, rule: DecisionRule, metric: str) -> Interval | None:
        """One of METRICS under `rule` at the strength at `place`, with its interval; None where nothing was decided."""
        key = place, rule.key, metric
        if key not in self._intervals:
            votes = self.votes(place, rule)
            self._intervals[key] = as_assumed(_OF_VOTES[metric](votes), votes, self.spec)
        return self._intervals[key]

    def clearest_change(self, rule: DecisionRule) -> int | None:
        """The place of the strength whose shape bias differs most from that without a filter; only those count whose
        intervals do not overlap, and at which the model surely decides for a cue twice as often as by guessing.
        """
        bare = self.interval(0, rule, SHAPE_BIAS)
        changes: dict[int, float] = {}
        for place in range(1, len(self.strengths)):
            bias, coverage = (self.interval(place, rule, metric) for metric in (SHAPE_BIAS, COVERAGE))
            if bare is None or bias is None or coverage is None or coverage.low < 2 * CHANCE_COVERAGE:
                continue
            if bias.high < bare.low or bias.low > bare.high:
                changes[place] = abs(bias.estimate - bare.estimate)
        return max(changes, key=changes.__getitem__, default=None)

    def change(self, rule: DecisionRule) -> float | None:
        """By how much that strength changes its shape bias; None where there is none."""
        place = self.clearest_change(rule)
        before = self.interval(0, rule, SHAPE_BIAS)
        after = None if place is None else self.interval(place, rule, SHAPE_BIAS)
        return after.estimate - before.estimate if before and after else None

    def finding(self, rule: DecisionRule) -> str:
        """What the filter does to its shape bias, in a sentence with n and intervals."""
        place, name = self.clearest_change(rule), self.spec.title
        before = self.interval(0, rule, SHAPE_BIAS)
        if place is None:
            return (
                f"{name}: no strength of {self.row.title.lower()} changes its shape bias clearly ({before} decided, "
                "without a filter): intervals overlap, or it decides for a cue less than twice as often as by guessing."
            )
        after = self.interval(place, rule, SHAPE_BIAS)
        assert before is not None  # or nothing would have changed
        assert after is not None
        verb = "lowers" if after.estimate < before.estimate else "raises"
        covered = [self.votes(one, rule).coverage or 0.0 for one in (0, place)]
        return (
            f"{name}: {self.row.title.lower()} ({self.row.at(self.strengths[place])}) {verb} its shape bias from "
            f"{before}, to {after} decided; coverage goes from {covered[0]:.1%} to {covered[1]:.1%} of "
            f"{len(self.stimuli):,} stimuli."
        )


def rules_of(spec: ModelSpec) -> tuple[DecisionRule, ...]:
    """The rules that read its classes; where these are the 16 categories themselves, all rules are one."""
    return RULES[:1] if spec.label_space == MINI else RULES


def scale_sentence(responses: GlassesResponses) -> str:
    """How large the pixels are that a strength counts, in a sentence."""
    height_px, width_px = responses.input_px
    if not responses.row.counts_pixels:
        return f"The filter acts on the model's input of {width_px} × {height_px} px."
    return f"σ counts pixels of the model's input, {width_px} × {height_px} px: 1 px is {1 / width_px:.1%} of its side."
