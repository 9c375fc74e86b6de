"""The stage of a run: its curves over the steps, and beside them one image under attack by every model."""

from weakref import WeakKeyDictionary

import streamlit as st

from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.attack_curve import Trajectory
from robust_core.studies.attack_frames import AttackFrames
from robust_core.ui.colours import model_colours
from robust_core.ui.components.stage import StageSequence, stage
from robust_core.ui.pgd_steps import attack_curves, attack_frames
from robust_core.ui.pgd_steps.attack_controls import Protocol
from robust_core.ui.pgd_steps.attack_jobs import AttackRun
from robust_core.ui.server.frame_store import FrameSequence, frame_sequence_of

MOST_SEQUENCES = 4
_SEQUENCES: WeakKeyDictionary[AttackFrames, tuple[FrameSequence, FrameSequence]] = WeakKeyDictionary()


def show_stage(
    run: AttackRun | None,
    steps: dict[ModelSpec, list],
    done: dict[str, Trajectory] | None,
    protocol: Protocol,
    chance: float,
) -> None:
    """The curves of `steps` so far, and once the run is `done` an image beside them, in one place of the page.

    A click on a point of a curve picks model and step for what stands below. A recorded run plays by itself.
    """
    here = st.container()
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    with left:
        place = _choose_image(run, done) if run and done else None
    behind, wants_loss = attack_curves.choose_published(middle), attack_curves.wants_loss(right)
    lines = [attack_curves.accuracy_by_step(spec, so_far, protocol.rule) for spec, so_far in steps.items() if so_far]
    last = max([protocol.threat.steps, *(int(line.at[-1]) for line in behind)])
    with here:
        stage(
            lines,
            _stage_sequences(run, done, place) if run and done and place is not None else [],
            key="stage",
            last=last,
            steps=protocol.threat.steps,
            chance=chance,
            alt="Accuracy against PGD steps. " + "; ".join(map(attack_curves.in_words, lines)),
            behind=behind,
            played=run.key if run and run.recorded else None,
            on_pick=attack_curves.pick_step,
        )
    if behind:
        st.caption(attack_curves.published_words(attack_curves.BY_STEPS))
    if wants_loss:
        attack_curves.show_loss(steps, last, behind)
    if run and done and place is not None:
        with st.expander("Take the attacked images away", icon=":material/download:"):
            attack_frames.show_downloads(run, done, place)


def _choose_image(run: AttackRun, done: dict[str, Trajectory]) -> int | None:
    """The place of the image on the stage, among those that have frames."""
    places = [place for place in range(len(run.images)) if all(place in one.frames for one in done.values())]
    if st.session_state.get("frames_of") not in places:
        st.session_state.pop("frames_of", None)
    return st.selectbox(
        "Image on the stage",
        places,
        format_func=lambda place: f"{place + 1}. {run.images.names[place]}",
        key="frames_of",
    )


def _stage_sequences(run: AttackRun, done: dict[str, Trajectory], place: int) -> list[StageSequence]:
    """The image at `place` under attack by each of the first models."""
    return [_stage_sequence(spec, done[spec.key], place) for spec in run.specs[:MOST_SEQUENCES]]


def _stage_sequence(spec: ModelSpec, trajectory: Trajectory, place: int) -> StageSequence:
    frames = trajectory.frames[place]
    attacked, change = _sequences(frames)
    names = [spec.label_space.names[label] for label in frames.label]
    verdicts = [f"{name} {charts.percent(share)}" for name, share in zip(names, frames.probability, strict=True)]
    flip = next((step.step for step in trajectory.steps if not step.correct[place]), None)
    colour = model_colours()[spec.key]
    return StageSequence(
        spec.title, colour, attacked, change, frames.factor, frames.steps, verdicts, frames.correct, flip
    )


def _sequences(frames: AttackFrames) -> tuple[FrameSequence, FrameSequence]:
    """The attacked frames and their changes, made once and kept for as long as the frames are."""
    if frames not in _SEQUENCES:
        _SEQUENCES[frames] = frame_sequence_of(frames.attacked), frame_sequence_of(frames.change)
    return _SEQUENCES[frames]
