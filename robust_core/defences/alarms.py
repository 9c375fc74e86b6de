"""What says that a naive attack cannot be believed: the caveats of its run, and checks of what it leaves."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import torch

from robust_core.attacks.caveats import alarms, make_run
from robust_core.attacks.checks import CHECKS, Check, Survivors, transfer_from
from robust_core.attacks.goals import Goal
from robust_core.attacks.scoring import ANY_STEP_SO_FAR
from robust_core.defences.trial import FOR_CHECKS, Attempt, Trial
from robust_core.defences.wrapping import defended
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.models.loading import LoadedModel

MOST_CHECKED = 16  # images that the checks are tried on, which take as long as several attacks


@dataclass(frozen=True)
class Alarm:
    """What says that the naive attack cannot be believed: a caveat of its run or a check of what it leaves."""

    key: str
    sentence: str
    source: str


def alarms_of(trial: Trial, naive: Attempt, transfer: Attempt | None) -> Generator[Progress, None, tuple[Alarm, ...]]:
    """The alarms that the naive attack sets off, the transferred images being one more check of it."""
    run = make_run(naive.steps, ANY_STEP_SO_FAR)
    found = [Alarm(caveat.key, caveat.sentence, caveat.source) for caveat in alarms(run)]
    every = run.survives.nonzero().flatten()
    places = every[:MOST_CHECKED]
    if not len(places):
        return tuple(found)
    model = defended(trial.standing, trial.defence, seed=trial.seed(FOR_CHECKS))
    goal = Goal(trial.labels[places], torch.ones(len(places), dtype=torch.bool), None)
    left = Survivors(run.threat, trial.pixels[places], goal, tuple(places.tolist()))
    checks = list(CHECKS)
    if transfer is not None:
        checks.append(transfer_from(f"{trial.plain.spec.title} without it", (transfer.pixels - trial.pixels)[places]))
    keys = {check.key for check in checks}
    for number, check in enumerate(checks):
        yield Progress(number, len(checks), "checks", check.title(run.threat))
        found += yield from _fired(model, check, left)
    first = "" if len(places) == len(every) else f" Tried on the first {len(places)} of {len(every)}."
    return tuple(replace(one, sentence=one.sentence + first) if one.key in keys else one for one in found)


def _fired(model: LoadedModel, check: Check, left: Survivors) -> Generator[Progress, None, list[Alarm]]:
    try:
        broken = int((yield from check.run(model, left)).sum())
    except BadInput:  # too few classes for its loss
        return []
    n = len(left.pixels)
    if not check.fires(broken, n):
        return []
    return [Alarm(check.key, check.sentence(broken, n, left.threat), check.source)]
