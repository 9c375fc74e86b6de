"""How large the attack was that a model was trained against: what curves over ε have on their axis."""

import re
from dataclasses import dataclass

from robust_core.models.registry_mini_eps import MINI_LEVELS
from robust_core.models.spec import ModelSpec

_SALMAN = re.compile(r"(?P<network>salman_.+)_(?P<norm>l2|linf)_(?P<digits>0?0?\d+)")


@dataclass(frozen=True)
class TrainingEps:
    """A model of a `series` that was trained alike at several sizes of attack: `eps` in 255ths for `norm` "linf", in
    pixel units for "l2", as their publishers write it; 0 without an attack.
    """

    series: str
    norm: str
    eps: float


def training_eps(spec: ModelSpec) -> TrainingEps | None:
    """Where a model stands in its series; None where it belongs to none."""
    if spec.key in MINI_LEVELS:
        return TrainingEps("mini_resnext", "linf", MINI_LEVELS[spec.key])
    match = _SALMAN.fullmatch(spec.key)
    if not match:
        return None
    digits = match["digits"]
    eps = float(f"{digits[0]}.{digits[1:]}") if digits.startswith("0") and len(digits) > 1 else float(digits)
    return TrainingEps(match["network"], match["norm"], eps)
