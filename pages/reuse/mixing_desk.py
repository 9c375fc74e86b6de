"""Mixing desk: between two or three models, what does accuracy cost in robustness?"""

import streamlit as st

from robust_core.errors import BadInput
from robust_core.labels import IMAGENET, MINI
from robust_core.ui import jobs, links, pickers, words, worlds
from robust_core.ui.mixing_desk import controls, desk, published, runs
from robust_core.ui.pgd_steps import forecast

st.title("What if two models were one?", anchor=False)
st.write("Mix an accurate model with a robust one, and measure every mix. The attack goes through the mixture itself.")
worlds.wait_for_torch()
space = worlds.world()
if space not in (IMAGENET, MINI):
    st.info("Not offered for classes of your own: choose ImageNet or Mini as the world.")
    st.stop()
specs = pickers.chosen_models()
if len(specs) < 2:
    pickers.show_what_is_missing(specs, (None,))
    if specs:
        st.info("Choose at least two models in the sidebar.", icon=":material/arrow_back:")
    st.stop()

notes = st.container()
kind_here, run_here, settings_here = st.columns([5, 2, 2], vertical_alignment="bottom")
with links.notes_at(notes), kind_here:
    kind = controls.choose_kind()
note_here = st.container()
left, right = st.columns([2, 5], gap="medium")
with links.notes_at(notes), left:
    mixed = controls.choose_models(specs, space)
    if not mixed:
        st.stop()
    alphas = controls.choose_alphas(mixed)
    if alphas is None:
        st.info("Give at least one model a part.", icon=":material/arrow_upward:")
    up = controls.choose_up()
    st.markdown(f"{words.plain(kind.sentence)} :small[{words.plain(kind.source)}]")
try:
    with links.notes_at(notes), settings_here.popover("Settings", icon=":material/tune:", width="stretch"):
        wanted = controls.choose_request(mixed, kind, space)
except BadInput as error:
    with right:
        controls.refusal(error)
    st.stop()
run = runs.choose_run(wanted, run_here, note_here)


def results() -> None:
    desk.show_wanted(run, wanted, alphas, up)
    published.show(wanted, run and run.request)
    words.show_how_to_read("mixing_desk")


with right:
    jobs.poll_and_draw(results, forecast.note_measured, alone=True)
