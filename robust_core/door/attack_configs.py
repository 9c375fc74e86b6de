"""An attack of the table as people write it."""

from collections.abc import Iterable
from numbers import Real
from typing import Any

from robust_core.attacks.config import AttackConfig
from robust_core.attacks.table import ATTACKS, NORM_TITLES
from robust_core.attacks.threat import pixel_units
from robust_core.errors import BadInput
from robust_core.names import find


def configs_of(attack: Any, eps: Any, norm: Any, steps: Any, seed: Any) -> tuple[AttackConfig, ...]:
    """The attack at each eps; raises BadInput or UnknownName for arguments that do not fit."""
    several = [eps] if isinstance(eps, str | Real) or not isinstance(eps, Iterable) else list(eps)
    for name, said in (("attack", attack), ("norm", norm)):
        if not isinstance(said, str):
            raise BadInput(f"{name} must be a name; got {said!r}.")
    key = find("attack", attack, {key: row.title for key, row in ATTACKS.items()})
    ball: Any = find("norm", norm, NORM_TITLES)
    return tuple(AttackConfig.of(key, ball, pixel_units(one), steps, seed) for one in several)
