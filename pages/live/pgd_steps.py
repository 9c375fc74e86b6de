"""PGD steps: how does accuracy fall as the attack takes more steps?"""

import streamlit as st

from robust_core.ui import jobs, pickers, words, worlds
from robust_core.ui.pgd_steps import attack_controls, attack_curves, attack_frames, attack_jobs
from robust_core.ui.pgd_steps import attacked_images as pgd_pictures
from robust_core.ui.pgd_steps import below_curves as pgd_results

st.title("How does accuracy fall, step by step?", anchor=False)
st.write(
    "Attack a set of pictures by projected gradient descent (PGD) and watch, for several models at once, what is left "
    "after each step."
)
words.show_how_to_read("pgd_steps")
worlds.wait_for_torch()
specs, above = pickers.chosen_models(), st.container()
protocol = attack_controls.choose_protocol(worlds.world().names)
with above:
    pictures = pgd_pictures.choose_pictures(avoid=protocol.target)
if not specs or not pictures.ids:
    pickers.show_what_is_missing(specs, pictures.ids)
    st.stop()

run = attack_jobs.choose_run(specs, pictures, protocol)


def results() -> None:
    running = attack_jobs.start(run) if run else {}
    attack_curves.show_curves(
        run, running, run.specs[0].label_space if run else worlds.world(), run.protocol if run else protocol
    )
    if run:
        pgd_results.show_progress(run, running)
    done = attack_jobs.trajectories(run, running) if run else None
    if done:
        looked_at, there = pgd_results.choose_eps(run, done)
        pgd_results.show_honesty(looked_at, there, done)
        attack_frames.show_film(looked_at)
        pgd_results.show_pictures(looked_at, there)
        pgd_results.show_export(run, done)


jobs.keep_showing(results)
