"""About how long a run will take, from what this process has measured: the last runs of the same models, or before any a
few steps on a few of the images.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from weakref import WeakSet

from robust_core.attacks.threat import ThreatModel
from robust_core.data.image_set import ImageSet
from robust_core.jobs.durations import Durations
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_curve
from robust_core.studies.attack_curve import AttackCurveRequest, Trajectory
from robust_core.ui import jobs

SLOT = "pass:"
FEW = 4
MOST_BYTES = 2**28  # of a model that is loaded for a forecast alone
PASSES = ThreatModel("linf", 1 / 255, 0.25 / 255, 3, "untargeted", "clean", 1, stop_at_success=False, seed=0)
_seconds: dict[str, Durations] = defaultdict(Durations)  # of a pass forward and back for one image, by model
_noted: WeakSet[Trajectory] = WeakSet()


def note(trajectories: Iterable[Trajectory]) -> None:
    """Remember how long these took, each once."""
    for one in trajectories:
        if one not in _noted:
            _noted.add(one)
            images = len(one.steps[0].label)
            _seconds[one.spec.key].note(None, one.seconds / (images * passes(one.threat) * _share_done(one)))


def passes(threat: ThreatModel) -> int:
    """How often an attack sends each image through the model and back."""
    return threat.restarts * (threat.steps + 1)


def seconds(request: AttackCurveRequest) -> float | None:
    """What the run will take without loading the models; None where one of them was never measured."""
    each = [_seconds[spec.key].usual(None) for spec in request.models]
    count = len(request.images) * sum(map(passes, request.threats))
    known = [one for one in each if one is not None]
    return count * sum(known) if len(known) == len(each) else None


def measure(specs: Sequence[ModelSpec], images: ImageSet) -> None:
    """Try a few steps on each small model that was not measured yet."""
    from robust_core.models.pool import shared_pool

    loaded = shared_pool().keys()
    new = [spec for spec in specs if _seconds[spec.key].usual(None) is None]
    tried = [spec for spec in new if spec.key in loaded or spec.memory_bytes <= MOST_BYTES]
    jobs.keep_only(SLOT, [SLOT + spec.key for spec in tried])
    for spec in tried:
        request = AttackCurveRequest((spec,), images[:FEW], (PASSES,))
        job = jobs.start(SLOT + spec.key, request.key, partial(attack_curve.run, request))
        if job.result is not None:
            note(job.result.trajectories[spec.name])


def _share_done(trajectory: Trajectory) -> float:
    return trajectory.steps[-1].step / trajectory.threat.steps if trajectory.stopped else 1.0
