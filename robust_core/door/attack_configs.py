"""Attacks of the table, their balls and their budgets, as people write them."""

from collections.abc import Iterable
from numbers import Real
from typing import Any

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.precision import PRECISIONS, USUAL, PrecisionName
from robust_core.attacks.table import ATTACKS, NORM_TITLES, AttackNorm
from robust_core.attacks.threat import pixel_units
from robust_core.errors import BadInput
from robust_core.names import find

NORMS = {"inf": "linf", "∞": "linf", "2": "l2", "1": "l1", "0": "l0"}


def configs_of(
    attacks: Any, radii: tuple[float, ...], norm: str, steps: int | None, seed: int, precision: str = USUAL
) -> tuple[AttackConfig, ...]:
    """Each attack in each ball, with what an AttackConfig does not say itself."""
    several = [attacks] if isinstance(attacks, str | AttackConfig) else attacks
    if not isinstance(several, Iterable):
        raise BadInput(f'Expected the names of attacks, such as "pgd"; got {attacks!r}.')
    numbers = precision_called(precision)
    made = [
        one
        if isinstance(one, AttackConfig)
        else AttackConfig.of(attack_called(one), norm_called(norm), radius, steps, seed, numbers)
        for one in several
        for radius in radii or (None,)
    ]
    return tuple(dict.fromkeys(made))


def attack_called(name: object) -> str:
    """The key of the attack that `name` means; raises UnknownName."""
    if not isinstance(name, str):
        raise BadInput(f"Expected the name of an attack; got {type(name).__name__}.")
    return find("attack", name, {key: row.title for key, row in ATTACKS.items()})


def norm_called(norm: object) -> AttackNorm:
    """The norm that `norm` means; raises UnknownName, or BadInput for what is no text."""
    if not isinstance(norm, str):
        raise BadInput(f"norm must be one of {', '.join(NORM_TITLES)}; got {norm!r}.")
    return find("norm", NORMS.get(norm.casefold(), norm), NORM_TITLES)


def precision_called(name: object) -> PrecisionName:
    """The key of the precision that `name` means; raises UnknownName, or BadInput for what is no text."""
    if not isinstance(name, str):
        raise BadInput(f"precision must be one of {', '.join(PRECISIONS)}; got {name!r}.")
    return find("precision", name, {key: row.title for key, row in PRECISIONS.items()})


def lengths_of(eps: Any) -> tuple[float, ...]:
    """Each eps in pixel units, once; raises BadInput for what is no length."""
    if eps is None:
        return ()
    several = [eps] if isinstance(eps, str | Real) or not isinstance(eps, Iterable) else list(eps)
    if not several:
        raise BadInput("There is no eps; expected at least one.")
    return tuple(dict.fromkeys(map(pixel_units, several)))
