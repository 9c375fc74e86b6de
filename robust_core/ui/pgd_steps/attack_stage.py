"""The stage of a run: its curves over the steps, and beside them one image under attack by every model."""

from collections.abc import Callable

import streamlit as st

from robust_core.jobs import Job
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.charts import Line
from robust_core.studies.attack_curve import Trajectory
from robust_core.ui import jobs
from robust_core.ui.colours import model_colours
from robust_core.ui.components.stage import StageSequence, WaitingSequence, growing, stage
from robust_core.ui.pgd_steps import attack_curves, attack_frames, below_curves, forecast
from robust_core.ui.pgd_steps.attack_controls import Protocol
from robust_core.ui.pgd_steps.attack_jobs import SLOT, AttackRun, start, steps_so_far
from robust_core.ui.server.frame_store import sequences_of

MOST_SEQUENCES = 4
RESERVED_PX = 550  # the browser has the stage later than what is below it, which would jump down


def show_growing(run: AttackRun | None, running: dict[str, Job], protocol: Protocol, chance: float) -> None:
    """The curves so far, how far each model is, and a button that cancels all; before a run the axes alone."""
    here, left, behind, wants_loss = _places()
    lines, waiting = _growing(run, running, model_colours()) if run else ([], [])
    _draw(here, lines, [], protocol, chance, behind, waiting=waiting)
    if run and any(job.active for job in running.values()):
        with left:
            below_curves.show_cancel(run, running)
    if run and wants_loss:
        attack_curves.show_loss(steps_so_far(run, running), protocol.threat.steps, behind)


def growth(run: AttackRun | None) -> Callable[[], dict] | None:
    """What the stage draws by itself while `run` goes on; of a forecast, whether it is there; None for other work."""
    running = start(run) if run and not run.protocol.by_eps else {}
    if run is None or not any(job.active for job in running.values()):
        return forecast.measuring()
    colours = model_colours()

    def grown() -> dict:
        over = not any(job.active for job in running.values())
        return growing(*_growing(run, running, colours), run.protocol.threat.steps) | {"over": over}

    return grown


def show_stage(run: AttackRun, done: dict[str, Trajectory], chance: float) -> None:
    """The curves and an image beside them, in one place of the page.

    A click on a point of a curve picks model and step for what stands below. A recorded run plays by itself.
    """
    here, left, behind, wants_loss = _places()
    with left:
        place = _choose_image(run, done)
    steps = {spec: list(done[spec.key].steps) for spec in run.specs}
    lines = [_line(spec, so_far, run.protocol, model_colours()) for spec, so_far in steps.items()]
    sequences = [] if place is None else _stage_sequences(run, done, place)
    _draw(here, lines, sequences, run.protocol, chance, behind, played=run.key if run.recorded else None)
    if wants_loss:
        attack_curves.show_loss(steps, run.protocol.threat.steps, behind)
    if place is not None:
        with st.expander("Take the attacked images away", icon=":material/download:"):
            attack_frames.show_downloads(run, done, place)


def _places():
    """Where the stage and the choice below it come, the published curves, and whether the loss is wanted."""
    here = st.container(key="stage_place", height=RESERVED_PX, border=False)
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="center")
    behind = attack_curves.choose_published(middle)
    wants_loss = attack_curves.wants_loss(right)
    if behind:
        st.caption(attack_curves.published_words(attack_curves.BY_STEPS))
    return here, left, behind, wants_loss


def _draw(here, lines: list[Line], sequences, protocol: Protocol, chance: float, behind: list[Line], **options) -> None:
    with here:
        stage(
            lines,
            sequences,
            key="stage",
            last=max([protocol.threat.steps, *(int(line.at[-1]) for line in behind)]),
            steps=protocol.threat.steps,
            chance=chance,
            alt="Accuracy against PGD steps. " + "; ".join(map(attack_curves.in_words, lines)),
            behind=behind,
            on_pick=attack_curves.pick_step,
            **options,
        )


def _line(spec: ModelSpec, steps: list, protocol: Protocol, colours: dict[str, str]) -> Line:
    return attack_curves.accuracy_by_step(spec, colours[spec.key], steps, protocol.rule)


def _growing(
    run: AttackRun, running: dict[str, Job], colours: dict[str, str]
) -> tuple[list[Line], list[WaitingSequence]]:
    """The curves so far, and in place of images how far each model is."""
    so_far = steps_so_far(run, running)
    lines = [_line(spec, steps, run.protocol, colours) for spec, steps in so_far.items() if steps]
    return lines, [_waiting(spec, running[SLOT + spec.key], colours) for spec in run.specs[:MOST_SEQUENCES]]


def _waiting(spec: ModelSpec, job: Job, colours: dict[str, str]) -> WaitingSequence:
    share, said = jobs.how_far(job) if job.active else (1.0, job.state.value)
    return WaitingSequence(spec.title, colours[spec.key], said, share)


def _choose_image(run: AttackRun, done: dict[str, Trajectory]) -> int | None:
    """The place of the image on the stage, among those that have frames."""
    places = [place for place in range(len(run.images)) if all(place in one.frames for one in done.values())]
    if st.session_state.get("frames_of") not in places:
        st.session_state.pop("frames_of", None)
    return st.selectbox(
        "Image on the stage",
        places,
        format_func=lambda place: f"Image {place + 1}: {run.images.names[place]}",
        key="frames_of",
        label_visibility="collapsed",
    )


def _stage_sequences(run: AttackRun, done: dict[str, Trajectory], place: int) -> list[StageSequence]:
    """The image at `place` under attack by each of the first models."""
    return [_stage_sequence(spec, done[spec.key], place) for spec in run.specs[:MOST_SEQUENCES]]


def _stage_sequence(spec: ModelSpec, trajectory: Trajectory, place: int) -> StageSequence:
    frames = trajectory.frames[place]
    attacked, change = sequences_of(frames, "attacked", "change")
    names = [spec.label_space.names[label] for label in frames.label]
    verdicts = [f"{name} {charts.percent(share)}" for name, share in zip(names, frames.probability, strict=True)]
    flip = next((step.step for step in trajectory.steps if not step.correct[place]), None)
    colour = model_colours()[spec.key]
    return StageSequence(
        spec.title, colour, attacked, change, frames.factor, frames.steps, verdicts, frames.correct, flip
    )
