"""Smallest change: how small a change of an image fools each model?"""

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.ui import image_strip, jobs, links, pickers, prediction_cards, run_button, words, worlds
from robust_core.ui.smallest_change import (
    change_controls,
    change_runs,
    image_sets,
    many_images,
    one_image,
    query_curves,
    query_runs,
)
from robust_core.ui.smallest_change.change_runs import MANY, ONE, ChangeRun
from robust_core.ui.smallest_change.query_runs import QueryRun

VIEWS = {"One image": ONE, "Many images": MANY, "By queries": query_runs.NAME}
BY_QUERIES = query_runs.NAME

st.title("How small a change fools each model?", anchor=False)
worlds.wait_for_torch()
specs = pickers.chosen_models()
notes = st.container()
with st.container(horizontal=True, vertical_alignment="center"):
    view_here, run_here, settings_here = (st.container(width="content") for _ in range(3))
    note_here = st.container()
with links.notes_at(notes), view_here:
    links.note_unknown("changes_of", "view", list(VIEWS))
    fixed = {"default": next(iter(VIEWS)), "key": "changes_of", "bind": "query-params", "required": True}
    view = VIEWS[st.segmented_control("View", list(VIEWS), label_visibility="collapsed", **fixed)]
with links.notes_at(notes), settings_here.popover("Settings", icon=":material/tune:"):
    if view == BY_QUERIES:
        attacks, images = query_runs.choose_attacks(), query_runs.choose_images()
    else:
        search = change_controls.choose_settings()
        images = image_sets.choose_set() if view == MANY else None
if view == ONE:
    image = image_strip.choose_images().image
    images = ImageSet.of([image] if image else [])
if not specs or not images.ids:
    pickers.show_what_is_missing(specs, images.ids)
    st.stop()

if view == BY_QUERIES:
    if not attacks:
        st.info("Choose at least one attack in the settings.", icon=":material/tune:")
        st.stop()
    run = query_runs.choose_run(query_runs.wanted(specs, images, attacks), run_here, note_here)
else:
    run = change_runs.choose_run(ChangeRun(view, tuple(specs), images, search), run_here, note_here)


def results() -> None:
    with st.container(key=run_button.place(view)):
        if isinstance(run, QueryRun):
            query_curves.show(run)
        elif run:
            show(run)
    words.show_how_to_read("smallest_change")


def show(run: ChangeRun) -> None:
    running = change_runs.start(run)
    done = change_runs.done(run, running)
    if view == MANY:
        change_runs.keep_as_references(run, done)
        many_images.show(run, done, 1 / len(worlds.world().names))
    elif done:
        shown = run.images[0]
        prediction_cards.show_decoding_note(shown)
        one_image.show(run, shown, one_image.found_by_models(run, done))
    change_runs.show_unfinished(run, running)


jobs.poll_and_draw(results)
