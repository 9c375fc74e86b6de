"""Accuracy under corruption against the strength of the glasses: a chart for each corruption, as curves come."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.input_filters.table import InputFilter
from robust_core.intervals import NEWCOMBE, Interval, newcombe
from robust_core.jobs import State
from robust_core.labels import LabelSpace
from robust_core.plots.charts import Line, literal
from robust_core.plots.glasses_charts import Level, by_strength
from robust_core.studies.corruption_grid import PROTOCOL
from robust_core.studies.glasses_corruption import FilteredAccuracy, curves_so_far
from robust_core.ui import recorded, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.shape_or_texture import glasses_runs
from robust_core.ui.shape_or_texture.glasses_curves import ticks
from robust_core.ui.shape_or_texture.glasses_runs import GlassesRun

CHART_PX = 280
IN_A_ROW = 2


def show(run: GlassesRun, row: InputFilter, strength: float | None) -> None:
    """The headline, a chart for each condition, and every number; the mark stands at `strength` where the run is
    through `row`.
    """
    running = glasses_runs.start(run)
    curves: list[FilteredAccuracy] = []
    for spec, job in zip(run.specs, running.values(), strict=True):
        if job.state is State.DONE:
            glasses_runs.note_shown(run, spec, job.result)
        curves += job.result.curves if job.state is State.DONE else curves_so_far(job.events)
    whole = all(job.state is State.DONE for job in running.values())
    if whole:
        _show_headline(curves)
    chosen = (None, *run.request.row.strengths).index(strength) if row == run.request.row else 0
    conditions = (*run.request.conditions, CLEAN)
    for first in range(0, len(conditions), IN_A_ROW):
        columns = st.columns(IN_A_ROW)
        for condition, column in zip(conditions[first : first + IN_A_ROW], columns, strict=False):
            with column:
                _show_chart(run, condition, [one for one in curves if one.condition == condition], chosen)
    glasses_runs.show_progress(run, running)
    if whole:
        _show_numbers(run, curves)


def largest_gain(curves: Sequence[FilteredAccuracy]) -> tuple[FilteredAccuracy, int] | None:
    """The curve and the place of the strength that gains most accuracy over none; None where no interval of a gain
    lies above 0.
    """
    gains = {(one, place): gain(one, place) for one in curves for place in range(1, len(one.strengths))}
    clear = {where: found.estimate for where, found in gains.items() if found.low > 0}
    return max(clear, key=clear.__getitem__, default=None)


def gain(one: FilteredAccuracy, place: int) -> Interval:
    """The accuracy at the strength at `place` less that without a filter, on the same images."""
    bare, worn = one.correct[0], one.correct[place]
    counts = (bare & worn).sum(), (bare & ~worn).sum(), (~bare & worn).sum(), (~bare & ~worn).sum()
    found = newcombe(*map(int, counts))
    assert found is not None  # there are images
    return found


def chance_of(space: LabelSpace) -> Level:
    """The accuracy of a network that guesses."""
    return Level(1 / len(space.names), "guessing")


def _show_headline(curves: Sequence[FilteredAccuracy]) -> None:
    best = largest_gain(curves)
    if best is None:
        st.subheader(f"{curves[0].row.title}: no strength clearly helps under these corruptions", anchor=False)
        st.caption(
            f"Every 95% interval of a gain ({NEWCOMBE}) reaches to 0 or below; n = {curves[0].correct.shape[1]} images."
        )
        return
    one, place = best
    clean = next(other for other in curves if other.spec == one.spec and not other.condition.severity)
    difference, at = gain(one, place), one.row.at(one.strengths[place])
    st.subheader(
        f"{one.condition}: {one.row.title.lower()} ({at}) takes {words.plain(one.spec.title)} from "
        f"{one.accuracy(0).estimate:.1%} to {one.accuracy(place).estimate:.1%}",
        anchor=False,
    )
    st.caption(
        f"{_signed(difference.estimate)} points [{_signed(difference.low)}, {_signed(difference.high)}] "
        f"({difference.method}; n = {difference.n}), the largest gain of all here, chosen on these images. On clean "
        f"images the same glasses go from {clean.accuracy(0).estimate:.1%} to {clean.accuracy(place).estimate:.1%}."
    )


def _show_chart(run: GlassesRun, condition: Condition, curves: Sequence[FilteredAccuracy], chosen: int) -> None:
    row, colours = run.request.row, model_colours()
    lines = [_line(one, colours) for one in curves]
    chance = chance_of(run.label_space)
    name = str(condition) if condition.severity else "Clean images"
    st.markdown(f"**{words.plain(name)}**")
    ends = "; ".join(f"{line.title} {line.heights[0]:.0%} to {line.heights[-1]:.0%}" for line in lines)
    live_chart(
        by_strength(lines, ticks(row), (f"{row.title}: {row.parameter}", "accuracy ↑"), chance, chosen),
        key=f"glasses_{condition.corruption}_{condition.severity}",
        height_px=CHART_PX,
        alt=f"{name}: accuracy against the strength of {row.title.lower()}: {ends or 'no curve yet'}",
        png_name=f"glasses_{condition.corruption}_{condition.severity}",
    )


def _line(one: FilteredAccuracy, colours: Mapping[str, str]) -> Line:
    found = [one.accuracy(place) for place in range(len(one.strengths))]
    said = [
        f"{literal(one.spec.title)}, {one.row.at(strength)}: {interval}"
        for strength, interval in zip(one.strengths, found, strict=True)
    ]
    bands = [(interval.low, interval.high) for interval in found]
    heights = [interval.estimate for interval in found]
    return Line(one.spec.title, colours[one.spec.key], list(range(len(found))), heights, bands, said)


def _show_numbers(run: GlassesRun, curves: Sequence[FilteredAccuracy]) -> None:
    request, recording, first = run.request, run.recording(run.specs[0]), curves[0]
    seconds = words.seconds(sum(one.seconds for one in curves))
    sizes = dict.fromkeys(f"{width} × {height}" for height, width in (one.input_px for one in curves))
    seeds = dict.fromkeys(str(one.seed) for one in request.conditions)
    protocols = dict.fromkeys(filter(None, (one.protocol for one in request.conditions)))
    said = "; ".join((PROTOCOL, f"seed {', '.join(seeds)}", *protocols))
    st.caption(
        f"{recorded.origin(first.device, recording)} in {seconds}. n = {len(request.images)} of "
        f"{words.plain(request.images.title)}. {words.plain(said)}; then the glasses, at {', '.join(sizes)} px. Source "
        f"of the filter: {words.plain(request.row.source)}."
    )
    with st.expander("Every number with n and 95% interval (Wilson)", icon=":material/table_rows:"):
        rows = [
            {
                "Model": one.spec.title,
                "Images": str(one.condition),
                "Glasses": one.row.at(strength),
                "Accuracy": str(one.accuracy(place)),
            }
            for one in curves
            for place, strength in enumerate(one.strengths)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
