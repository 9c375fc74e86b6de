"""Shape or texture: on an image with the shape of one thing and the texture of another, which does each model vote
for?
"""

import streamlit as st

from robust_core.labels import IMAGENET, MINI
from robust_core.ui import jobs, pickers, words, worlds
from robust_core.ui.shape_or_texture import gallery, responses, stimulus
from robust_core.ui.shape_or_texture import making as cue_making

st.title("Do models see the shape or the texture?", anchor=False)
st.write(
    "Show models images with the shape of one thing and the texture of another, and see which of the two each one "
    "votes for."
)
words.show_how_to_read("shape_or_texture")
worlds.wait_for_torch()
specs = pickers.chosen_models()
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()

if worlds.world() not in (IMAGENET, MINI):
    st.info(
        "Not offered for classes of your own: shape and texture are told by 16 categories, which are made of "
        "ImageNet's classes."
    )
    st.stop()

stimuli = stimulus.choose_set()
left, right = st.columns(2)
with left:
    source = stimulus.choose_source(stimuli)
with right:
    rule = stimulus.choose_rule()
recipe = stimulus_image = None
if source == stimulus.MADE:
    recipe = cue_making.choose_recipe()
elif source == stimulus.SIDEBAR:
    stimulus_image = stimulus.choose_from_sidebar(specs[0])
else:
    stimulus_image = stimulus.choose_from_set(stimuli)


def show_one() -> None:
    """The stimulus that is looked at, and the votes on it."""
    making = cue_making.start(recipe)
    if making:
        cue_making.show_making(making)
    looked_at = cue_making.made(recipe, making) if recipe else stimulus_image
    if looked_at is None:
        return
    changed, done_to_it = stimulus.choose_distortion(looked_at)
    running = stimulus.start_votes(specs, changed)
    left, right = st.columns([2, 3])
    with left:
        stimulus.show_stimulus_image(changed, done_to_it)
        if recipe:
            cue_making.show_download(recipe, looked_at)
    with right:
        stimulus.show_votes(specs, running, changed, rule)


def show_many() -> None:
    """All models over many stimuli."""
    st.subheader("Over many stimuli", anchor=False)
    run = responses.choose_run(specs, stimuli)
    job = responses.start(run) if run else None
    by_model = responses.responses_so_far(job) if job else []
    responses.show_axis(run, by_model, rule)
    if job:
        responses.show_progress(job)
    if run and len(by_model) == len(run.models):
        responses.show_numbers(run, by_model, rule)
        responses.show_categories(run, by_model, rule)
        gallery.show_gallery(run, by_model, rule, stimuli)
        responses.show_export(run, by_model)


def results() -> None:
    show_one()
    if stimuli:
        show_many()


jobs.poll_and_draw(results)
