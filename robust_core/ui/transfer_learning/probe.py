"""The view on linear probes: accuracy against the ε of training, and over images per class."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.mini.downstream_tasks import DOWNSTREAM_TASKS
from robust_core.models.spec import ModelSpec
from robust_core.models.training_eps import training_eps
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.plots.log_axes import log_axis
from robust_core.plots.probe_charts import EpsLine, OtherModel, over_eps
from robust_core.recordings.shipped import probe_request
from robust_core.studies import linear_probe
from robust_core.studies.linear_probe import FOLDS, MOST_REPEATS, REPEATS, LinearProbeRequest
from robust_core.studies.probed_models import SOURCE, TURNS_NOWHERE, LinearProbe, ProbedModel, SweetSpot
from robust_core.ui import jobs, links, recorded, run_button, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features import bias_runs
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun, recorded_part
from robust_core.ui.transfer_learning import classes, published

NAME, SLOT = "probe", "probe:"
CHART_PX, MAX_SEED = 380, 9_999
LINE_COLOURS = ("#D35D00", "#0B73B0")  # of the tasks, in the order of their table
SECONDS_EACH = 20  # of a model on 400 images, measured on two cores of which one was free


class ProbeRun(StudyRun[LinearProbeRequest]):
    """Whose features are probed; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        request = self.request
        return bias_runs.settings_of(request, folds=f"{request.repeats} × {request.folds}", seed=str(request.seed))


def show(
    specs: Sequence[ModelSpec], images: ImageSet, settings: DeltaGenerator, button: DeltaGenerator, note: DeltaGenerator
) -> None:
    """The view: controls come to `settings`, the button to `button`, and what would run to `note`."""
    with settings:
        repeats = links.number(
            st.slider,
            "Repeats of the cross-validation",
            1,
            MOST_REPEATS,
            REPEATS,
            key="probe_repeats",
            persist_state="session",
        )
        seed = links.number(
            st.number_input, "Seed of folds and draws", 0, MAX_SEED, 0, key="probe_seed", persist_state="session"
        )
    wanted = ProbeRun(LinearProbeRequest(tuple(specs), images, FOLDS, int(repeats), seed=int(seed)))
    there = recorded_part(wanted.request)
    here = ProbeRun(there, recorded=True) if there else None
    about = f"Logistic regression on what the last layer reads, {repeats} × {FOLDS} folds; n = {len(images)}"
    note.caption(f"{about}. About {jobs.roughly(SECONDS_EACH * len(specs) * len(images) / 400)}.")
    run = run_button.choose_run(NAME, wanted, button, note, recorded=here)
    jobs.poll_and_draw(partial(_results, run), forecast.note_measured, alone=True)


def _results(run: ProbeRun | None) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    published.show()
    words.show_how_to_read("transfer_learning")


def _show_run(run: ProbeRun) -> None:
    running = bias_runs.start(run, SLOT, linear_probe.run)
    found: LinearProbe | None = bias_runs.finished(run, running, SLOT)
    if found is None:
        return
    if not any(job.active for job in running.values()):
        _show_verdicts(found)
    if found.series():
        _show_over_eps(run, found)
    else:
        _show_bars(found)
    _show_learning_curves(found)
    seconds = sum(one.seconds for one in found.by_model)
    st.caption(
        f"{_origin(run)}; {words.seconds(seconds)} for {words.count(len(found.by_model), 'probe')}. "
        f"{words.plain(found.protocol[0].upper() + found.protocol[1:])}. Intervals: 95%, corrected for folds that "
        f"share images (Nadeau & Bengio 2003). Chance: {found.chance:.1%}."
    )
    _show_table(found)


def _origin(run: ProbeRun) -> str:
    recording = run.recording(run.specs[0])
    return f"{recorded.badge(recording)} {recorded.when(recording)[:-1] if recording else 'Computed now'}"


def _show_verdicts(found: LinearProbe) -> None:
    """The best ε of each series in large, and what that says to the paper."""
    for spot in found.sweet_spots():
        at = {one.spec.key: found.accuracy(one) for one in found.by_model}
        best, reference = at[spot.best.key], at[spot.reference.key]
        st.subheader(
            f"{words.plain(found.title)}: best at ε = {spot.best_eps:g}/255 with {best.estimate:.1%}; without attacks "
            f"{reference.estimate:.1%}"
            if spot.best_eps
            else f"{words.plain(found.title)}: best without attacks, {best.estimate:.1%}",
            anchor=False,
        )
        box = st.warning if spot.says == "contradicts" else st.info
        box(_verdict(found, spot), icon=":material/gavel:")


def _verdict(found: LinearProbe, spot: SweetSpot) -> str:
    who = "Mini" if spot.best.label_space == MINI else "This"
    said = {
        "agrees": f"{who} **agrees** with {SOURCE}: a model trained against attacks transfers better.",
        "contradicts": f"{who} **contradicts** {SOURCE}: even the best model trained against attacks transfers worse.",
        "undecided": f"{who} **does not decide** whether {SOURCE} are right here.",
    }[spot.says]
    if spot.best_eps == spot.largest_eps:
        said += f" {TURNS_NOWHERE}"
    many = len(next(iter(found.series().values()))) - 1
    bounds = "all folds differ by the same" if spot.difference is None else _points(spot.difference)
    return (
        f"{said} The best of {many} such models, ε = {spot.rival_eps:g}/255, less the one without attacks: {bounds} "
        f"points, an interval for {many} comparisons (Bonferroni); n = {len(found.labels)}."
    )


def _points(found: Interval) -> str:
    low, high = 100 * found.low, 100 * found.high
    return f"{100 * found.estimate:+.1f} [{low:+.1f}, {high:+.1f}]".replace("-", "−")


def _show_over_eps(run: ProbeRun, found: LinearProbe) -> None:
    tasks = [found, *_other_tasks(run)]
    lines, others = [line for one in tasks for line in _lines(one)], _others(found)
    norms = {norm for _, norm in found.series()}
    said = "; ".join([*(f"{line.title}: {', '.join(line.words)}" for line in lines), *(one.words for one in others)])
    live_chart(
        over_eps(lines, found.chance, "/255" if norms == {"linf"} else "", others),
        key="probe_over_eps",
        height_px=CHART_PX,
        alt=f"Accuracy of a linear probe against the ε of training. {said}",
        png_name="linear_probe_over_eps",
    )
    for one in tasks[1:]:
        st.caption(f"{words.BADGES['cached']} {words.plain(' '.join(one.sentences()))}")


def _show_bars(found: LinearProbe) -> None:
    """The accuracy of each model, where none are of a series."""
    colours = model_colours()
    groups = []
    for one in found.by_model:
        accuracy = found.accuracy(one)
        said = f"{one.spec.title}: {accuracy}"
        point = Point(one.spec.title, accuracy.estimate, accuracy.low, accuracy.high, said)
        groups.append(Group(one.spec.title, colours[one.spec.key], [point], hollow=False))
    figure = board_charts.bars(groups, "accuracy of a linear probe ↑ higher is better")
    figure["layout"] |= {"showlegend": False, "barmode": "overlay"}
    figure["layout"]["xaxis"]["tickangle"] = 0
    figure["layout"]["yaxis"] |= {"tickformat": ".0%", "range": [0, 1]}
    alt = "Accuracy of a linear probe. " + "; ".join(point.words for group in groups for point in group.points)
    live_chart(figure, key="probe_bars", height_px=CHART_PX, alt=alt, png_name="linear_probe")


def _other_tasks(run: ProbeRun) -> list[LinearProbe]:
    """What is recorded of the other tasks of Mini, where the shown one is a task under the same settings."""
    request, task = run.request, classes.task_of(run.request.images)
    if task is None:
        return []
    found = []
    for key in DOWNSTREAM_TASKS:
        other = probe_request(key)
        same = LinearProbeRequest(other.models, request.images, request.folds, request.repeats, seed=request.seed)
        recordings = [recorded.find(other.of(spec)) for spec in other.models if training_eps(spec)]
        if key != task.key and same.key == probe_request(task.key).key and all(recordings):
            first, *rest = [one.result for one in recordings if one]
            found.append(first.joined(rest))
    return found


def _lines(found: LinearProbe) -> list[EpsLine]:
    return [_line(found, its, _colour(found)) for its in found.series().values()]


def _colour(found: LinearProbe) -> str:
    """That of a task, which stays when another is chosen."""
    titles = [task.title for task in DOWNSTREAM_TASKS.values()]
    return LINE_COLOURS[titles.index(found.title) if found.title in titles else 0]


def _others(found: LinearProbe) -> list[OtherModel]:
    """The models that belong to no series."""
    placed = {one.spec.key for its in found.series().values() for one in its}
    said = {one.spec.title: found.accuracy(one) for one in found.by_model if one.spec.key not in placed}
    colour = _colour(found)
    return [OtherModel(title, colour, accuracy, f"{title}: {accuracy}") for title, accuracy in said.items()]


def _line(found: LinearProbe, its: Sequence[ProbedModel], colour: str) -> EpsLine:
    said = [f"{one.spec.title}, {found.title.lower()}: {found.accuracy(one)}" for one in its]
    eps = [at.eps for one in its if (at := training_eps(one.spec))]
    return EpsLine(found.title, colour, eps, [found.accuracy(one) for one in its], said)


def _show_learning_curves(found: LinearProbe) -> None:
    counts = list(found.by_model[0].by_count)
    if len(counts) < 2:
        return
    st.markdown("**How many images of each class does it take?**")
    colours = model_colours()
    groups = [
        Group(one.spec.title, colours[one.spec.key], [_at(found, one, count) for count in counts], hollow=False)
        for one in found.by_model
    ]
    figure = board_charts.curves(
        groups, "images of each class that the probe learns from", "accuracy ↑ higher is better"
    )
    figure["layout"]["xaxis"] |= log_axis(0.9 * counts[0], 1.1 * counts[-1])
    figure["layout"]["yaxis"] |= {"tickformat": ".0%", "rangemode": "tozero"}
    ends = "; ".join(f"{group.title}: {group.points[-1].y:.0%} with {counts[-1]} images" for group in groups)
    live_chart(figure, key="probe_learning_curve", height_px=CHART_PX + 60, alt=ends, png_name="learning_curve")
    st.caption(
        f"Accuracy on all other images; mean of {found.draws} draws of the training images, the same for every model. "
        "Bars: 95%, Student's t over draws."
    )


def _at(found: LinearProbe, one: ProbedModel, count: int) -> Point:
    accuracy = found.after(one, count)
    said = f"{one.spec.title}<br>{words.count(count, 'image')} of each class: {accuracy}"
    return Point(count, accuracy.estimate, accuracy.low, accuracy.high, said)


def _show_table(found: LinearProbe) -> None:
    with st.expander("Every model with n, 95% interval and difference", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame([_row(found, one) for one in found.by_model]), hide_index=True)


def _row(found: LinearProbe, one: ProbedModel) -> dict[str, Any]:
    reference, place = found.reference_of(one), training_eps(one.spec)
    difference = found.difference(one, reference) if reference else None
    return {
        "Model": one.spec.title,
        "ε of training": "–" if place is None else f"{place.eps:g}",
        "Accuracy": str(found.accuracy(one)),
        "Less the one without attacks, points": "–" if difference is None else _points(difference),
        "Features": one.units,
        "Seconds": round(one.seconds, 1),
    }
