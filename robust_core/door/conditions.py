"""A corruption at a severity in which models see images, as the functions of the door take it."""

from typing import Any

from robust_core.corruptions.condition import Condition
from robust_core.errors import BadInput


def as_condition(condition: Any) -> Condition:
    """`condition` as it is; raises BadInput for anything else."""
    if not isinstance(condition, Condition):
        raise BadInput(f'Expected a condition such as rc.Condition("fog", 3, seed=0); got {condition!r}.')
    return condition
