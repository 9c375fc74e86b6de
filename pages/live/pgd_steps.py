"""PGD steps: how does accuracy fall as the attack takes more steps?"""

import streamlit as st

from robust_core.predictions import class_names
from robust_core.ui import jobs, pgd_controls, pgd_curves, pgd_film, pgd_pictures, pgd_results, pgd_runs, pickers, words, worlds

st.title("How does accuracy fall, step by step?", anchor=False)
st.write("Attack a set of pictures by projected gradient descent (PGD) and watch, for several models at once, what is left after each step.")
words.show_how_to_read("pgd_steps")
worlds.wait_for_torch()
specs, above = pickers.chosen_models(), st.container()
protocol = pgd_controls.choose_protocol(class_names(worlds.world()))
with above:
    pictures = pgd_pictures.choose_pictures(avoid=protocol.target)
if not specs or not pictures.ids:
    pickers.show_what_is_missing(specs, pictures.ids)
    st.stop()

run = pgd_runs.choose_run(specs, pictures, protocol)
active = jobs.any_active()


@st.fragment(run_every=jobs.refresh_seconds())
def results() -> None:
    standing = jobs.standing()
    running = pgd_runs.start(run) if run else {}
    pgd_curves.show_curves(run, running, run.specs[0].label_space if run else worlds.world())
    if run:
        pgd_results.show_progress(run, running)
    done = pgd_runs.trajectories(run, running) if run else None
    if done:
        looked_at, there = pgd_results.choose_eps(run, done)
        pgd_results.show_honesty(looked_at, there, done)
        pgd_film.show_film(looked_at)
        pgd_results.show_pictures(looked_at, there)
        pgd_results.show_export(run, done)
    if jobs.any_active() != active or jobs.standing() != standing:
        st.rerun()  # so that the refreshing begins or ends, and what ended meanwhile is drawn


results()
