"""Shape or texture: on an image with the shape of one thing and the texture of another, which does each model vote
for?
"""

import streamlit as st

from robust_core.labels import IMAGENET, MINI
from robust_core.ui import jobs, links, pickers, run_button, words, worlds
from robust_core.ui.shape_or_texture import gallery, glasses, making, responses, stimulus, tabs, votes, votes_run

st.title("Do models see the shape or the texture?", anchor=False)
st.write("An image has the shape of one thing and the texture of another. Which one does each model vote for?")
worlds.wait_for_torch()
specs = pickers.chosen_models()
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()

if worlds.world() not in (IMAGENET, MINI):
    st.info(
        "Not offered for classes of your own. Shape and texture are told apart by 16 categories of ImageNet's classes."
    )
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    views, run_here, settings_here = (st.container(width="content") for _ in range(3))
note = st.container()
settings = settings_here.popover("Settings", icon=":material/tune:")
with links.notes_at(note), settings:
    rule = stimulus.choose_rule()
    stimuli = stimulus.choose_set()
with views:
    view = tabs.choose(stimuli)
if view == tabs.GLASSES:
    glasses.show(specs, stimuli, rule, settings, run_here, note)
    st.stop()
with links.notes_at(note), settings:
    n = votes_run.choose_n(stimuli) if stimuli else 0
recorded = votes_run.recorded_run(specs, stimuli, n) if stimuli else None
run = recipe = looked_at = None
known = {}
if view in tabs.OVER_MANY and stimuli:
    run = votes_run.choose_run(specs, stimuli, n, run_here, note)
if view == tabs.ONE:
    with st.container(horizontal=True, vertical_alignment="center"):
        source = stimulus.choose_source(stimuli, can_make=making.can_make())
        if source == stimulus.SET:
            place, looked_at = stimulus.choose_from_set(stimuli, votes_run.first_that_divides(recorded))
            known = votes_run.recorded_votes(recorded, place, run_here)
    if source == stimulus.MADE:
        recipe = making.choose_recipe()
    elif source == stimulus.ANY:
        looked_at = stimulus.choose_any(specs[0])


def show_one() -> None:
    """The stimulus that is looked at, and the votes on it."""
    made_by = making.start(recipe)
    if made_by:
        making.show_making(made_by)
    whole = making.made(recipe, made_by) if recipe else looked_at
    if whole is None:
        return
    left, right = st.columns([2, 3])
    with left:
        answer, here = st.container(), st.container()
        changed, done_to_it = stimulus.choose_distortion(whole)
        with here:
            stimulus.show_stimulus_image(changed, done_to_it)
        if recipe:
            making.show_download(recipe, whole)
    recorded_here = {} if done_to_it else known
    if recorded_here:
        votes_run.note_shown(recorded)
    running = votes.start([spec for spec in specs if spec.key not in recorded_here], changed)
    with right:
        votes.show(specs, recorded_here, running, changed, rule)
    votes.show_answer(specs, answer, rule)


def show_many() -> None:
    """All models over many stimuli."""
    job = votes_run.start(run) if run else None
    by_model = responses.responses_so_far(job) if job else []
    if view == tabs.MANY:
        responses.show_axis(run, by_model, rule)
    if job:
        responses.show_progress(job)
    if run and len(by_model) == len(run.request.models):
        votes_run.note_shown(run, job)
        if view == tabs.MANY:
            responses.show_numbers(run, by_model, rule)
            responses.show_export(run, by_model)
        elif view == tabs.CATEGORIES:
            responses.show_categories(run, by_model, rule)
        else:
            gallery.show_gallery(run, by_model, rule, stimuli)


def results() -> None:
    if view == tabs.ONE:
        show_one()
    else:
        with st.container(key=run_button.place(votes_run.NAME)):
            show_many()
    if not stimuli:
        stimulus.show_how_to_get_the_set()
    elif stimuli.caveat:
        st.caption(f":material/info: {stimuli.caveat}")
    words.show_how_to_read("shape_or_texture")


jobs.poll_and_draw(results)
