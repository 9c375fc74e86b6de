"""Transfer learning: do the features of robust models serve classes better that they were not trained on?"""

import streamlit as st

from robust_core.ui import links, pickers, words, worlds
from robust_core.ui.transfer_learning import classes, fine_tuning, probe, published, similarity, views

ABOUT = {
    views.PROBE: "Train nothing but a linear layer on each network's features, for classes that are new to it.",
    views.SIMILARITY: "How alike are the features of networks that were trained against attacks of different size?",
    views.FINE_TUNING: "Train all weights of a copy for the new classes: what does that add to a linear probe?",
}
SHOW = {views.PROBE: probe.show, views.SIMILARITY: similarity.show, views.FINE_TUNING: fine_tuning.show}

st.title("Do robust models transfer better?", anchor=False)
note_of_view = st.container()
with links.notes_at(note_of_view):
    view = views.choose()
st.write(ABOUT[view])
worlds.wait_for_torch()
specs = classes.with_series(pickers.chosen_models())
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()
notes = st.container()
with links.notes_at(notes):
    images = classes.choose_images()
if images is None:
    published.show(expanded=True)
    words.show_how_to_read("transfer_learning")
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom"):
    run_here, settings_here = (st.container(width="content") for _ in range(2))
note = st.container()
classes.show_examples(images)
with links.notes_at(notes):
    SHOW[view](specs, images, settings_here.popover("Settings", icon=":material/tune:"), run_here, note)
