"""The views of the page, of which the link names one."""

import streamlit as st

from robust_core.ui.links import note_unknown

EXCITE, LAYERS, CUES, GRADIENTS = "Excite", "Layer biases", "Cue removal", "Gradient alignment"
VIEWS = (EXCITE, LAYERS, CUES, GRADIENTS)


def choose() -> str:
    """The view that is open."""
    note_unknown("features_view", "view", VIEWS)
    fixed = {"default": EXCITE, "key": "features_view", "bind": "query-params", "required": True}
    return st.segmented_control("View", VIEWS, label_visibility="collapsed", **fixed)
