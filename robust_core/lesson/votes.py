"""The votes of one scene, one for each seat and part of the bet, and what they come to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from robust_core.intervals import Interval, wilson
from robust_core.lesson.bets import CATEGORIES, Bet, Choice, Stimuli, Vote

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
        """How often each answer came: every option of a choice and every category of a stimulus, else those that came,
        the most frequent first.
        """
        counted = Counter(self.by_part[part])
        if isinstance(self.bet, Choice):
            return {option: counted[place] for place, option in enumerate(self.bet.options)}
        if isinstance(self.bet, Stimuli):
            return {name: counted[place] for place, name in enumerate(CATEGORIES)}
        return {_in_words(vote): times for vote, times in counted.most_common()}

    def share(self, vote: Vote, part: int = 0) -> Interval | None:
        """The share of the class that bet the same, with Wilson's 95% interval; None where nobody has voted."""
        votes = self.by_part[part]
        return wilson(votes.count(vote), len(votes)) if votes else None


def _in_words(vote: Vote) -> str:
    if isinstance(vote, tuple):
        return f"{vote[0]:.2f} from the left, {vote[1]:.2f} from the top"
    return f"{vote:g}" if isinstance(vote, float) else str(vote)
