"""The votes of one scene, one for each seat and part of the bet, and what they come to."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from robust_core.intervals import Interval, wilson
from robust_core.lesson.bets import CATEGORIES, Bet, Choice, Number, Stimuli, Vote

MOST_RANGES = 11
Votes = Mapping[tuple[str, int], Vote]  # by seat and part


@dataclass(frozen=True)
class Tally:
    """What the class has bet on one scene: `by_part` holds the votes of each part, in the order of seats."""

    bet: Bet
    by_part: tuple[tuple[Vote, ...], ...]

    @classmethod
    def of(cls, bet: Bet, votes: Votes) -> "Tally":
        """The votes of a scene, part by part."""
        ordered = sorted(votes.items())
        return cls(bet, tuple(tuple(vote for (_, at), vote in ordered if at == part) for part in range(bet.parts)))

    @property
    def n(self) -> int:
        """How many have voted, on the part that most have voted on."""
        return max(map(len, self.by_part))

    @property
    def right(self) -> Interval | None:
        """The share of votes that the reveal calls right, with Wilson's 95% interval; None where nobody is wrong or
        nobody has voted.
        """
        judged = [self.bet.is_right(vote) for votes in self.by_part for vote in votes]
        known = [one for one in judged if one is not None]
        return wilson(sum(known), len(known)) if known else None

    def counts(self, part: int = 0) -> dict[str, int]:
        """How often each answer came: every option of a choice, every category of a stimulus, ranges of a slider, else
        those that came, the most frequent first.
        """
        counted = Counter(self.by_part[part])
        if isinstance(self.bet, Choice):
            return {option: counted[place] for place, option in enumerate(self.bet.options)}
        if isinstance(self.bet, Stimuli):
            return {name: counted[place] for place, name in enumerate(CATEGORIES)}
        if isinstance(self.bet, Number):
            return _by_range(self.bet, counted)
        return {self.bet.in_words(vote): times for vote, times in counted.most_common()}

    def share(self, vote: Vote, part: int = 0) -> Interval | None:
        """The share of the class that bet the same, with Wilson's 95% interval; None where nobody has voted."""
        votes = self.by_part[part]
        return wilson(votes.count(vote), len(votes)) if votes else None


def _by_range(bet: Number, counted: Mapping[Vote, int]) -> dict[str, int]:
    """How many votes lie in each of at most MOST_RANGES ranges of equally many numbers of the slider."""
    numbers = round((bet.high - bet.low) / bet.step) + 1
    each = math.ceil(numbers / MOST_RANGES)
    found = Counter[int]()
    for vote, times in counted.items():
        if isinstance(vote, float):
            found[round((vote - bet.low) / bet.step) // each] += times
    ranges = range(math.ceil(numbers / each))
    return {_range_in_words(bet, place * each, min(numbers, (place + 1) * each) - 1): found[place] for place in ranges}


def _range_in_words(bet: Number, first: int, last: int) -> str:
    low, high = (f"{min(bet.high, bet.low + bet.step * place):g}" for place in (first, last))
    return low if low == high else f"{low} to {high}"
