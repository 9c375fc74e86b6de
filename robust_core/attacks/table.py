"""The attacks, as a table: what each knows of a model, in which norms it searches, and what it costs.

Facts, so that a page can list them without importing torch; a row's `run` imports its method when it is called.
"""

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
    run        drives a Search, which keeps what it finds, and yields Progress and Standings
    """

    key: str
    title: str
    source: str
    knowledge: Knowledge
    norms: tuple[AttackNorm, ...]
    minimal: bool
    steps: int
    passes: Callable[[int, int], tuple[int, int]] = field(repr=False, compare=False)
    run: Callable[["Search"], Generator[Any, None, None]] = field(repr=False, compare=False)
    unit: Literal["steps", "queries"] = "steps"

    def check_norm(self, norm: str) -> None:
        """Raise UnknownName for what is no norm, BadInput for one in which it does not search."""
        if norm not in NORM_TITLES:
            raise UnknownName("norm", norm, NORM_TITLES)
        if norm not in self.norms:
            its = ", ".join(NORM_TITLES[one] for one in self.norms)
            raise BadInput(f"{self.title} searches in {its}; got {norm!r}.")


def _pgd(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.pgd_search import run

    return run(search)


def _bisected_pgd(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.bisected_pgd import run

    return run(search)


_ROWS: tuple[Attack, ...] = (
    Attack(
        key="pgd",
        title="PGD",
        source="Madry et al. 2018, section 2.1",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=50,
        passes=lambda steps, classes: (steps + 1, steps),
        run=_pgd,
    ),
    Attack(
        key="pgd_bisected",
        title="Bisected PGD",
        source="Madry et al. 2018, section 2.1, by bisection over ε",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=True,
        steps=100,
        passes=lambda steps, classes: (steps + 1, steps),
        run=_bisected_pgd,
    ),
)

ATTACKS: dict[str, Attack] = {row.key: row for row in _ROWS}


def get_attack(key: str) -> Attack:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in ATTACKS:
        raise UnknownName("attack", key, ATTACKS)
    return ATTACKS[key]
