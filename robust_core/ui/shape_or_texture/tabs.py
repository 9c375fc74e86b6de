"""The views of the page, of which the link names one."""

import streamlit as st

from robust_core.data.stimulus_sets import StimulusSet
from robust_core.ui import worlds
from robust_core.ui.links import note_unknown

ONE, MANY, CATEGORIES, GALLERY, GLASSES = "One", "Many", "Categories", "Gallery", "Glasses"
OVER_MANY = (MANY, CATEGORIES, GALLERY)


def choose(stimuli: StimulusSet | None) -> str:
    """The view that is open: at first one stimulus, or, where there is no set of them, the published shape biases."""
    options = (ONE, *(OVER_MANY if stimuli else (MANY,)), GLASSES)
    first = ONE if stimuli else MANY
    note_unknown("tab", "view", options)
    if worlds.just_entered("tab") or st.session_state.get("tab", first) not in options:
        st.session_state["tab"] = first
    fixed = {"default": first, "key": "tab", "bind": "query-params", "required": True}
    return st.segmented_control("View", options, label_visibility="collapsed", **fixed)
