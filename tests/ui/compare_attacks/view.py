"""A page of one view alone, which a test names in the session."""

from importlib import import_module

import streamlit as st

from robust_core.data.drawn_sets import synthetic_images
from robust_core.labels import MINI
from robust_core.models.catalogue import get_spec
from robust_core.ui import worlds

st.session_state["world_chosen"] = MINI
view = import_module(f"robust_core.ui.compare_attacks.{st.session_state['view']}")
specs = [get_spec(key) for key in st.session_state["model_keys"]]
images = synthetic_images(st.session_state["n_images"], 0)
worlds.wait_for_torch()
view.show(specs, images, st.container(), st.container(), st.container())
