"""An attack of the table and its budget, as data that validates itself; knows no model and no tensor."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from robust_core.attacks.precision import BFLOAT16, PRECISIONS, USUAL, PrecisionName
from robust_core.attacks.table import NORM_TITLES, Attack, AttackNorm, get_attack
from robust_core.attacks.threat import in_255ths
from robust_core.checks import is_finite, set_whole
from robust_core.errors import BadInput, UnknownName

MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class AttackConfig:
    """How an attack is run.

    attack  key of a row of `table.ATTACKS`
    norm    one of the row's
    eps     radius of the ball in pixel units, at most 1 in L∞; None for an attack that looks for the smallest change
    steps   how many steps, or queries for each image, as the row counts them
    seed    of everything random
    precision  "float32_folded", or "float32" for the network itself; precision.py

    Raises UnknownName for an attack, norm or precision that there is none of, BadInput for one that does not fit or a
    number out of range.
    """

    attack: str
    norm: AttackNorm
    eps: float | None
    steps: int
    seed: int = 0
    precision: PrecisionName = field(default=USUAL, metadata={"recorded_by_default": False})

    def __post_init__(self) -> None:
        self.row.check_norm(self.norm)
        set_whole(self, "steps", 1, MOST_STEPS)
        if self.row.steps == 1 != self.steps:
            raise BadInput(f"{self.row.title} takes a single step; got {self.steps:,}.")
        set_whole(self, "seed", 0)
        if self.precision not in PRECISIONS:
            raise UnknownName("precision", self.precision, list(PRECISIONS))
        if PRECISIONS[self.precision].bfloat16:
            others = " or ".join(key for key, one in PRECISIONS.items() if not one.bfloat16)
            raise BadInput(f"{BFLOAT16.key} is for PGD step by step alone; expected {others}.")
        if self.row.minimal:
            if self.eps is not None:
                raise BadInput(f"{self.row.title} looks for the smallest change and takes no eps; got {self.eps!r}.")
        elif not (is_finite(self.eps) and 0 < self.eps <= (1 if self.norm == "linf" else math.inf)):
            upper = "at most 1" if self.norm == "linf" else "finite"
            raise BadInput(f"eps must be above 0 and {upper}, in pixel units; got {self.eps!r}.")
        else:
            object.__setattr__(self, "eps", float(self.eps))  # 2 and 2.0 are one question

    @classmethod
    def of(
        cls,
        attack: str,
        norm: AttackNorm,
        eps: float | None = None,
        steps: int | None = None,
        seed: int = 0,
        precision: PrecisionName = USUAL,
    ) -> "AttackConfig":
        """With the row's own number of steps where `steps` is None or it takes a single one, and without the eps that a
        search for the smallest change has no use for.
        """
        row = get_attack(attack)
        if steps is None or (row.steps == 1 and type(steps) is int and steps > 0):
            steps = row.steps
        return cls(attack, norm, None if row.minimal else eps, steps, seed, precision)

    @property
    def row(self) -> Attack:
        """What the table says of the attack."""
        return get_attack(self.attack)

    @property
    def identity(self) -> dict[str, Any]:
        """The fields as plain values, without the usual precision."""
        return {name: value for name, value in asdict(self).items() if (name, value) != ("precision", USUAL)}

    @property
    def title(self) -> str:
        """The attack with its budget, such as "PGD-50" or "Square-5,000"."""
        return f"{self.row.title}-{self.steps:,}"

    @property
    def ball(self) -> str:
        """The norm, and the radius where there is one, such as "L∞ 8/255"."""
        return NORM_TITLES[self.norm] + ("" if self.eps is None else f" {in_255ths(self.eps)}")

    def __str__(self) -> str:
        """The protocol in one line, such as "PGD, untargeted, L∞ 8/255, 50 steps, seed 0"."""
        aim = "smallest change" if self.row.minimal else "untargeted"
        numbers = PRECISIONS[self.precision].protocol
        said = f"{self.row.title}, {aim}, {self.ball}, {self.steps:,} {self.row.unit}, seed {self.seed}"
        return f"{said}; {numbers}" if numbers else said
