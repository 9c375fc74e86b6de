"""The charts of a linear probe: accuracy against the ε of training, of other models, and over images per class."""

from collections.abc import Sequence

import streamlit as st

from robust_core.mini.downstream_tasks import DOWNSTREAM_TASKS
from robust_core.models.training_eps import training_eps
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.plots.log_axes import log_axis
from robust_core.plots.probe_charts import EpsLine, OtherModel, over_eps
from robust_core.recordings.shipped import probe_request
from robust_core.studies.linear_probe import LinearProbeRequest
from robust_core.studies.probed_models import LinearProbe, ProbedModel
from robust_core.ui import recorded, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.transfer_learning import classes

CHART_PX = 380
LINE_COLOURS = ("#D35D00", "#0B73B0")  # of the tasks, in the order of their table


def show_over_eps(request: LinearProbeRequest, found: LinearProbe) -> None:
    tasks = [found, *_other_tasks(request)]
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


def show_bars(found: LinearProbe) -> None:
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


def _other_tasks(request: LinearProbeRequest) -> list[LinearProbe]:
    """What is recorded of the other tasks of Mini, where the shown one is a task under the same settings."""
    task = classes.task_of(request.images)
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


def show_learning_curves(found: LinearProbe) -> None:
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
