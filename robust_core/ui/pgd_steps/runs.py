"""A run of the attack: what was asked for with the button, its jobs, and what they have so far."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from robust_core import curves
from robust_core.curves import ChosenImages, Trajectory
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.ui import jobs, worlds
from robust_core.ui.pgd_steps.controls import Protocol

SLOT = "pgd:"
FRAMES_SLOT = "pgd_frames:"


@dataclass(frozen=True)
class Run:
    """Which models are attacked, on which images, how, and how that is read."""

    specs: tuple[ModelSpec, ...]
    images: ChosenImages
    protocol: Protocol


def choose_run(specs: Sequence[ModelSpec], images: ChosenImages, protocol: Protocol) -> Run | None:
    """The run that was asked for last, None before the first; a link alone asks for none. Another scoring rule needs no
    new run.
    """
    wanted = Run(tuple(specs), images, protocol)
    asked: Run | None = st.session_state.get("pgd_run")
    fresh = asked is not None and _identity(asked) == _identity(wanted)
    left, right = st.columns([1, 4], vertical_alignment="center")
    left.button(
        "Run",
        key="run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=fresh,
        width="stretch",
        on_click=_ask,
        args=(wanted,),
    )
    if asked is not None and asked.specs[0].label_space != worlds.world():
        return None
    if asked is not None and not fresh:
        right.caption("The settings have changed since the run below; run again to see what they do.")
    return wanted if fresh else asked


def start(run: Run) -> dict[str, Job]:
    """The job of each model, by slot."""
    running = {
        SLOT + spec.key: jobs.start(
            SLOT + spec.key,
            (SLOT, *_job_key(run, spec)),
            partial(curves.attack, spec.key, run.images, run.protocol.threats, run.protocol.target),
        )
        for spec in run.specs
    }
    jobs.keep_only(SLOT, running)
    return running


def start_frames(run: Run, specs: Sequence[ModelSpec], place: int) -> dict[str, Job]:
    """The job of each of `specs` that makes the frames of the image at `place`, by slot."""
    return {
        FRAMES_SLOT + spec.key: jobs.start(
            FRAMES_SLOT + spec.key,
            (FRAMES_SLOT, place, *_job_key(run, spec)),
            partial(curves.attack_frames, spec.key, run.images, place, run.protocol.threat, run.protocol.target),
        )
        for spec in specs
    }


def trajectories(run: Run, running: dict[str, Job]) -> dict[str, tuple[Trajectory, ...]] | None:
    """Each model's trajectories by key, one for each of the run's threats, or None until all are done."""
    if any(job.state is not State.DONE for job in running.values()):
        return None
    return {spec.key: running[SLOT + spec.key].result for spec in run.specs}


def at_eps(run: Run, eps: float) -> Run:
    """The part of `run` that has this eps."""
    protocol = run.protocol
    return replace(
        run, protocol=replace(protocol, threats=tuple(threat for threat in protocol.threats if threat.eps == eps))
    )


def _ask(run: Run) -> None:
    jobs.keep_only(FRAMES_SLOT, ())  # a frame sequence of the last run would stand in the queue before this one
    st.session_state["pgd_run"] = run


def _identity(run: Run) -> tuple:
    return tuple(_job_key(run, spec) for spec in run.specs)


def _job_key(run: Run, spec: ModelSpec) -> tuple:
    return (
        spec.key,
        spec.weights.sha256,
        run.images.ids,
        run.images.centre_crop_only,
        run.protocol.threats,
        run.protocol.target,
    )
