"""Compare attacks: PGD says so much accuracy is left; what does a stronger attack say?"""

import streamlit as st

from robust_core.ui import jobs, links, pickers, run_button, words, worlds
from robust_core.ui.compare_attacks import (
    bars,
    comparison_run,
    controls,
    curves,
    headline,
    published,
    severity_plane,
    transfer_matrix,
    views,
)
from robust_core.ui.pgd_steps import attacked_images

MOST_IMAGES = 64
WITH_A_RUN_OF_THEIR_OWN = {views.TRANSFER: transfer_matrix.show, views.PLANE: severity_plane.show}

st.title("What do stronger attacks leave?", anchor=False)
st.write("PGD is one attack among many, and a weak attack flatters. These try the same images, within the same ε.")
worlds.wait_for_torch()
specs = pickers.chosen_models()
notes = st.container()
view_here, run_here, settings_here = st.columns([5, 2, 2], vertical_alignment="center")
with links.notes_at(notes), view_here:
    view = views.choose()
note_here = st.container()
over_eps = view == views.EPS
name = f"{comparison_run.NAME}{'_over_eps' if over_eps else ''}"
settings = settings_here.popover("Settings", icon=":material/tune:", width="stretch")
with settings, links.notes_at(notes):
    images = attacked_images.choose_images(most=MOST_IMAGES)
if not specs or not images.ids:
    pickers.show_what_is_missing(specs, images.ids)
    st.stop()
if view in WITH_A_RUN_OF_THEIR_OWN:
    with links.notes_at(notes):
        WITH_A_RUN_OF_THEIR_OWN[view](specs, images, settings, run_here, note_here)
    st.stop()

with settings, links.notes_at(notes):
    compared = controls.choose(over_eps=over_eps)
if not compared.attacks:
    st.info("Choose at least one attack in the settings.", icon=":material/tune:")
    st.stop()
live = view != views.PUBLISHED
run = comparison_run.choose_run(name, specs, images, compared, run_here, note_here) if live else None


def results() -> None:
    if view == views.PUBLISHED:
        published.show()
    with st.container(key=run_button.place(name)):
        if run is not None:
            show_run(run)
    words.show_how_to_read("compare_attacks")


def show_run(run: comparison_run.ComparisonRun) -> None:
    running = comparison_run.start(run)
    found = comparison_run.result(run, running)
    if found is not None:
        comparison_run.note_shown(run, running)
        headline.show(found)
    if view == views.STEPS:
        curves.show_over_passes(run, running, found)
    elif over_eps and found is not None:
        curves.show_over_eps(run, found)
    elif found is not None:
        bars.show(run, found)
    elif not over_eps:
        bars.show_growing(run, running)
    comparison_run.show_progress(name, run, running)


jobs.poll_and_draw(results, comparison_run.asked_again, alone=True)
