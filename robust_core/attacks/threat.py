"""What the attacker may do and how the attack is run, as data that validates itself; knows no model and no tensor."""

import math
import re
from dataclasses import asdict, dataclass, field
from numbers import Real
from typing import Any, Literal, get_args

from robust_core.attacks.precision import PRECISIONS, PrecisionName
from robust_core.attacks.precision import USUAL as USUAL_PRECISION
from robust_core.checks import is_finite, set_whole
from robust_core.errors import BadInput, UnknownName

Norm = Literal["linf", "l2"]
Aim = Literal["untargeted", "random", "least_likely", "chosen"]
Start = Literal["clean", "random", "random_unclipped"]
LossName = Literal["cross-entropy", "dlr", "margin"]

FRACTION = re.compile(r"\s*(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)\s*(?:/\s*(\d+(?:\.\d+)?))?\s*")
WITH_LOSS: dict[LossName, str] = {
    "cross-entropy": "",  # which goes without saying
    "dlr": " with the DLR loss",
    "margin": " with the margin loss",
}
NORM_TITLES: dict[Norm, str] = {"linf": "L∞", "l2": "L2"}
# What goes without saying in an attack's identity.
USUAL = frozenset({("loss", "cross-entropy"), ("precision", USUAL_PRECISION)})


@dataclass(frozen=True)
class ThreatModel:
    """A ball around the clean image and a trajectory in it; lengths are in pixel units, where 1 is the step from black
    to white.

    norm             "linf" (the largest change of any value) or "l2" (the root of the summed squares over the whole
                     image)
    eps              radius of the ball, usually written k/255; 0 to 1 for "linf"; an "l2" ball wider than any image is
                     no limit
    step_size        length of one step in the same norm; `relative` takes it as a fraction of eps
    steps            how many steps; 1 step of size eps from the clean image is FGSM
    aim              "untargeted", away from the label, or towards a "random", the "least_likely" or a "chosen" other
                     class
    start            "clean", or "random" in the ball (and in [0, 1]; "random_unclipped" leaves [0, 1], see PAPER)
    restarts         how many random starts
    stop_at_success  whether an image is left alone once the aim is reached
    seed             of random starts and random targets
    loss             what the attack follows, "cross-entropy", "dlr" (difference of logits ratio) or "margin"; losses.py
    precision        in which numbers the passes are computed, "float32" for the network itself; precision.py

    Raises UnknownName for a word that is none of these, BadInput for a number out of range.
    """

    norm: Norm
    eps: float
    step_size: float
    steps: int
    aim: Aim
    start: Start
    restarts: int
    stop_at_success: bool
    seed: int
    loss: LossName = "cross-entropy"
    precision: PrecisionName = field(default=USUAL_PRECISION, metadata={"recorded_by_default": False})

    def __post_init__(self) -> None:
        kinds = (("norm", Norm), ("aim", Aim), ("start", Start), ("loss", LossName), ("precision", PrecisionName))
        for kind, known in kinds:
            if (word := getattr(self, kind)) not in get_args(known):
                raise UnknownName(kind, word, get_args(known))
        if not (is_finite(self.eps) and 0 <= self.eps <= (1 if self.norm == "linf" else math.inf)):
            upper = "at most 1" if self.norm == "linf" else "finite"
            raise BadInput(f"eps must be at least 0 and {upper}, in pixel units; got {_said(self.eps)}")
        if not (is_finite(self.step_size) and (self.step_size > 0 or self.step_size == self.eps == 0)):
            raise BadInput(f"The step size must be above 0 and finite, in pixel units; got {self.step_size!r}.")
        for name, least in (("steps", 1), ("restarts", 1), ("seed", 0)):
            set_whole(self, name, least)
        if not isinstance(self.stop_at_success, bool):
            raise BadInput(f"stop_at_success must be True or False; got {self.stop_at_success!r}.")
        if self.restarts > 1 and self.start == "clean":
            raise BadInput(
                f"{self.restarts} restarts from the clean image are one and the same attack; they need a random start."
            )

    @classmethod
    def relative(cls, *, eps: float, step_fraction: float, **rest) -> "ThreatModel":
        """The threat model whose step size is `step_fraction` of eps; `rest` are the other fields."""
        return cls(eps=eps, step_size=step_fraction * eps, **rest)

    def __str__(self) -> str:
        """The attack in one line, such as "PGD, untargeted, L∞ 4/255, 50 steps of 0.2/255, clean start, seed 0"."""
        start = f"{self.start.replace('_', ' ')} start"
        restarts = f"{self.restarts} {start}s" if self.restarts > 1 else start
        aim = f"targeted ({self.aim.replace('_', ' ')} class)" if self.targeted else "untargeted"
        stop = ", stops at the first success" if self.stop_at_success else ""
        step = in_255ths(self.step_size) if self.norm == "linf" else f"{self.step_size:g}"
        loss, numbers = WITH_LOSS[self.loss], PRECISIONS[self.precision].protocol
        return (
            f"PGD{loss}, {aim}, {self.norm_title} {self.eps_text}, {self.steps} steps of {step}, {restarts}{stop}, "
            f"seed {self.seed}{f'; {numbers}' if numbers else ''}"
        )

    @property
    def identity(self) -> dict[str, Any]:
        """The fields as plain values, without what is USUAL."""
        return {name: value for name, value in asdict(self).items() if (name, value) not in USUAL}

    @property
    def norm_title(self) -> str:
        """The norm as it is written."""
        return NORM_TITLES[self.norm]

    @property
    def eps_text(self) -> str:
        """eps as it is written."""
        return in_255ths(self.eps)

    @property
    def targeted(self) -> bool:
        """Whether the attack is after one class rather than away from the right one."""
        return self.aim != "untargeted"

    @property
    def step_budget(self) -> float:
        """The farthest that all steps together can go."""
        return self.steps * self.step_size


def in_255ths(length: float) -> str:
    """A length in pixel units as k/255 where that is a short number, such as "4/255"."""
    k = 255 * length
    return f"{round(k, 3):g}/255" if abs(k - round(k, 3)) < 1e-9 and k <= 255 else f"{length:g}"


def pixel_units(length: object) -> float:
    """A length in pixel units, given as a number or as text such as "4/255" or "0.016"; raises BadInput for anything
    else.
    """
    if isinstance(length, str) and (match := FRACTION.fullmatch(length)) and float(match[2] or 1):
        return float(match[1]) / float(match[2] or 1)
    if not isinstance(length, Real) or isinstance(length, bool):
        raise BadInput(f'A length is a number in pixel units or a text such as "4/255"; got {length!r}.')
    return float(length)


def _said(eps: object) -> str:
    """An eps out of range as it was probably written, and the question whether 255ths were meant."""
    if not is_finite(eps):
        return f"{eps!r}."
    if float(f"{eps:g}") != eps:  # no short number, and so written as k/255
        return f"{255 * eps:g}/255."
    return f"{eps:g}. Was {eps:g}/255 meant?" if 1 < eps <= 255 else f"{eps:g}."


def fgsm(eps: float) -> ThreatModel:
    """The fast gradient sign method (Goodfellow et al. 2015, section 4): one untargeted step to the ball's edge."""
    return ThreatModel(
        norm="linf",
        eps=eps,
        step_size=eps,
        steps=1,
        aim="untargeted",
        start="clean",
        restarts=1,
        stop_at_success=False,
        seed=0,
    )


# Orhan 2019 (eminorhan/resnext-wsl, evaluate_whitebox.py with Foolbox 1.8.0); its other conditions differ in eps (0.01
# to 0.1) or in steps (10 to 50) alone. Read it with readings.PAPER. Kept quirks: the start is not clipped to [0, 1],
# and the step is 2/255 whatever eps is, so that 10 steps cannot cross a ball of eps 0.08 or more. The original fixed no
# seed.
PAPER = ThreatModel(
    norm="linf",
    eps=0.06,
    step_size=2 / 255,
    steps=10,
    aim="random",
    start="random_unclipped",
    restarts=1,
    stop_at_success=True,
    seed=0,
)
