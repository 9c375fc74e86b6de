"""A run of the attack, recorded or asked for with the button: its jobs, and what they have so far."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.recordings import store as recordings
from robust_core.studies import attack_checks, attack_curve
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest, Trajectory
from robust_core.studies.attack_frames import most_with_frames
from robust_core.ui import jobs, run_button, worlds
from robust_core.ui.pgd_steps.attack_controls import Protocol, describe, length

SLOT = "pgd:"
CHECKS_SLOT = "pgd_checks:"
CHECKS_ASKED = "pgd_checks_asked"  # in the session: what was asked with the button about each part of the last run


@dataclass(frozen=True)
class AttackRun:
    """Which models are attacked, on which images, how, and how that is scored; whether it is `recorded`."""

    specs: tuple[ModelSpec, ...]
    images: ImageSet
    protocol: Protocol
    recorded: bool = False

    @property
    def request(self) -> AttackCurveRequest:
        """All that determines the attack; another scoring rule needs no other."""
        protocol, side_px = self.protocol, max(spec.preprocess.crop for spec in self.specs)
        most = most_with_frames(side_px) // len(protocol.threats)
        frames_of = tuple(range(min(max(1, most), len(self.images))))
        return AttackCurveRequest(self.specs, self.images, protocol.threats, protocol.target, frames_of=frames_of)

    @property
    def key(self) -> Hashable:
        """That of the request."""
        return self.request.key

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.specs[0].label_space


def choose_run(
    specs: Sequence[ModelSpec],
    images: ImageSet,
    protocol: Protocol,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> AttackRun | None:
    """The run that was asked for last, before the first the recorded one of these settings, None where there is none
    either; a link alone asks for none.

    The button comes to `button`; `note` says what would run, and whether the settings have changed since the run shown.
    Another scoring rule needs no new run.
    """
    wanted = AttackRun(tuple(specs), images, protocol)
    recorded = tuple(spec for spec in wanted.specs if recordings.find(wanted.request.of(spec)))
    each = ", ".join(length(threat.norm, threat.eps) for threat in protocol.threats[:-1])
    note.caption(f"{describe(protocol.threat)}; n = {len(images)}" + (f"; and with ε {each}" if each else ""))
    label = "Run again" if recorded else "Run"
    asked = run_button.choose_run("pgd", wanted, button, note, _leave_what_hangs_on_the_last_run, label)
    if asked is not None:
        return asked
    if recorded:
        st.session_state["pgd_recorded"] = replace(wanted, specs=recorded, recorded=True)
        return st.session_state["pgd_recorded"]
    last: AttackRun | None = st.session_state.get("pgd_recorded")
    if last is None or last.label_space != worlds.world():
        return None
    note.caption("The settings have changed since the run below; run again to see what they do.")
    return last


def start(run: AttackRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    if run.recorded:
        jobs.keep_only(SLOT, ())
        return {SLOT + spec.key: _recorded_job(run.request.of(spec)) for spec in run.specs}
    running = {}
    for spec in run.specs:
        request = run.request.of(spec)
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, request.key, partial(attack_curve.run, request))
    jobs.keep_only(SLOT, running)
    return running


def _recorded_job(request: AttackCurveRequest) -> Job:
    recording = recordings.find(request)
    assert recording is not None  # a recorded run has only models that are recorded
    (trajectories,) = recording.result.trajectories.values()
    return Job.done(request.key, recording.result, [step for one in trajectories for step in one.steps])


def start_checks(request: AttackChecksRequest, curve: AttackCurve) -> Job:
    """The job that checks an attack whose steps are those of `curve`."""
    return jobs.start(CHECKS_SLOT, request.key, partial(attack_checks.run, request, curve))


def trajectories(run: AttackRun, running: dict[str, Job]) -> dict[str, tuple[Trajectory, ...]] | None:
    """Each model's trajectories by key, one for each of the run's threats, or None until all are done."""
    if any(job.state is not State.DONE for job in running.values()):
        return None
    return {spec.key: running[SLOT + spec.key].result.trajectories[spec.name] for spec in run.specs}


def steps_so_far(run: AttackRun | None, running: dict[str, Job]) -> dict[ModelSpec, list]:
    """The AttackSteps of each model under the first of the run's threats, as far as it is."""
    if run is None:
        return {}
    seen = {spec: attack_curve.steps_so_far(running[SLOT + spec.key].events) for spec in run.specs}
    return {spec: next(iter(by_threat.values()), []) for spec, by_threat in seen.items()}


def at_eps(run: AttackRun, eps: float) -> AttackRun:
    """The part of `run` that has this eps."""
    protocol = run.protocol
    return replace(
        run, protocol=replace(protocol, threats=tuple(threat for threat in protocol.threats if threat.eps == eps))
    )


def _leave_what_hangs_on_the_last_run() -> None:
    """Checks of the last run would be in the queue before this one."""
    jobs.keep_only(CHECKS_SLOT, ())
    st.session_state.pop(CHECKS_ASKED, None)
