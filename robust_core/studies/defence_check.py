"""What a defence is worth: a naive attack and adaptive ones on the same images, step by step beside each other, and the
alarms that the naive one sets off.
"""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from robust_core.attacks.threat import NORM_TITLES, Norm, in_255ths
from robust_core.checks import is_finite, set_whole
from robust_core.data.image_set import ImageSet
from robust_core.defences.attackers import ATTACKERS, NAIVE, Attacker
from robust_core.defences.table import DEFENCES, Defence, get_defence
from robust_core.errors import BadInput, UnknownName
from robust_core.events import Progress, of_all, progress_of
from robust_core.models.catalogue import get_spec
from robust_core.models.spec import ModelSpec
from robust_core.studies.attack_curve import read_inputs, using
from robust_core.studies.defence_outcomes import AttackerOutcome, DefenceCheck, DefenceOutcome
from robust_core.studies.request import Request
from robust_core.studies.study_result import Provenance

if TYPE_CHECKING:  # torch comes with the first attack, not with the first page
    from torch import Tensor

    from robust_core.defences.trial import Attempt, Trial
    from robust_core.models.loading import LoadedModel

    Transfers = dict[tuple[int, ...], Attempt]  # of the attack on the model without a defence, by its labels

MOST_STEPS = 1000


@dataclass(frozen=True, eq=False)
class DefenceRequest(Request):
    """Each of `defences` (keys of the table) is put before each model, and attacked on `images` in the ball of `norm`
    and `eps`, in pixel units, by PGD of `steps` steps.

    The label that counts is the true one where it is known in the model's classes, else what the defended model says of
    the clean image. Raises BadInput for no images, no defence, one defence twice, one that does not fit a model, or a
    number out of range; UnknownName for a defence or a norm that there is none of.
    """

    study: ClassVar[str] = "defence_check"

    images: ImageSet
    defences: tuple[str, ...]
    norm: Norm = "linf"
    eps: float = 8 / 255
    steps: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        self.images.require_images()
        if not self.defences or len(set(self.defences)) < len(self.defences):
            raise BadInput(f"Expected at least one defence, each once; got {', '.join(self.defences) or 'none'}.")
        for spec in self.models:
            for key in self.defences:
                get_defence(key).network_for(spec)
        if self.norm not in NORM_TITLES:
            raise UnknownName("norm", self.norm, NORM_TITLES)
        if not (is_finite(self.eps) and 0 < self.eps <= (1 if self.norm == "linf" else 1000)):
            raise BadInput(f"eps must be above 0, and in L∞ at most 1, in pixel units; got {self.eps!r}.")
        set_whole(self, "steps", 1, MOST_STEPS)
        set_whole(self, "seed", 0)

    @property
    def ball(self) -> str:
        """The norm and the radius, such as "L∞ 8/255"."""
        return f"{NORM_TITLES[self.norm]} {in_255ths(self.eps)}"


@dataclass(frozen=True)
class DefenceStep:
    """For how many of the `n` images the defended model is right after a step of an attacker, in the attacker's eyes;
    step 0 is the clean image.
    """

    model: str
    defence: str
    attacker: str
    step: int
    left: int
    n: int


def run(request: DefenceRequest) -> "Generator[Progress | DefenceStep, None, DefenceCheck]":
    """Attack each defence: yields a DefenceStep for every step of an attacker, the attackers in turn, and returns the
    DefenceCheck. Raises what `pool.use` and `attacks.pgd` raise.
    """
    found = yield from of_all([(spec.name, _one_model(spec, request)) for spec in request.models])
    outcomes = {spec.name: one for spec, one in zip(request.models, found, strict=True)}
    return DefenceCheck(Provenance.of(request, request.images.digest), outcomes)


def _one_model(
    spec: ModelSpec, request: DefenceRequest
) -> "Generator[Progress | DefenceStep, None, tuple[DefenceOutcome, ...]]":
    yield Progress(0, None, "", "loading the model")
    with using(spec) as plain:
        pixels, known = yield from read_inputs(request.images, range(len(request.images)), spec)
        transfers: Transfers = {}
        parts = [
            (DEFENCES[key].title, _one_defence(plain, DEFENCES[key], pixels, known, request, transfers))
            for key in request.defences
        ]
        return tuple((yield from of_all(parts)))


def _one_defence(
    plain: "LoadedModel",
    defence: Defence,
    pixels: "Tensor",
    known: "list[int | None]",
    request: DefenceRequest,
    transfers: "Transfers",
) -> "Generator[Progress | DefenceStep, None, DefenceOutcome]":
    from robust_core.defences.alarms import alarms_of
    from robust_core.defences.trial import Budget, Trial

    budget = Budget(request.norm, request.eps, request.steps, request.seed)
    with using(get_spec(defence.network_for(plain.spec))) as standing:
        trial = yield from Trial.of(plain, standing, defence, pixels, known, budget)
        clean = yield from trial.judged(pixels)
        attempts = yield from _attempts(trial, transfers)
        outcomes = []
        for one in attempts.values():
            correct = clean & (yield from trial.judged(one.pixels))
            outcomes.append(_outcome(one, correct))
        alarms = yield from alarms_of(trial, attempts[NAIVE.key], attempts.get("transfer"))
        device = str(standing.device)
    n_known = sum(label is not None for label in known)
    return DefenceOutcome(
        plain.spec, standing.spec, device, defence.key, tuple(clean.tolist()), n_known, tuple(outcomes), alarms
    )


def _outcome(made: "Attempt", correct: "Tensor") -> AttackerOutcome:
    looks = () if made.attacker.transfer else tuple(made.looks)
    count = made.count.forward, made.count.backward
    return AttackerOutcome(made.attacker.key, tuple(correct.tolist()), looks, *count, made.seconds)


def _attempts(trial: "Trial", transfers: "Transfers") -> "Generator[Progress | DefenceStep, None, dict[str, Attempt]]":
    """What each attacker comes to, by its key, the naive one first; those that follow a gradient go step by step in
    turn. The attack on the model without a defence is made once for all defences.
    """
    from robust_core.defences.trial import attempt

    rows = [NAIVE, *(ATTACKERS[key] for key in trial.defence.adaptive)]
    made = yield from _in_turn(trial, [row for row in rows if row.loss is not None and not row.transfer])
    labels = tuple(trial.labels.tolist())
    for row in rows:
        if row.transfer:
            transfers[labels] = transfers.get(labels) or (yield from progress_of(attempt(trial, row)))
            made[row.key] = transfers[labels]
        elif row.loss is None:
            made[row.key] = yield from progress_of(attempt(trial, row))
    return {row.key: made[row.key] for row in rows}


def _in_turn(
    trial: "Trial", attackers: Sequence[Attacker]
) -> "Generator[Progress | DefenceStep, None, dict[str, Attempt]]":
    """Every attacker takes a step before any takes the next: one clock for all."""
    from robust_core.defences.trial import Look, attempt

    with ExitStack() as stack:
        going = {row.key: stack.enter_context(closing(attempt(trial, row))) for row in attackers}
        made: dict[str, Attempt] = {}
        while going:
            for key, work in list(going.items()):
                try:
                    while not isinstance(event := next(work), Look):
                        yield event
                except StopIteration as end:
                    made[key] = end.value
                    del going[key]
                    continue
                yield DefenceStep(
                    trial.plain.spec.name, trial.defence.key, key, event.step, event.left, len(trial.labels)
                )
        return made
