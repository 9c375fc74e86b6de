"""Glasses: what networks decide for, and how accurate they are, when they see every image through a filter."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.cue_conflict.decisions import DecisionRule
from robust_core.data.stimulus_sets import StimulusSet
from robust_core.input_filters.table import InputFilter
from robust_core.models.spec import ModelSpec
from robust_core.studies.glasses import GlassesRequest
from robust_core.studies.glasses_corruption import GlassesCorruptionRequest
from robust_core.ui import jobs, links, pickers, words
from robust_core.ui.pgd_steps import attacked_images
from robust_core.ui.shape_or_texture import glasses_corruption, glasses_curves, glasses_runs, glasses_view, stimulus
from robust_core.ui.shape_or_texture.glasses_runs import GlassesRun

CUES, CORRUPTED = "Cue conflicts", "Corrupted images"
MOST_IMAGES = 64
SIDES = (2, 5)  # what one sees through the glasses, and the curves


def show(
    specs: Sequence[ModelSpec],
    stimuli: StimulusSet | None,
    rule: DecisionRule,
    settings: DeltaGenerator,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> None:
    """The view: more controls come to `settings`, the button to `button`, and what would run to `note`."""
    with links.notes_at(note), st.container(horizontal=True, vertical_alignment="bottom"):
        what = _choose_what(stimuli)
        row = glasses_runs.choose_filter()
    if what == CUES and stimuli:
        _show_cues(specs, stimuli, rule, row, settings, button, note)
    else:
        _show_corrupted(specs, stimuli, row, settings, button, note)


def _choose_what(stimuli: StimulusSet | None) -> str:
    options = [*([CUES] if stimuli else []), CORRUPTED]
    links.note_unknown("worn_on", "kind of images", options)
    if st.session_state.get("worn_on", options[0]) not in options:
        st.session_state["worn_on"] = options[0]
    fixed = {"default": options[0], "key": "worn_on", "bind": "query-params", "required": True}
    return st.segmented_control("Looking at", options, persist_state="session", **fixed)


def _show_cues(
    specs: Sequence[ModelSpec],
    stimuli: StimulusSet,
    rule: DecisionRule,
    row: InputFilter,
    settings: DeltaGenerator,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> None:
    with links.notes_at(note):
        with settings:
            n = glasses_runs.choose_n(stimuli)
        request = GlassesRequest(tuple(specs), stimuli, n, row.key, row.strengths)
        run = glasses_runs.choose_run(request, button, note)
    draw = partial(_draw_cues, run, request, rule, note)
    jobs.poll_and_draw(draw, glasses_runs.note_measured, alone=True)


def _draw_cues(run: GlassesRun | None, request: GlassesRequest, rule: DecisionRule, note: DeltaGenerator) -> None:
    left, right = st.columns(SIDES)
    row, known = request.row, glasses_runs.recorded_responses(run)
    with left, links.notes_at(note):
        place, looked_at = glasses_view.choose_stimulus(request.stimuli, glasses_view.first_that_turns(known, rule))
        strength = glasses_runs.choose_strength(row)
        glasses_view.show_stimulus(looked_at, row, strength)
        decisions_here = st.container()
    if run is not None:
        with right.container(key=glasses_runs.place(request)):
            by_model = glasses_curves.show(run, rule, row, strength)
        with decisions_here:
            glasses_view.show_decisions(by_model, rule, (row, strength, place), looked_at)
    if request.stimuli.caveat:
        st.caption(f":material/info: {request.stimuli.caveat}")
    words.show_how_to_read("glasses")


def _show_corrupted(
    specs: Sequence[ModelSpec],
    stimuli: StimulusSet | None,
    row: InputFilter,
    settings: DeltaGenerator,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> None:
    with links.notes_at(note), settings:
        images = attacked_images.choose_images(most=MOST_IMAGES)
        conditions = glasses_runs.choose_conditions()
    if not images.ids:
        pickers.show_what_is_missing(specs, images.ids)
        return
    request = GlassesCorruptionRequest(tuple(specs), images, conditions, row.key, row.strengths)
    run = glasses_runs.choose_run(request, button, note)
    draw = partial(_draw_corrupted, run, request, stimuli)
    jobs.poll_and_draw(draw, glasses_runs.note_measured, alone=True)


def _draw_corrupted(run: GlassesRun | None, request: GlassesCorruptionRequest, stimuli: StimulusSet | None) -> None:
    left, right = st.columns(SIDES)
    with left:
        strength = glasses_runs.choose_strength(request.row)
        glasses_view.show_corrupted(request, strength)
    if run is not None:
        with right.container(key=glasses_runs.place(request)):
            glasses_corruption.show(run, request.row, strength)
    if stimuli is None:
        stimulus.show_how_to_get_the_set()
    words.show_how_to_read("glasses")
