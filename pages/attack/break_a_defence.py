"""Break a defence: what is left of it once the attacker knows of it?"""

from functools import partial

import streamlit as st

from robust_core.labels import IMAGENET, MINI
from robust_core.ui import jobs, links, pickers, run_button, words, worlds
from robust_core.ui.break_a_defence import all_defences, controls, duel, proof, runs

VIEWS = ATTACKED, PROOF = ("Attack a defence", "Proof and attack")
VIEW = {"default": ATTACKED, "key": "defence_view", "bind": "query-params", "required": True}

st.title("Does the defence hold?", anchor=False)
st.write("Some defences only make a weak attack fail. An attacker who knows of them does not.")
worlds.wait_for_torch()
if worlds.world() not in (IMAGENET, MINI):
    st.info("Not offered for classes of your own: choose ImageNet or Mini as the world.")
    st.stop()

notes = st.container()
with links.notes_at(notes):
    links.note_unknown("defence_view", "view", VIEWS)
    view = st.segmented_control("View", VIEWS, label_visibility="collapsed", **VIEW)
if view == PROOF:
    with links.notes_at(notes):
        proof.show()
    st.stop()
specs = pickers.chosen_models()
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()
model_here, defence_here, run_here, settings_here = st.columns([3, 4, 2, 2], vertical_alignment="bottom")
with links.notes_at(notes), model_here:
    spec = controls.choose_model(specs)
with links.notes_at(notes), defence_here:
    defence = controls.choose_defence(spec)
with links.notes_at(notes), settings_here.popover("Settings", icon=":material/tune:", width="stretch"):
    request = controls.choose_settings(spec, defence)
duel.show_defence(defence)
run = runs.choose_run(request, run_here, st.container())
chance = 1 / len(worlds.world().names)


def results() -> None:
    with st.container(key=run_button.place(runs.NAME)):
        duel.show(run, chance)
    all_defences.show(request)
    words.show_how_to_read("break_a_defence")


jobs.poll_and_draw(results, alone=True, live=partial(runs.growth, run))
