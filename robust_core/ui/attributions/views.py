"""The views of the page, of which the link names one."""

import streamlit as st

from robust_core.ui.links import note_unknown

MAPS, CONCEPTS = "Maps", "Concepts"
VIEWS = (MAPS, CONCEPTS)


def choose() -> str:
    """The view that is open."""
    note_unknown("attributions_view", "view", VIEWS)
    fixed = {"default": MAPS, "key": "attributions_view", "bind": "query-params", "required": True}
    return st.segmented_control("View", VIEWS, label_visibility="collapsed", **fixed)
