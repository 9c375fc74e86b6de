"""Distance against queries: curves that grow while attacks ask, and one image that they draw nearer to."""

import math
from collections.abc import Sequence

import streamlit as st

from robust_core.attacks.config import AttackConfig
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts, query_charts
from robust_core.plots.charts import FOLLOWS_FRAMES, Line
from robust_core.recordings.store import Recording
from robust_core.studies.query_curve import QueryCurve, QueryStep, QueryTrajectory, steps_so_far
from robust_core.studies.query_frames import QueryFrames
from robust_core.ui import jobs, on_page, recorded, words
from robust_core.ui.components.frame_player import SequenceMarker, SequenceModel, SequenceStrip, frame_player
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.server.frame_store import sequences_of
from robust_core.ui.smallest_change import query_runs
from robust_core.ui.smallest_change.query_runs import QueryRun

CHART_PX = 380
COLOURS = {"hop_skip_jump": "#B57910", "boundary": "#697386", "cgba": "#0B73B0"}  # as the palette of all charts
MILLISECONDS = 700  # for a frame: there are few


def show(run: QueryRun) -> None:
    """Each model's curves, its image, what must be said, and the table; or how far its job is."""
    for spec, job in zip(run.specs, query_runs.start(run).values(), strict=True):
        with st.container(border=True):
            st.markdown(f"**{words.plain(spec.title)}**")
            _show_model(run, spec, job)


def _show_model(run: QueryRun, spec: ModelSpec, job: Job) -> None:
    if job.state is not State.DONE:
        _show_curves(spec, steps_so_far(job.events))
        jobs.show_progress(query_runs.SLOT + spec.key, job)
        return
    request, result, recording = run.request.of(spec), job.result, run.recording(spec)
    on_page.show(request, result, recording)
    trajectories = result.trajectories[spec.name]
    if not recording:
        query_runs.note_seconds(trajectories)
    _show_curves(spec, {one.config: list(one.steps) for one in trajectories})
    st.markdown("\n".join(f"- {sentence(one)}" for one in trajectories))
    _show_frames(spec, [one for one in trajectories if one.frames])
    _show_protocol(result, recording)


def sentence(one: QueryTrajectory) -> str:
    """What one attack came to, in words."""
    step, title = one.steps[-1], one.config.row.title
    if not step.right:
        return f"**{title}**: the model is wrong about every clean image, so there is nothing to break."
    low, high = step.median_bounds
    return (
        f"**{title}**: median L2 distance **{_far(step.median)}** [{_far(low)}, {_far(high)}] after "
        f"{step.queries:,} queries, n = {len(step.right)} right when clean, {step.broken} broken; "
        f"{one.broken_in_8_bits} survive rounding to 8 bits ({words.seconds(one.seconds)})"
    )


def line_of(config: AttackConfig, steps: Sequence[QueryStep]) -> Line:
    """The curve of one attack: the median after each number of queries from 1 on, where one is known."""
    known = [step for step in steps if step.queries and math.isfinite(step.median)]
    said = [f"{_far(step.median)} [{_far(step.median_bounds[0])}, {_far(step.median_bounds[1])}]" for step in known]
    return Line(
        config.row.title,
        COLOURS[config.attack],
        [step.queries for step in known],
        [step.median for step in known],
        [step.median_bounds for step in known],
        said,
    )


def _far(distance: float) -> str:
    return f"{distance:.3g}" if math.isfinite(distance) else "∞"


def _show_curves(spec: ModelSpec, steps: dict[AttackConfig, list[QueryStep]]) -> None:
    lines = [line_of(config, its) for config, its in steps.items()]
    alt = f"Median L2 distance against queries, {spec.title}. " + "; ".join(
        f"{line.title}: {line.words[-1]} at the last" for line in lines if line.words
    )
    live_chart(
        query_charts.distances_by_queries(lines, "median L2 distance ↓ nearer", _meta(spec)),
        key=f"query_curve_{spec.key}",
        height_px=CHART_PX,
        alt=alt,
        png_name="distance_against_queries",
    )


def _meta(spec: ModelSpec) -> str:
    return f"{FOLLOWS_FRAMES} {spec.key}"


def _show_frames(spec: ModelSpec, trajectories: Sequence[QueryTrajectory]) -> None:
    if not trajectories:
        return
    every = [one.frames[min(one.frames)] for one in trajectories]
    queries = every[0].queries
    places = range(len(queries))
    both = [sequences_of(frames, "attacked", "change") for frames in every]
    attacked = [
        SequenceStrip(one.config.row.title, sequence, places)
        for one, (sequence, _) in zip(trajectories, both, strict=True)
    ]
    changes = [SequenceStrip("change, enlarged", sequence, places) for _, sequence in both]
    rows = [_row(one.config, frames) for one, frames in zip(trajectories, every, strict=True)]
    frame_player(
        [attacked, changes],
        rows,
        ("Prediction", "L2 distance", "Change enlarged"),
        key=f"query_frames_{spec.key}",
        frame_names=[f"{one:,} queries" if one else "clean" for one in queries],
        marker=SequenceMarker(_meta(spec), [max(1, one) for one in queries]),
        milliseconds=MILLISECONDS,
    )
    st.caption("The first of the images; each change is enlarged as far as it fits, and grey is none.")


def _row(config: AttackConfig, frames: QueryFrames) -> SequenceModel:
    clean, names = frames.label[0], frames.spec.label_space.names
    columns = frames.label, frames.probability, frames.distance, frames.factors
    cells = [
        (f"{names[label]} {charts.percent(share)}", _far(far) if math.isfinite(far) else "none known", f"{factor:,}×")
        for label, share, far, factor in zip(*columns, strict=True)
    ]
    bold = [label != clean for label in frames.label]
    return SequenceModel(f"{frames.spec.title}, {config.row.title}", COLOURS[config.attack], cells, bold)


def _show_protocol(result: QueryCurve, recording: Recording | None) -> None:
    first = next(result.all())
    origin = recorded.origin(first.device, recording)
    st.caption(f"{origin}; {words.plain('; '.join(str(one.config) for one in result.all()))}.")
    st.info("\n".join(f"- {words.plain(one)}" for one in result.sentences()), icon=":material/gavel:")
    st.download_button(
        "Distances as CSV",
        result.csv,
        "distance_against_queries.csv",
        "text/csv",
        key=f"query_csv_{first.spec.key}",
        icon=":material/download:",
        on_click="ignore",
    )
