"""The attacks, as a table: what each knows of a model, in which norms it searches, and what it costs.

Facts, so that a page can list them without importing torch; a row's `run` imports its method when it is called.
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from robust_core.attacks.attack_row import NORM_TITLES, Attack, AttackNorm, Knowledge
from robust_core.attacks.table_foolbox import FOOLBOX_ROWS
from robust_core.errors import UnknownName

if TYPE_CHECKING:
    from robust_core.attacks.search import Search

__all__ = ["ATTACKS", "NORM_TITLES", "Attack", "AttackNorm", "Knowledge", "get_attack"]


def _pgd(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.pgd_search import run

    return run(search)


def _cgba(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.cgba import run

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
        key="cgba",
        title="CGBA",
        source="Reza et al. 2023, section 3",
        knowledge="decisions",
        norms=("l2",),
        minimal=True,
        steps=1_000,
        passes=lambda steps, classes: (steps, 0),
        run=_cgba,
        unit="queries",
    ),
)

ATTACKS: dict[str, Attack] = {row.key: row for row in (*_ROWS, *FOOLBOX_ROWS)}


def get_attack(key: str) -> Attack:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in ATTACKS:
        raise UnknownName("attack", key, ATTACKS)
    return ATTACKS[key]
