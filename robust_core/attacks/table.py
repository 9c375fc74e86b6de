"""The attacks, as a table: what each knows of a model, in which norms it searches, and what it costs.

Facts, so that a page can list them without importing torch; a row's `run` is imported when it is asked for.
"""

from robust_core.attacks.attack_row import NORM_TITLES, Attack, AttackNorm, Knowledge
from robust_core.attacks.table_foolbox import FOOLBOX_ROWS
from robust_core.errors import UnknownName

__all__ = ["ATTACKS", "NORM_TITLES", "Attack", "AttackNorm", "Knowledge", "get_attack"]


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
        function="pgd_search.run",
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
        function="bisected_pgd.run",
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
        function="cgba.run",
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
        function="apgd.run_cross_entropy",
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
        function="apgd.run_dlr",
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
        function="apgd.run_targeted",
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
        function="fab.run",
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
        function="fab.run",
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
        function="square.run",
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
        function="autoattack.run",
    ),
)

ATTACKS: dict[str, Attack] = {row.key: row for row in (*_ROWS, *FOOLBOX_ROWS)}


def get_attack(key: str) -> Attack:
    """The row called `key`; raises UnknownName where there is none."""
    if key not in ATTACKS:
        raise UnknownName("attack", key, ATTACKS)
    return ATTACKS[key]
