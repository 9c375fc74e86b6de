"""PGD steps: how does accuracy fall as the attack takes more steps?"""

import streamlit as st

from robust_core.ui import jobs, pickers, words, worlds
from robust_core.ui.pgd_steps import controls, curves, film, runs
from robust_core.ui.pgd_steps import pictures as pgd_images
from robust_core.ui.pgd_steps import results as pgd_results

st.title("How does accuracy fall, step by step?", anchor=False)
st.write(
    "Attack a set of images by projected gradient descent (PGD) and watch, for several models at once, what is left "
    "after each step."
)
words.show_how_to_read("pgd_steps")
worlds.wait_for_torch()
specs, above = pickers.chosen_models(), st.container()
protocol = controls.choose_protocol(worlds.world().names)
with above:
    images = pgd_images.choose_images(avoid=protocol.target)
if not specs or not images.ids:
    pickers.show_what_is_missing(specs, images.ids)
    st.stop()

run = runs.choose_run(specs, images, protocol)


def results() -> None:
    running = runs.start(run) if run else {}
    curves.show_curves(
        run, running, run.specs[0].label_space if run else worlds.world(), run.protocol if run else protocol
    )
    if run:
        pgd_results.show_progress(run, running)
    done = runs.trajectories(run, running) if run else None
    if done:
        looked_at, there = pgd_results.choose_eps(run, done)
        pgd_results.show_caveats(looked_at, there, done)
        film.show_frames(looked_at)
        pgd_results.show_images(looked_at, there)
        pgd_results.show_export(run, done)


jobs.poll_and_draw(results)
