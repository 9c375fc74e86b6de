"""A run of the attack, recorded or asked for with the button: its jobs, and what they have so far."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.labels import LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies import attack_checks, attack_curve
from robust_core.studies.attack_checks import AttackChecksRequest
from robust_core.studies.attack_curve import AttackCurve, AttackCurveRequest, Trajectory
from robust_core.studies.attack_frames import most_with_frames
from robust_core.ui import jobs, on_page, recorded, run_button
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.pgd_steps.attack_controls import Protocol, describe, length, settings_of

NAME, SLOT = "pgd", "pgd:"
CANCELLED = "pgd_cancelled"  # in the session, until the whole page has run
CHECKS_SLOT = "pgd_checks:"
CHECKS_ASKED = "pgd_checks_asked"  # in the session: what was asked with the button about each part of the last run
Done = dict[str, tuple[Trajectory, ...]]  # by model, one for each of the run's threats


@dataclass(frozen=True)
class AttackRun:
    """Which models are attacked, on which images, how, and how that is scored; whether it is `recorded`.

    until_flat  the key of the scoring rule by which an attack stops once no image is left; None: it makes every step
    """

    specs: tuple[ModelSpec, ...]
    images: ImageSet
    protocol: Protocol
    recorded: bool = False
    until_flat: str | None = None

    @property
    def request(self) -> AttackCurveRequest:
        """All that determines the attack; another scoring rule needs no other."""
        protocol, side_px = self.protocol, max(spec.preprocess.crop for spec in self.specs)
        most = most_with_frames(side_px) // len(protocol.threats)
        frames_of = tuple(range(min(max(1, most), len(self.images))))
        return AttackCurveRequest(self.specs, self.images, protocol.threats, protocol.target, frames_of=frames_of)

    @property
    def key(self) -> Hashable:
        """That of the request, and where it may stop."""
        return (*self.request.key, self.until_flat)

    @property
    def job_keys(self) -> frozenset[Hashable]:
        """Those of its jobs, one for each model."""
        return frozenset((*self.request.of(spec).key, self.until_flat) for spec in self.specs)

    @property
    def label_space(self) -> LabelSpace:
        """The classes of its models."""
        return self.specs[0].label_space

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        eps = ", ".join(length(threat.norm, threat.eps) for threat in self.protocol.threats)
        return {
            "models": ", ".join(spec.title for spec in self.specs),
            "images": f"{len(self.images)} of {self.images.title}",
            "ε": eps,
            **settings_of(self.protocol.threat),
        }


def choose_run(
    specs: Sequence[ModelSpec],
    images: ImageSet,
    protocol: Protocol,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> AttackRun | None:
    """The run that is shown, None before the first; a link alone asks for none.

    The button comes to `button`; `note` says what would run, and what has changed since the run shown. Another scoring
    rule needs no new run.
    """
    wanted = _as_asked(AttackRun(tuple(specs), images, protocol, until_flat=_flat_by(protocol.rule)))
    there = recorded.among(wanted.specs, wanted.request.of)
    each = ", ".join(length(threat.norm, threat.eps) for threat in protocol.threats[:-1])
    also = f"; and with ε {each}" if each else ""
    cancelled = "**Cancelled.** " if st.session_state.pop(CANCELLED, False) else ""
    note.caption(f"{cancelled}{describe(protocol.threat)}; n = {len(images)}{also}.{_how_long(wanted)}")
    here = replace(wanted, specs=there, recorded=True) if there else None
    return run_button.choose_run(
        NAME,
        wanted,
        button,
        note,
        _leave_what_hangs_on_the_last_run,
        recorded=here,
    )


def _flat_by(rule: str) -> str | None:
    from robust_core.attacks.scoring import SCORING_RULES

    return rule if SCORING_RULES[rule].only_falls else None


def _as_asked(wanted: AttackRun) -> AttackRun:
    """`wanted` as it was asked for under another scoring rule, where what that run made is enough."""
    asked: AttackRun | None = st.session_state.get("pgd_run")
    if asked is None or asked.request.key != wanted.request.key:
        return wanted
    enough = asked.until_flat in (None, wanted.until_flat) or _made_every_step(asked)
    return replace(wanted, until_flat=asked.until_flat) if enough else wanted


def _made_every_step(run: AttackRun) -> bool:
    slots = st.session_state.get("job_slots", {})
    found = finished(run, {SLOT + spec.key: slots[SLOT + spec.key] for spec in run.specs if SLOT + spec.key in slots})
    return found is not None and not any(one.stopped for each in found[1].values() for one in each)


def _how_long(run: AttackRun) -> str:
    """How long a run will take, in a sentence; nothing before that was measured."""
    forecast.measure(run.specs, run.images)
    seconds = forecast.seconds(run.request)
    return "" if seconds is None else f" A run takes about {jobs.roughly(seconds)}."


def asked_again() -> bool:
    """Whether the whole page has to run: the run was cancelled, or a forecast has become known."""
    return forecast.note_measured() or CANCELLED in st.session_state


def cancel(run: AttackRun, running: dict[str, Job]) -> None:
    """Leave what is not done; the page goes on with the models that are, without any with what it showed before."""
    done = tuple(spec for spec in run.specs if running[SLOT + spec.key].state is State.DONE)
    jobs.keep_only(SLOT, [SLOT + spec.key for spec in done])
    st.session_state[CANCELLED] = True
    if done:
        run_button.narrow(NAME, replace(run, specs=done))
    else:
        run_button.forget(NAME)


def note_shown(run: AttackRun, running: dict[str, Job]) -> None:
    """Tell the toolbar which results the page shows."""
    for spec in run.specs:
        request, job = run.request.of(spec), running[SLOT + spec.key]
        if job.result is not None:
            on_page.show(request, job.result, recorded.find(request) if run.recorded else None)


def start(run: AttackRun) -> dict[str, Job]:
    """The job of each model, by slot; that of a recorded run is done."""
    if run.recorded:
        jobs.keep_only(SLOT, ())
        return {SLOT + spec.key: _recorded_job(run.request.of(spec)) for spec in run.specs}
    from robust_core.attacks.scoring import SCORING_RULES

    jobs.keep_only(forecast.SLOT, ())
    until_flat = SCORING_RULES[run.until_flat] if run.until_flat else None
    running = {}
    for spec in run.specs:
        request = run.request.of(spec)
        work = partial(attack_curve.run, request, until_flat=until_flat)
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, (*request.key, run.until_flat), work)
    jobs.keep_only(SLOT, running)
    return running


def _recorded_job(request: AttackCurveRequest) -> Job:
    recording = recorded.find(request)
    assert recording is not None  # a recorded run has only models that are recorded
    (trajectories,) = recording.result.trajectories.values()
    return Job.done(request.key, recording.result, [step for one in trajectories for step in one.steps])


def start_checks(request: AttackChecksRequest, curve: AttackCurve) -> Job:
    """The job that checks an attack whose steps are those of `curve`."""
    return jobs.start(CHECKS_SLOT, request.key, partial(attack_checks.run, request, curve))


def finished(run: AttackRun, running: dict[str, Job]) -> tuple[AttackRun, Done] | None:
    """The part of the run whose models are done, and their trajectories by key, one for each of its threats; None while
    any model is not over, or where all have failed.
    """
    done = tuple(spec for spec in run.specs if (job := running.get(SLOT + spec.key)) and job.state is State.DONE)
    if not done or any(job.active for job in running.values()):
        return None
    found = {spec.key: running[SLOT + spec.key].result.trajectories[spec.name] for spec in done}
    if not run.recorded:
        forecast.note(one for each in found.values() for one in each)
    return replace(run, specs=done), found


def steps_so_far(run: AttackRun, running: dict[str, Job]) -> dict[ModelSpec, list]:
    """The AttackSteps of each model under the first of the run's threats, as far as it is."""
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
