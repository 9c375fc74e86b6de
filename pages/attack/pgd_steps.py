"""PGD steps: how does accuracy fall as the attack takes more steps?"""

from functools import partial

import streamlit as st

from robust_core.ui import jobs, links, pickers, run_button, words, worlds
from robust_core.ui.pgd_steps import (
    attack_checks,
    attack_controls,
    attack_curves,
    attack_jobs,
    attack_stage,
    attacked_images,
    below_curves,
)

st.title("How does accuracy fall, step by step?", anchor=False)
st.write("Each step of the attack changes every pixel a little, never by more than ε.")
worlds.wait_for_torch()
specs = pickers.chosen_models()
notes = st.container()
run_here, settings_here, note_here = st.columns([2, 2, 7], vertical_alignment="center")
with settings_here.popover("Settings", icon=":material/tune:", width="stretch"):
    which, how = st.container(), st.container()
with links.notes_at(notes), how:
    protocol = attack_controls.choose_protocol(worlds.world().names, specs)
with links.notes_at(notes), which:
    images = attacked_images.choose_images(avoid=protocol.target)
if not specs or not images.ids:
    pickers.show_what_is_missing(specs, images.ids)
    st.stop()

run = attack_jobs.choose_run(specs, images, protocol, run_here, note_here)
chance = 1 / len(worlds.world().names)


def results() -> None:
    with st.container(key=run_button.place(attack_jobs.NAME)):
        show_run()
    words.show_how_to_read("pgd_steps")


def show_run() -> None:
    running = attack_jobs.start(run) if run else {}
    found = attack_jobs.finished(run, running) if run else None
    shown = run.protocol if run else protocol
    if shown.by_eps:
        attack_curves.show_by_eps(run, running, shown, chance)
        below_curves.show_progress(run, running)
    elif not found:
        attack_stage.show_growing(run, running, shown, chance)
    if found:
        attack_jobs.note_shown(found[0], running)
        show_found(*found)
    below_curves.show_failed(run, running)


def show_found(run: attack_jobs.AttackRun, done: attack_jobs.Done) -> None:
    looked_at, there = below_curves.choose_eps(run, done)
    attack_stage.show_stage(looked_at, there, chance)
    below_curves.show_caveats(looked_at, there, done)
    attack_checks.show_checks(looked_at, there)
    below_curves.show_images(looked_at, there)
    below_curves.show_export(run, done)


jobs.poll_and_draw(results, attack_jobs.asked_again, alone=True, live=partial(attack_stage.growth, run))
