"""How much still fits into a report, which has at most 10 MB with Plotly: figures first, then images, then pixels."""

from dataclasses import dataclass, field

MOST_CHARACTERS = 7_000_000  # of all that has no other limit; Plotly takes 2 MB, the numbers the rest


@dataclass
class Room:
    """The `characters` that are left, and how many images did not fit."""

    characters: int = field(default_factory=lambda: MOST_CHARACTERS)
    left_out: int = 0

    def take(self, text: str) -> bool:
        """Whether `text` fits; there is less room then."""
        fits = len(text) <= self.characters
        self.characters -= len(text) if fits else 0
        return fits
