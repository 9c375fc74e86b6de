"""PGD steps: how does accuracy fall as the attack takes more steps?"""

import streamlit as st

from robust_core.ui import jobs, pickers, words, worlds
from robust_core.ui.pgd_steps import (
    attack_checks,
    attack_controls,
    attack_curves,
    attack_frames,
    attack_jobs,
    attacked_images,
    below_curves,
)

st.title("How does accuracy fall, step by step?", anchor=False)
st.write(
    "Attack a set of images by projected gradient descent (PGD) and watch, for several models at once, what is left "
    "after each step."
)
words.show_how_to_read("pgd_steps")
worlds.wait_for_torch()
specs, above = pickers.chosen_models(), st.container()
protocol = attack_controls.choose_protocol(worlds.world().names)
with above:
    images = attacked_images.choose_images(avoid=protocol.target)
if not specs or not images.ids:
    pickers.show_what_is_missing(specs, images.ids)
    st.stop()

run = attack_jobs.choose_run(specs, images, protocol)


def results() -> None:
    running = attack_jobs.start(run) if run else {}
    attack_curves.show_curves(
        run, running, run.specs[0].label_space if run else worlds.world(), run.protocol if run else protocol
    )
    if run:
        below_curves.show_progress(run, running)
    done = attack_jobs.trajectories(run, running) if run else None
    if done:
        looked_at, there = below_curves.choose_eps(run, done)
        below_curves.show_caveats(looked_at, there, done)
        attack_checks.show_checks(looked_at, there)
        attack_frames.show_frames(looked_at)
        below_curves.show_images(looked_at, there)
        below_curves.show_export(run, done)


jobs.poll_and_draw(results)
