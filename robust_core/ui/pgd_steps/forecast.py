"""About how long a run will take, from what this process has measured: the last runs of the same models, or before any
a few steps on a few of the images.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any
from weakref import WeakSet

import streamlit as st

from robust_core.attacks.precision import USUAL
from robust_core.attacks.threat import ThreatModel
from robust_core.data.image_set import ImageSet
from robust_core.jobs import State
from robust_core.jobs.durations import Durations
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest, Trajectory
from robust_core.ui import jobs

SLOT = "pass:"
FEW, MOST = 2, 16  # images at 224 px; as many pixels of smaller ones, since a small batch takes longer for each
MOST_BYTES = 2**28  # of a model that is loaded for a forecast alone
PASSES = ThreatModel("linf", 1 / 255, 0.25 / 255, 2, "untargeted", "clean", 1, stop_at_success=False, seed=0)
# of a pass forward and back for one image, by model and precision
_seconds: dict[tuple[str, str], Durations] = defaultdict(Durations)
_noted: WeakSet[Trajectory] = WeakSet()


def note(trajectories: Iterable[Trajectory]) -> None:
    """Remember how long these took, each once."""
    for one in trajectories:
        if one not in _noted:
            _noted.add(one)
            images = len(one.steps[0].label)
            made = images * passes(one.threat) * _share_done(one)
            _seconds[one.spec.key, one.threat.precision].note(None, one.seconds / made)


def note_measured() -> bool:
    """Take what `measure` has come to; whether that was anything."""
    slots = st.session_state.get("job_slots", {})
    done = {slot: job for slot, job in slots.items() if slot.startswith(SLOT) and job.state is State.DONE}
    for slot, job in done.items():
        note(next(iter(job.result.trajectories.values())))
        del slots[slot]
    return bool(done)


def measuring() -> Callable[[], dict] | None:
    """Whether that is `over`, for a page with no other work to draw; None where it has some, or nothing is measured."""
    slots = st.session_state.get("job_slots", {})
    active = {slot: job for slot, job in slots.items() if job.active}
    if not active or not all(slot.startswith(SLOT) for slot in active):
        return None
    return lambda: {"over": not any(job.active for job in active.values())}


def passes(threat: ThreatModel) -> int:
    """How often an attack sends each image through the model and back."""
    return threat.restarts * (threat.steps + 1)


def seconds_of_a_pass(spec: ModelSpec, precision: str = USUAL) -> float | None:
    """What one image takes forward and back, in the usual precision where another was never measured; None where that
    was not either.
    """
    return _seconds[spec.key, precision].usual(None) or _seconds[spec.key, USUAL].usual(None)


def seconds(request: AttackCurveRequest) -> float | None:
    """What the run will take without loading the models; None where one of them was never measured."""
    each = [seconds_of_a_pass(spec, request.threats[0].precision) for spec in request.models]
    count = len(request.images) * sum(map(passes, request.threats))
    known = [one for one in each if one is not None]
    return count * sum(known) if len(known) == len(each) else None


def measure(specs: Sequence[ModelSpec], images: ImageSet) -> None:
    """Try a few steps on each small model that was not measured yet."""
    from robust_core.models.pool import shared_pool

    loaded = shared_pool().keys()
    new = [spec for spec in specs if seconds_of_a_pass(spec) is None]
    for spec in new:
        if spec.key in loaded or spec.memory_bytes <= MOST_BYTES:
            few = min(MOST, max(FEW, FEW * 224**2 // (spec.preprocess.crop or 224) ** 2))
            request = AttackCurveRequest((spec,), images[:few], (PASSES,))
            jobs.start(SLOT + spec.key, request.key, partial(_once_tried, request))


def _once_tried(request: AttackCurveRequest) -> Generator[Any, None, AttackCurve]:
    """The attack, after one like it: the first passes of a network take many times as long."""
    yield from attack_curve.run(request)
    return (yield from attack_curve.run(request))


def _share_done(trajectory: Trajectory) -> float:
    return trajectory.steps[-1].step / trajectory.threat.steps if trajectory.stopped else 1.0
