"""The views of the page, of which the link names one."""

import streamlit as st

from robust_core.ui.links import note_unknown

PROBE, SIMILARITY, FINE_TUNING = "Linear probe", "Feature similarity", "Fine-tuning"
VIEWS = (PROBE, SIMILARITY, FINE_TUNING)


def choose() -> str:
    """The view that is open."""
    note_unknown("transfer_view", "view", VIEWS)
    fixed = {"default": PROBE, "key": "transfer_view", "bind": "query-params", "required": True}
    return st.segmented_control("View", VIEWS, label_visibility="collapsed", **fixed)
