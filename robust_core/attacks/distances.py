"""How long a change is, in every norm in which attacks search, as a table."""

from collections.abc import Callable

from torch import Tensor

from robust_core.attacks.balls import BALLS
from robust_core.attacks.table import AttackNorm


def _l1(change: Tensor) -> Tensor:
    return change.flatten(1).abs().sum(1)


def _l0(change: Tensor) -> Tensor:
    return (change != 0).flatten(1).sum(1).to(change.dtype)


# (B,) for changes (B,3,H,W); in L0 how many of the 3·H·W values differ at all
DISTANCES: dict[AttackNorm, Callable[[Tensor], Tensor]] = {
    "linf": BALLS["linf"].distance,
    "l2": BALLS["l2"].distance,
    "l1": _l1,
    "l0": _l0,
}
