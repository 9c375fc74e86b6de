"""What models voted for over many stimuli: the axis from texture to shape, numbers with their doubt, categories, pairs
and the CSV.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import streamlit as st

from robust_core.cue_conflict.decisions import NAMES, RULES, DecisionRule
from robust_core.cue_conflict.votes import Cue, by_category, compare
from robust_core.intervals import share_in_words
from robust_core.jobs import Job, State
from robust_core.labels import IMAGENET, MINI
from robust_core.plots import cue_axis
from robust_core.plots.charts import literal
from robust_core.plots.cue_axis import Mark, Row
from robust_core.resampling import OVER_EXEMPLARS
from robust_core.studies.shape_bias import ModelResponses, ShapeBias
from robust_core.studies.study_result import Provenance
from robust_core.ui import jobs, recorded, words, worlds
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.shape_or_texture import published
from robust_core.ui.shape_or_texture.votes_run import SLOT, VotesRun

CATEGORY_PX = 560
GROUPINGS = ("Shape", "Texture")


def responses_so_far(job: Job) -> list[ModelResponses]:
    """The whole responses among the job's events, also before it has ended."""
    return [event for event in job.events if isinstance(event, ModelResponses)]


def show_axis(run: VotesRun | None, by_model: Sequence[ModelResponses], rule: DecisionRule) -> None:
    """One dot per model from texture to shape, with its interval and its coverage; people and published models below,
    where they exist.
    """
    here = st.container()
    references = published.choose_references() if worlds.world() == IMAGENET else []
    titles = {spec.key: spec.title for spec in run.request.models} if run else {}
    live = [_live_row(titles[responses.spec.key], responses, rule) for responses in by_model]
    rows = [*live, *(row for reference in references for row in published.rows(reference))]
    if rows:
        alt = "Shape bias from 0 (texture) to 1 (shape). " + "; ".join(f"{row.title}: {row.aside}" for row in rows)
        height_px = cue_axis.ROW_PX * len(rows) + 50
        with here:
            live_chart(cue_axis.cue_axis(rows), key="cue_axis", height_px=height_px, alt=alt, png_name="shape_bias")
    for reference in references:
        st.caption(published.sentence(reference))


def show_numbers(run: VotesRun, by_model: Sequence[ModelResponses], rule: DecisionRule) -> None:
    """Badge, protocol and every number with its n and interval, then which models differ on the same images."""
    titles = {spec.key: words.plain(spec.title) for spec in run.request.models}
    read = "a model's class is its category" if run.label_space == MINI else f"decision by the {rule.title}"
    recording = run.recording(run.request.models[0])
    seconds = words.seconds(sum(responses.seconds for responses in by_model))
    st.markdown(
        f"{recorded.badge(recording)} {words.plain(run.request.stimuli.title)}, n = {run.request.n:,}; {read}; "
        f"{recorded.computed(by_model[0].device, recording)} in {seconds}. {_interval_words(by_model[0])}"
    )
    st.markdown("\n".join(f"- **{titles[responses.spec.key]}**: {numbers(responses, rule)}" for responses in by_model))
    for first, second in combinations(by_model, 2):
        st.caption(_pair_words(first, second, titles, rule))
    st.caption(f"{words.plain(run.request.stimuli.rule)} No image is resized.")


def _interval_words(responses: ModelResponses) -> str:
    """By which method the intervals are, and what it assumes."""
    if responses.spec.label_space == MINI:
        return "Intervals: 95%, Wilson; Mini draws a shape and a texture anew for each stimulus."
    pairs = [stimulus.exemplars for stimulus in responses.stimuli if stimulus.exemplars]
    if responses.votes(RULES[0]).clusters is None:
        return (
            f"Intervals: 95%, Wilson, as if the stimuli were independent: the exemplars of {len(pairs):,} of "
            f"{len(responses.stimuli):,} are known. Where stimuli share a shape or a texture, they are too narrow."
        )
    shapes, textures = (len(set(names)) for names in zip(*pairs, strict=True))
    return f"Intervals: 95%, {OVER_EXEMPLARS} ({shapes} shapes, {textures} textures)."


def numbers(responses: ModelResponses, rule: DecisionRule) -> str:
    """Shape bias and coverage in words; what cannot be known is said."""
    votes = responses.votes(rule)
    if votes.shape_bias is None:
        return f"no shape or texture decisions; coverage {votes.coverage_interval}"
    return f"shape bias {votes.shape_bias_interval} decided; coverage {votes.coverage_interval}"


def show_categories(run: VotesRun, by_model: Sequence[ModelResponses], rule: DecisionRule) -> None:
    """Shape bias in each category of the shape or of the texture, with people's where they were measured."""
    st.subheader("Which categories do models see by their shape?", anchor=False)
    note_unknown("grouped", "grouping", GROUPINGS)
    grouped = st.segmented_control(
        "Grouped by",
        GROUPINGS,
        default=GROUPINGS[0],
        key="grouped",
        bind="query-params",
        required=True,
        persist_state="session",
    )
    cue = Cue(grouped.lower())
    titles, colours = {spec.key: spec.title for spec in run.request.models}, model_colours()
    lines = {
        titles[responses.spec.key]: (
            colours[responses.spec.key],
            list(by_category(responses.decisions(rule), responses.stimuli, cue).values()),
        )
        for responses in by_model
    }
    people = published.people_by_category() if worlds.world() == IMAGENET and cue is Cue.SHAPE else {}
    figure = cue_axis.by_category(lines, people)
    live_chart(
        figure,
        key="cue_categories",
        height_px=CATEGORY_PX,
        alt="Shape bias of each model in each of 16 categories",
        png_name="shape_bias_by_category",
    )
    of_people = f" Of people: {next(iter(people.values())).method}." if people else ""
    st.caption(
        f"About {run.request.n / len(NAMES):.0f} stimuli per category, so intervals are wide.{of_people} "
        "A category without a shape or texture decision has no dot."
    )


def show_export(run: VotesRun, by_model: Sequence[ModelResponses]) -> None:
    """Every prediction, one row per model and stimulus."""
    provenance, recording = Provenance.of(run.request), run.recording(run.request.models[0])
    if recording:
        provenance = replace(provenance, versions=recording.result.provenance.versions)
    st.download_button(
        "Votes as CSV",
        lambda: ShapeBias(provenance, tuple(by_model)).csv_by_stimulus(),
        "votes.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def show_progress(job: Job) -> None:
    """How the job stands, with a button to cancel it."""
    if job.state is not State.DONE:
        jobs.show_progress(SLOT, job)


def _live_row(title: str, responses: ModelResponses, rule: DecisionRule) -> Row:
    votes, colour = responses.votes(rule), model_colours()[responses.spec.key]
    covers = f"covers {share_in_words(votes.coverage, votes.n)}"
    if votes.shape_bias is None:
        return Row(title, f"no decisions · {covers}", [], False)
    mark = Mark(
        votes.shape_bias,
        votes.shape_bias_interval,
        colour,
        f"{literal(title)}: {votes.shape_bias_interval}<br>coverage {votes.coverage_interval}",
    )
    return Row(title, f"{share_in_words(votes.shape_bias, votes.decided)} · {covers}", [mark], False)


def _pair_words(first: ModelResponses, second: ModelResponses, titles: dict[str, str], rule: DecisionRule) -> str:
    pair = compare(first.decisions(rule), second.decisions(rule), first.stimuli)
    names = f"{titles[first.spec.key]} and {titles[second.spec.key]}"
    if pair.p_value is None:
        return f"{names} never disagree: no image is decided by shape for one and by texture for the other."
    assumed = "" if first.spec.label_space == MINI else ", as if stimuli were independent"
    p_value = "p < 0.001" if pair.p_value < 0.001 else f"p = {pair.p_value:.2g}"
    return (
        f"{names} disagree on {words.count(pair.divided, 'image')}: shape wins {pair.first_shape} for the first, "
        f"{pair.second_shape} for the second (McNemar's exact test{assumed}, {p_value})."
    )
