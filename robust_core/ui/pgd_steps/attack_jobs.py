"""A run of the attack: what was asked for with the button, its jobs, and what they have so far."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_checks, attack_curve, attack_frames
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest, Trajectory
from robust_core.studies.attack_frames import AttackFramesRequest
from robust_core.ui import jobs, run_button
from robust_core.ui.pgd_steps.attack_controls import Protocol

SLOT = "pgd:"
FRAMES_SLOT = "pgd_frames:"
CHECKS_SLOT = "pgd_checks:"
CHECKS_ASKED = "pgd_checks_asked"  # in the session: what was asked with the button about each part of the last run


@dataclass(frozen=True)
class AttackRun:
    """Which models are attacked, on which images, how, and how that is scored."""

    specs: tuple[ModelSpec, ...]
    images: ImageSet
    protocol: Protocol

    @property
    def request(self) -> AttackCurveRequest:
        """All that determines the attack; another scoring rule needs no other."""
        return AttackCurveRequest(self.specs, self.images, self.protocol.threats, self.protocol.target)

    @property
    def key(self) -> Hashable:
        """That of the request."""
        return self.request.key

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.specs[0].label_space


def choose_run(specs: Sequence[ModelSpec], images: ImageSet, protocol: Protocol) -> AttackRun | None:
    """The run that was asked for last, None before the first; a link alone asks for none.

    Another scoring rule needs no new run.
    """
    wanted = AttackRun(tuple(specs), images, protocol)
    left, right = st.columns([1, 4], vertical_alignment="center")
    return run_button.choose_run("pgd", wanted, left, right, on_run=_leave_what_hangs_on_the_last_run)


def start(run: AttackRun) -> dict[str, Job]:
    """The job of each model, by slot."""
    running = {}
    for spec in run.specs:
        request = run.request.of(spec)
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, request.key, partial(attack_curve.run, request))
    jobs.keep_only(SLOT, running)
    return running


def start_frames(run: AttackRun, specs: Sequence[ModelSpec], place: int) -> dict[str, Job]:
    """The job of each of `specs` that attacks the image at `place` once more for its frames, by slot."""
    running, protocol = {}, run.protocol
    for spec in specs:
        request = AttackFramesRequest((spec,), run.images, (protocol.threat,), protocol.target, place=place)
        slot = FRAMES_SLOT + spec.key
        running[slot] = jobs.start(slot, request.key, partial(attack_frames.run, request))
    return running


def start_checks(request: AttackChecksRequest, curve: AttackCurve) -> Job:
    """The job that checks an attack whose steps are those of `curve`."""
    return jobs.start(CHECKS_SLOT, request.key, partial(attack_checks.run, request, curve))


def trajectories(run: AttackRun, running: dict[str, Job]) -> dict[str, tuple[Trajectory, ...]] | None:
    """Each model's trajectories by key, one for each of the run's threats, or None until all are done."""
    if any(job.state is not State.DONE for job in running.values()):
        return None
    return {spec.key: running[SLOT + spec.key].result.trajectories[spec.name] for spec in run.specs}


def at_eps(run: AttackRun, eps: float) -> AttackRun:
    """The part of `run` that has this eps."""
    protocol = run.protocol
    return replace(
        run, protocol=replace(protocol, threats=tuple(threat for threat in protocol.threats if threat.eps == eps))
    )


def _leave_what_hangs_on_the_last_run() -> None:
    """Frames and checks of the last run would be in the queue before this one."""
    jobs.keep_only(FRAMES_SLOT, ())
    jobs.keep_only(CHECKS_SLOT, ())
    st.session_state.pop(CHECKS_ASKED, None)
