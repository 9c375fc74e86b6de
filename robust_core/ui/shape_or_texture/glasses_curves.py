"""Shape bias and coverage against the strength of the glasses, as they grow; what they say, and people beside them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.cue_conflict.decisions import DecisionRule
from robust_core.input_filters.table import InputFilter
from robust_core.intervals import Interval
from robust_core.jobs import State
from robust_core.labels import IMAGENET, MINI
from robust_core.plots.charts import Line, literal
from robust_core.plots.glasses_charts import Level, by_strength
from robust_core.studies.glasses import responses_so_far
from robust_core.studies.glasses_responses import (
    AT_CHANCE,
    CHANCE_COVERAGE,
    CHOSEN,
    COVERAGE,
    METRICS,
    SHAPE_BIAS,
    GlassesResponses,
    scale_sentence,
)
from robust_core.ui import recorded, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.shape_or_texture import glasses_runs, published
from robust_core.ui.shape_or_texture.glasses_runs import GlassesRun

CHARTS_PX = {SHAPE_BIAS: 270, COVERAGE: 250}
TITLES = {SHAPE_BIAS: "shape bias", COVERAGE: "coverage"}
LOW_PASS = ("blur", "low_resolution")
CHANCE = {SHAPE_BIAS: Level(0.5, "guessing"), COVERAGE: Level(CHANCE_COVERAGE, "guessing")}
TABLE_TITLES = {"shape_bias": "Shape bias", "coverage": "Coverage", "shape_decisions": "By shape"} | {
    "texture_decisions": "By texture"
}


def show(run: GlassesRun, rule: DecisionRule, row: InputFilter, strength: float | None) -> list[GlassesResponses]:
    """The headline, both charts, and every number; returns what is known of each model. The mark stands at `strength`
    where the run is through `row`.
    """
    running = glasses_runs.start(run)
    by_model: list[GlassesResponses] = []
    for spec, job in zip(run.specs, running.values(), strict=True):
        if job.state is State.DONE:
            glasses_runs.note_shown(run, spec, job.result)
        by_model += job.result.by_model if job.state is State.DONE else responses_so_far(job.events)
    whole = all(job.state is State.DONE for job in running.values())
    if whole:
        show_headline(by_model, rule)
    shown = run.request.row
    chosen = (None, *shown.strengths).index(strength) if row == shown else 0
    for metric in CHARTS_PX:
        _show_chart(run, by_model, rule, metric, chosen)
    glasses_runs.show_progress(run, running)
    if whole:
        if contradicts(by_model, rule):
            st.info(CONTRADICTION, icon=":material/compare_arrows:")
        _show_numbers(run, by_model, rule)
    return by_model


def show_headline(by_model: Sequence[GlassesResponses], rule: DecisionRule) -> None:
    """The largest change as a headline, and beside it what was found of it elsewhere."""
    changes = {one: change for one in by_model if (change := one.change(rule)) is not None}
    row = by_model[0].row
    if not changes:
        st.subheader(f"{row.title}: no clear change of shape bias", anchor=False)
    else:
        one = max(changes, key=lambda one: abs(changes[one]))
        place = one.clearest_change(rule)
        assert place is not None
        before, after = one.interval(0, rule, SHAPE_BIAS), one.interval(place, rule, SHAPE_BIAS)
        assert before is not None
        assert after is not None
        verb = "raises" if changes[one] > 0 else "lowers"
        st.subheader(
            f"{row.title} ({row.at(one.strengths[place])}) {verb} the shape bias of {words.plain(one.spec.title)} from "
            f"{before.estimate:.1%} to {after.estimate:.1%}",
            anchor=False,
        )
        bounds = f"{_bounded(before)} and {_bounded(after)}, {CHOSEN}"
        shapes = f"n = {before.n:,} and {after.n:,} decided of {len(one.stimuli):,} stimuli"
        covered = [one.votes(at, rule).coverage or 0.0 for at in (0, place)]
        st.caption(f"{bounds}. {shapes}; coverage goes from {covered[0]:.1%} to {covered[1]:.1%}. All models below.")


def _bounded(share: Interval) -> str:
    return words.bounded(share.estimate, share.low, share.high, ".1%")


def contradicts(by_model: Sequence[GlassesResponses], rule: DecisionRule) -> bool:
    """Whether a low-pass filter lowers what it raises in the literature, which it does to models of Mini."""
    low_passed = by_model[0].input_filter in LOW_PASS and by_model[0].spec.label_space == MINI
    return low_passed and any((one.change(rule) or 0.0) < 0 for one in by_model)


CONTRADICTION = (
    "**Mini contradicts the literature.** A low-pass filter raises the shape bias of CLIP on the published stimuli "
    "(Wolff et al. 2026, arXiv 2602.13859). A texture of Mini has colours of its own, which such a filter leaves; "
    "choose **Grey** to take them away. And 1 px of 64 is as much of an image as 3.5 px of 224: coverage falls fast."
)


def people(metric: str) -> Level | None:
    """What ten people scored on the published stimuli, without glasses."""
    reference = next(one for one in published.REFERENCES if one.title == "People")
    pooled = next((one for one in reference.results() if one.model == published.PEOPLE), None)
    found = pooled if metric == SHAPE_BIAS or pooled is None else reference.coverage(published.PEOPLE)
    if found is None:
        return None
    return Level(
        found.value / 100,
        f"{published.PEOPLE}, no filter (PUBLISHED): {found.value:.1f}%",
        found.interval,
        metric == COVERAGE,
    )


def line_of(responses: GlassesResponses, rule: DecisionRule, metric: str, colour: str) -> Line:
    """The curve of a model; a strength at which nothing is decided has no point."""
    known: dict[int, Interval] = {}
    for place in range(len(responses.strengths)):
        interval = responses.interval(place, rule, metric)
        if interval is not None:
            known[place] = interval
    title, row = literal(responses.spec.title), responses.row
    said = [f"{title}, {row.at(responses.strengths[place])}: {one}" for place, one in known.items()]
    heights = [one.estimate for one in known.values()]
    return Line(
        responses.spec.title, colour, list(known), heights, [(one.low, one.high) for one in known.values()], said
    )


def ticks(row: InputFilter) -> list[str]:
    """What stands below the axis of strengths: first the one that is none."""
    return ["none" if row.off is None else f"{row.off:g}", *(f"{one:g}" for one in row.strengths)]


def _show_chart(
    run: GlassesRun, by_model: Sequence[GlassesResponses], rule: DecisionRule, metric: str, chosen: int
) -> None:
    row, colours = run.request.row, model_colours()
    lines = [line_of(one, rule, metric, colours[one.spec.key]) for one in by_model]
    axis = f"{row.title}: {row.parameter}" if metric == COVERAGE else ""
    drawn_people = people(metric) if run.label_space == IMAGENET else None
    figure = by_strength(lines, ticks(row), (axis, TITLES[metric]), CHANCE[metric], chosen, drawn_people)
    ends = "; ".join(f"{line.title} {line.heights[0]:.0%} to {line.heights[-1]:.0%}" for line in lines if line.heights)
    live_chart(
        figure,
        key=f"glasses_{metric}",
        height_px=CHARTS_PX[metric],
        alt=f"{TITLES[metric].capitalize()} against the strength of {row.title.lower()}: {ends or 'no point yet'}",
        png_name=f"{metric}_through_glasses",
    )


def _show_numbers(run: GlassesRun, by_model: Sequence[GlassesResponses], rule: DecisionRule) -> None:
    request, recording = run.request, run.recording(run.specs[0])
    seconds = words.seconds(sum(one.seconds for one in by_model))
    read = "a model's class is its category" if run.label_space == MINI else f"decision by the {rule.title}"
    st.markdown(
        f"{recorded.badge(recording)} {words.plain(request.stimuli.title)}, n = {request.n:,}; {read}; "
        f"{recorded.computed(by_model[0].device, recording)} in {seconds}."
    )
    st.markdown(f"For each model {CHOSEN}:")
    st.markdown("\n".join(f"- {words.plain(one.finding(rule))}" for one in by_model))
    scale = " ".join(dict.fromkeys(map(scale_sentence, by_model)))
    method = by_model[0].interval(0, rule, COVERAGE)
    nobody = " No people were measured on Mini's stimuli, so none are drawn." if run.label_space == MINI else ""
    st.caption(
        f"{scale} {AT_CHANCE} Intervals: 95%, {method.method if method else 'none'}. Source of the filter: "
        f"{words.plain(request.row.source)}.{nobody}"
    )
    with st.expander("Every number with n and 95% interval", icon=":material/table_rows:"):
        rows = [_table_row(one, place, rule) for one in by_model for place in range(len(one.strengths))]
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def _table_row(one: GlassesResponses, place: int, rule: DecisionRule) -> dict[str, str]:
    numbers = {TABLE_TITLES[metric]: str(one.interval(place, rule, metric) or "nothing decided") for metric in METRICS}
    return {"Model": one.spec.title, "Glasses": one.row.at(one.strengths[place])} | numbers
