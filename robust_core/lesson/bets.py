"""What a class can bet on, as records that say which votes they take.

A vote is what a browser sends, so nothing about it is believed: `checked` returns it in its own type or raises
BadInput.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from robust_core.checks import finite, whole
from robust_core.errors import BadInput
from robust_core.labels import MINI
from robust_core.results import IN_255THS, in_unit

Vote = int | float | str | tuple[float, float]
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
MOST_STIMULI = 32
LONGEST_OPTION, LONGEST_WORD = 80, 24
CATEGORIES = MINI.names  # of cue conflicts, Mini's and the published ones: 16


class Bet(Protocol):
    """One kind of bet; it is made in `parts` votes, and `kind` is its name in lesson files."""

    kind: ClassVar[str]

    @property
    def parts(self) -> int: ...

    def checked(self, vote: object) -> Vote:
        """The vote in its own type; raises BadInput for any other."""

    def is_right(self, vote: Vote) -> bool | None:
        """Whether the reveal agrees; None where nobody is wrong."""

    @property
    def right_in_words(self) -> str:
        """What the reveal calls right; "" where nobody is wrong."""

    def in_words(self, vote: Vote) -> str:
        """A vote as people read it."""


@dataclass(frozen=True)
class Choice:
    """One of 2 to 8 `options`; the reveal calls those at the places `right` right, and none wrong where it is empty.

    Raises BadInput for too few or too many options, two alike, or a place that is none.
    """

    options: tuple[str, ...]
    right: tuple[int, ...] = ()
    kind: ClassVar[str] = "choice"
    parts: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not FEWEST_OPTIONS <= len(self.options) <= MOST_OPTIONS or len(set(self.options)) < len(self.options):
            said = ", ".join(f"“{option:.40}”" for option in self.options) or "none"
            raise BadInput(f"A choice has {FEWEST_OPTIONS} to {MOST_OPTIONS} different options; got {said}.")
        for option in self.options:
            if not 0 < len(option.strip()) <= LONGEST_OPTION:
                raise BadInput(f"options have 1 to {LONGEST_OPTION} characters each; got “{option:.40}”.")
        for place in self.right:
            whole("right", place, 0, len(self.options) - 1)

    def checked(self, vote: object) -> int:
        """The place of an option."""
        return whole("A vote", vote, 0, len(self.options) - 1)

    def is_right(self, vote: Vote) -> bool | None:
        """Whether it is among those that are right."""
        return vote in self.right if self.right else None

    @property
    def right_in_words(self) -> str:
        """The right options."""
        return " or ".join(f"“{self.options[place]}”" for place in self.right)

    def in_words(self, vote: Vote) -> str:
        """The option."""
        assert isinstance(vote, int)
        return self.options[vote]


@dataclass(frozen=True)
class Number:
    """A number on a slider from `low` to `high` in steps of `step`, in `unit`; right is what is at most `within` from
    `right`.

    Raises BadInput for bounds without a step between them, or a `right` outside.
    """

    low: float
    high: float
    step: float
    unit: str = ""
    right: float | None = None
    within: float = 0.0
    kind: ClassVar[str] = "number"
    parts: ClassVar[int] = 1

    def __post_init__(self) -> None:
        finite("low", self.low, -1e9, 1e9)
        finite("high", self.high, self.low, 1e9)
        finite("within", self.within, 0, 1e9)
        if not finite("step", self.step, 0, 1e9) or self.high - self.low < self.step:
            raise BadInput(
                f"A slider needs a step above 0 within its bounds; got {self.low:g} to {self.high:g} in steps of "
                f"{self.step:g}."
            )
        if self.right is not None:
            finite("right", self.right, self.low, self.high)

    @property
    def ends(self) -> tuple[str, str]:
        """The bounds in words, the unit at the second where it need not stand twice."""
        unit = self.unit if self.unit == IN_255THS else ""
        return in_unit(f"{self.low:g}", unit).strip(), in_unit(f"{self.high:g}", self.unit).strip()

    def checked(self, vote: object) -> float:
        """The nearest number that the slider has."""
        found = finite("A vote", vote, self.low, self.high)
        return float(min(self.high, self.low + self.step * round((found - self.low) / self.step)))

    def is_right(self, vote: Vote) -> bool | None:
        """Whether it is near enough."""
        assert isinstance(vote, float)
        return None if self.right is None else abs(vote - self.right) <= self.within

    @property
    def right_in_words(self) -> str:
        """The right number, and how near is near enough."""
        if self.right is None:
            return ""
        near = f", give or take {self.within:g}" if self.within else ""
        return in_unit(f"{self.right:g}", self.unit).strip() + near

    def in_words(self, vote: Vote) -> str:
        """The number."""
        return f"{vote:g}"


@dataclass(frozen=True)
class Place:
    """A place on the image with the id `image`, as fractions of its width and height from the upper left corner; right
    is what lies in `right`, (left, top, right, bottom) in the same fractions.

    Raises BadInput for a box that is none.
    """

    image: str
    right: tuple[float, float, float, float] | None = None
    kind: ClassVar[str] = "place"
    parts: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.right is not None:
            if len(self.right) != 4:
                raise BadInput(f"A box has four sides (left, top, right, bottom); got {self.right!r}.")
            for side in self.right:
                finite("A side of the box", side, 0, 1)
            if self.right[0] >= self.right[2] or self.right[1] >= self.right[3]:
                raise BadInput(f"A box goes from left to right and from top to bottom; got {self.right!r}.")

    def checked(self, vote: object) -> tuple[float, float]:
        """The fractions from the left and from the top."""
        if not isinstance(vote, list | tuple) or len(vote) != 2:
            raise BadInput(f"A place is two numbers from 0 to 1; got {vote!r:.60}.")
        across, down = (finite("A place", one, 0, 1) for one in vote)
        return across, down

    def is_right(self, vote: Vote) -> bool | None:
        """Whether it lies in the box."""
        assert isinstance(vote, tuple)
        if self.right is None:
            return None
        left, top, right, bottom = self.right
        return left <= vote[0] <= right and top <= vote[1] <= bottom

    @property
    def right_in_words(self) -> str:
        """Where the box lies."""
        if self.right is None:
            return ""
        left, top, right, bottom = (f"{100 * side:.0f}" for side in self.right)
        return f"{left} to {right}% from the left, {top} to {bottom}% from the top"

    def in_words(self, vote: Vote) -> str:
        """Both fractions."""
        assert isinstance(vote, tuple)
        return f"{vote[0]:.2f} from the left, {vote[1]:.2f} from the top"


@dataclass(frozen=True)
class Word:
    """One word of at most 24 characters."""

    kind: ClassVar[str] = "word"
    parts: ClassVar[int] = 1

    def checked(self, vote: object) -> str:
        """The word without what cannot be seen, its spaces single."""
        if not isinstance(vote, str):
            raise BadInput(f"A word is text; got {type(vote).__name__}.")
        word = " ".join("".join(letter for letter in vote if letter.isprintable()).split())
        if not 0 < len(word) <= LONGEST_WORD:
            raise BadInput(f"A word has 1 to {LONGEST_WORD} characters; got {len(word)}.")
        return word

    def is_right(self, vote: Vote) -> bool | None:
        """No word is wrong."""
        return None

    @property
    def right_in_words(self) -> str:
        """Nothing."""
        return ""

    def in_words(self, vote: Vote) -> str:
        """The word."""
        return str(vote)


@dataclass(frozen=True)
class Stimuli:
    """`count` cue-conflict stimuli, each seen for `shown_ms`, drawn by `seed`; a vote for each is one of the 16
    categories. Nobody is wrong: what is counted is whether shape or texture decides.

    Raises BadInput for a count from outside 1 to 32, or a time from outside 50 to 5,000 ms.
    """

    count: int
    shown_ms: int = 300
    seed: int = 0
    kind: ClassVar[str] = "stimuli"

    def __post_init__(self) -> None:
        whole("count", self.count, 1, MOST_STIMULI)
        whole("shown_ms", self.shown_ms, 50, 5_000)
        whole("seed", self.seed, 0)

    @property
    def parts(self) -> int:
        """A vote for each."""
        return self.count

    def checked(self, vote: object) -> int:
        """The place of a category among the 16."""
        return whole("A vote", vote, 0, len(CATEGORIES) - 1)

    def is_right(self, vote: Vote) -> bool | None:
        """Nobody is wrong."""
        return None

    @property
    def right_in_words(self) -> str:
        """Nothing."""
        return ""

    def in_words(self, vote: Vote) -> str:
        """The category."""
        assert isinstance(vote, int)
        return CATEGORIES[vote]


BETS: dict[str, type] = {kind.kind: kind for kind in (Choice, Number, Place, Word, Stimuli)}
