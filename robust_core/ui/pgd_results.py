"""What a run of the attack shows: the growing curves, what must be said beside them, and every picture's label at a chosen step."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.cue_conflict.decisions import NAMES
from robust_core.curves import Trajectory, accuracies, steps_so_far
from robust_core.intervals import Interval
from robust_core.jobs import Job, State
from robust_core.labels import CLASSES
from robust_core.models.catalogue import list_models
from robust_core.models.spec import IMAGENET, ModelSpec
from robust_core.predictions import class_name
from robust_core.results import published
from robust_core.ui import charts, jobs, words
from robust_core.ui.charts import Line
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.pgd_controls import describe
from robust_core.ui.pgd_pictures import thumbnail
from robust_core.ui.pgd_runs import SLOT, Run

CHART_PX, LOSS_PX = 380, 240
EMPTY_STEPS = 50
EVERY, STANDING, FALLEN = "All", "Survived", "Fell"


def show_curves(run: Run | None, running: dict[str, Job], label_space: str) -> None:
    """Accuracy against steps, growing; the loss below it and the published curves behind it when asked for. Empty before a run."""
    left, right = st.columns(2)
    behind = left.toggle("Show the published curves", key="published", bind="query-params")
    losses = right.toggle("Show the loss", key="loss", bind="query-params")
    classes = len(CLASSES if label_space == IMAGENET else NAMES)
    steps = {spec: steps_so_far(running[SLOT + spec.key].events) for spec in run.specs} if run else {}
    lines = [_accuracy_line(spec, seen, run.protocol.reading) for spec, seen in steps.items() if seen]
    last = run.protocol.threat.steps if run else EMPTY_STEPS
    drawn = charts.accuracy_by_step(lines, last, 1 / classes, _published_lines() if behind else [])
    alt = "Accuracy against PGD steps. " + "; ".join(map(_in_words, lines))
    live_chart(drawn, key="accuracy_by_step", height_px=CHART_PX, alt=alt, png_name="accuracy_by_step")
    if losses:
        drawn = charts.loss_by_step([_loss_line(spec, seen) for spec, seen in steps.items() if seen], last)
        live_chart(drawn, key="loss_by_step", height_px=LOSS_PX, alt="Mean cross-entropy against PGD steps", png_name="loss_by_step")
    if behind:
        st.caption(_published_words())


def show_progress(run: Run, running: dict[str, Job]) -> None:
    """How each unfinished model stands, with a button to cancel it."""
    for spec in run.specs:
        job = running[SLOT + spec.key]
        if job.state is not State.DONE:
            st.markdown(f"**{words.plain(spec.title)}**")
            jobs.show_progress(SLOT + spec.key, job)


def show_honesty(run: Run, done: dict[str, Trajectory]) -> None:
    """Badge, protocol and numbers with their intervals, then every caveat that applies, and to whom."""
    from robust_core.attacks.caveats import UPPER_BOUND, caveats, make_run
    from robust_core.attacks.readings import READINGS

    reading, one = READINGS[run.protocol.reading], next(iter(done.values()))
    st.markdown(
        f":green-badge[:material/bolt: LIVE] {describe(run.protocol.threat)}; n = {len(run.pictures.ids)}; "
        f"read as “{reading.title}”; computed on {one.device.upper()} in float32."
    )
    st.markdown("\n".join(_numbers(spec, done[spec.key], reading) for spec in run.specs))
    applies: dict[str, list[str]] = {}
    for spec in run.specs:
        for caveat in caveats(make_run(done[spec.key].steps, reading)):
            applies.setdefault(caveat.sentence, []).append(spec.title)
    notes = [f"- {sentence}{_whom(titles, run.specs)}" for sentence, titles in applies.items()]
    st.info("\n".join([f"**{UPPER_BOUND}**", "", *notes]), icon=":material/gavel:")


def show_pictures(run: Run, done: dict[str, Trajectory]) -> None:
    """Every picture and each model's label at a chosen step; all of them, or those that survived or fell at one model."""
    from robust_core.attacks.readings import READINGS, read

    st.subheader("Which pictures survive?", anchor=False)
    left, middle, right = st.columns([4, 3, 3], vertical_alignment="bottom")
    step = left.slider("After how many steps", 0, run.protocol.threat.steps, run.protocol.threat.steps, key="at_step")
    title = middle.selectbox("For which model", [spec.title for spec in run.specs], key="at_model")
    which = right.segmented_control("Pictures", (EVERY, STANDING, FALLEN), default=EVERY, key="at_which", required=True)
    counted = {
        spec.title: list(read(done[spec.key].steps[: step + 1], READINGS[run.protocol.reading]))[-1].tolist() for spec in run.specs
    }
    shown = [place for place in range(len(run.pictures.ids)) if which == EVERY or counted[title][place] == (which == STANDING)]
    st.caption(f"{len(shown)} of {len(run.pictures.ids)} pictures. ✓ counts as correct after {step} steps, ✗ does not; the label is that of step {step}.")
    images = {"Seen": st.column_config.ImageColumn(width="small")}
    st.dataframe(_labels_at(run, done, step, counted, shown), hide_index=True, column_config=images, row_height=52)


def show_export(run: Run, done: dict[str, Trajectory]) -> None:
    """Everything that was measured, one row per model, step and picture."""
    st.download_button(
        "Steps as CSV",
        lambda: as_table(run, done).to_csv(index=False),
        "pgd_steps.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def as_table(run: Run, done: dict[str, Trajectory]) -> pd.DataFrame:
    """One row per model, step and picture, with all that is needed to attack again and to read it otherwise."""
    from robust_core.attacks.readings import READINGS, read

    parts = []
    for spec in run.specs:
        steps = done[spec.key].steps
        for step, counted in zip(steps, read(steps, READINGS[run.protocol.reading]), strict=True):
            columns = {name: getattr(step, name).tolist() for name in ("label", "probability", "true_probability", "loss", "distance")}
            columns |= {"true_label": step.goal.labels.tolist(), "true_label_known": step.goal.known.tolist(), "counts_as_correct": counted.tolist()}
            parts.append(pd.DataFrame({"model": spec.key, "weights_sha256": spec.weights.sha256, "step": step.step, "picture": run.pictures.ids} | columns))
    settings = {name: getattr(run.protocol.threat, name) for name in ("norm", "eps", "step_size", "aim", "start", "restarts", "stop_at_success", "seed")}
    return pd.concat(parts, ignore_index=True).assign(**settings, reading=run.protocol.reading, device=next(iter(done.values())).device)


def _numbers(spec: ModelSpec, trajectory: Trajectory, reading) -> str:
    clean, *_, attacked = accuracies(trajectory.steps, reading)
    title, seconds = words.plain(spec.title), words.seconds(trajectory.seconds)
    return f"- **{title}**: clean {clean}; after {len(trajectory.steps) - 1} steps {attacked} ({seconds})"


def _accuracy_line(spec: ModelSpec, steps: Sequence, reading_key: str) -> Line:
    from robust_core.attacks.readings import READINGS

    intervals = accuracies(steps, READINGS[reading_key])
    return _line(spec, [interval.estimate for interval in intervals], intervals)


def _loss_line(spec: ModelSpec, steps: Sequence) -> Line:
    return _line(spec, [float(step.loss.mean()) for step in steps], [])


def _line(spec: ModelSpec, heights: list[float], intervals: list[Interval]) -> Line:
    band = [(interval.low, interval.high) for interval in intervals]
    return Line(spec.title, model_colours()[spec.key], list(range(len(heights))), heights, band)


def _published_lines() -> list[Line]:
    rows = [row for row in published("orhan2019_pgd") if row.benchmark == "white-box PGD by steps"]
    titles = {spec.key: spec.title for spec in list_models()}
    of_model = {key: [row for row in rows if row.model == key] for key in dict.fromkeys(row.model for row in rows) if key in titles}
    return [
        Line(f"{titles[key]} (PUBLISHED)", model_colours()[key], [row.setting("steps") for row in of_one], [row.value / 100 for row in of_one], [])
        for key, of_one in of_model.items()
    ]


def _published_words() -> str:
    row = next(row for row in published("orhan2019_pgd") if row.benchmark == "white-box PGD by steps")
    eps = row.setting("eps")
    return (
        f":blue-badge[PUBLISHED] Thin dashed lines: Orhan 2019, ImageNet, ε = {eps:g} = {255 * eps:.1f}/255, n = {row.n:,}. {row.protocol}. "
        "Another protocol than your own settings, and in the mini world other pictures and models: compare shapes, not heights."
    )


def _in_words(line: Line) -> str:
    return f"{line.title}: {charts.percent(line.heights[0])} clean, {charts.percent(line.heights[-1])} after {len(line.heights) - 1} steps"


def _whom(titles: Sequence[str], specs: Sequence[ModelSpec]) -> str:
    return "" if len(titles) == len(specs) else f" ({words.plain('; '.join(titles))})"


def _labels_at(run: Run, done: dict[str, Trajectory], step: int, counted: dict[str, list[bool]], places: Sequence[int]) -> pd.DataFrame:
    rows = []
    for place in places:
        seen = thumbnail(run.pictures.ids[place], run.pictures.read)
        row = {"Seen": seen, "Picture": f"{place + 1}. {run.pictures.names[place]}"}
        for spec in run.specs:
            at = done[spec.key].steps[step]
            name = class_name(int(at.label[place]), spec.label_space)
            row[spec.title] = f"{'✓' if counted[spec.title][place] else '✗'} {name} {charts.percent(float(at.probability[place]))}"
        rows.append(row)
    return pd.DataFrame(rows)
