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


def _bisected_pgd(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.bisected_pgd import run

    return run(search)


def _cgba(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.cgba import run

    return run(search)


def _apgd_ce(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.apgd import run_cross_entropy

    return run_cross_entropy(search)


def _apgd_dlr(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.apgd import run_dlr

    return run_dlr(search)


def _apgd_t(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.apgd import run_targeted

    return run_targeted(search)


def _fab(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.fab import run

    return run(search)


def _square(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.square import run

    return run(search)


def _autoattack(search: "Search") -> Generator[Any, None, None]:
    from robust_core.attacks.autoattack import run

    return run(search)


def _targets(classes: int) -> int:
    return min(9, classes - 1)


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
    Attack(
        key="apgd_ce",
        title="APGD-CE",
        source="Croce & Hein 2020 (AutoAttack), section 3",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=100,
        passes=lambda steps, classes: (steps + 1, steps),
        run=_apgd_ce,
    ),
    Attack(
        key="apgd_dlr",
        title="APGD-DLR",
        source="Croce & Hein 2020 (AutoAttack), sections 3 and 4",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=100,
        passes=lambda steps, classes: (steps + 1, steps),
        run=_apgd_dlr,
    ),
    Attack(
        key="apgd_t",
        title="APGD-T",
        source="Croce & Hein 2020 (AutoAttack), sections 3 to 5",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=100,
        passes=lambda steps, classes: (_targets(classes) * (steps + 1), _targets(classes) * steps),
        run=_apgd_t,
    ),
    Attack(
        key="fab_t",
        title="FAB-T",
        source="Croce & Hein 2020 (FAB), algorithm 1",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=100,
        passes=lambda steps, classes: (_targets(classes) * 2 * steps, _targets(classes) * steps),
        run=_fab,
    ),
    Attack(
        key="fab_smallest",
        title="FAB-T, smallest change",
        source="Croce & Hein 2020 (FAB), algorithm 1",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=True,
        steps=100,
        passes=lambda steps, classes: (_targets(classes) * 2 * steps, _targets(classes) * steps),
        run=_fab,
    ),
    Attack(
        key="square",
        title="Square",
        source="Andriushchenko et al. 2020, algorithms 1 to 3",
        knowledge="scores",
        norms=("linf", "l2"),
        minimal=False,
        steps=5000,
        unit="queries",
        passes=lambda queries, classes: (queries, 0),
        run=_square,
    ),
    Attack(
        key="autoattack",
        title="AutoAttack",
        source="Croce & Hein 2020 (AutoAttack), section 5",
        knowledge="gradients",
        norms=("linf", "l2"),
        minimal=False,
        steps=100,
        passes=lambda steps, classes: (
            steps + 1 + _targets(classes) * (3 * steps + 1) + 50 * steps,
            steps + 2 * _targets(classes) * steps,
        ),
        run=_autoattack,
    ),
)

ATTACKS: dict[str, Attack] = {row.key: row for row in (*_ROWS, *FOOLBOX_ROWS)}


def get_attack(key: str) -> Attack:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in ATTACKS:
        raise UnknownName("attack", key, ATTACKS)
    return ATTACKS[key]
