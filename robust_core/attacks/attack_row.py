"""What an attack of the table is; facts alone, without torch."""

import importlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from robust_core.errors import BadInput, UnknownName

if TYPE_CHECKING:
    from robust_core.attacks.search import Search

AttackNorm = Literal["linf", "l2", "l1", "l0"]
Knowledge = Literal["gradients", "scores", "decisions"]
NORM_TITLES: dict[AttackNorm, str] = {"linf": "L∞", "l2": "L2", "l1": "L1", "l0": "L0"}


@dataclass(frozen=True)
class Attack:
    """One untargeted attack.

    knowledge  what it asks of the model: "gradients", "scores" (logits alone) or "decisions" (the predicted class)
    norms      in which it searches
    minimal    whether it looks for the smallest change that fools; others do what harm they can within eps
    steps      the default; of what, `unit` says
    passes     (forward, backward) passes that an image takes at most, given the steps and the number of classes
    function   what drives a Search, by its module in this package and its name
    """

    key: str
    title: str
    source: str
    knowledge: Knowledge
    norms: tuple[AttackNorm, ...]
    minimal: bool
    steps: int
    passes: Callable[[int, int], tuple[int, int]] = field(repr=False, compare=False)
    function: str = field(repr=False, compare=False)
    unit: Literal["steps", "queries"] = "steps"

    @property
    def run(self) -> Callable[["Search"], Generator[Any, None, None]]:
        """What drives a Search, which keeps what it finds, and yields Progress and Standings."""
        module, _, name = self.function.partition(".")
        return getattr(importlib.import_module(f"robust_core.attacks.{module}"), name)

    def check_norm(self, norm: str) -> None:
        """Raise UnknownName for what is no norm, BadInput for one in which it does not search."""
        if norm not in NORM_TITLES:
            raise UnknownName("norm", norm, NORM_TITLES)
        if norm not in self.norms:
            its = ", ".join(NORM_TITLES[one] for one in self.norms)
            raise BadInput(f"{self.title} searches in {its}; got {norm!r}.")
