"""Features: what excites each network, what is its prediction sensitive to, and how simple are its units?"""

import streamlit as st

from robust_core.ui import links, pickers, worlds
from robust_core.ui.features import cue_profiles, excite, gradient_alignment, layer_profiles, views
from robust_core.ui.pgd_steps import attacked_images

MOST_IMAGES = 64
ABOUT = {
    views.EXCITE: "Change an image step by step until each network is sure that it shows the class you choose.",
    views.LAYERS: "Which layer holds noise back, and are the units of robust networks simpler?",
    views.CUES: "Take shape, texture or colour away, and see what each network still recognises.",
    views.GRADIENTS: "Does what a prediction is sensitive to follow the edges of the image?",
}
OF_A_SET = {
    views.LAYERS: layer_profiles.show,
    views.CUES: cue_profiles.show,
    views.GRADIENTS: gradient_alignment.show,
}

st.title("What excites a network?", anchor=False)
note_of_view = st.container()
with links.notes_at(note_of_view):
    view = views.choose()
st.write(ABOUT[view])
worlds.wait_for_torch()
specs = pickers.chosen_models()
if not specs:
    pickers.show_what_is_missing(specs, ())
    st.stop()
if view == views.EXCITE:
    excite.show(specs)
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom"):
    run_here, settings_here = (st.container(width="content") for _ in range(2))
note = st.container()
settings = settings_here.popover("Settings", icon=":material/tune:")
with links.notes_at(note):
    with settings:
        images = attacked_images.choose_images(most=MOST_IMAGES)
    if not images.ids:
        pickers.show_what_is_missing(specs, images.ids)
        st.stop()
    OF_A_SET[view](specs, images, settings, run_here, note)
