"""The views of the page, of which the link names one."""

import streamlit as st

from robust_core.ui.links import note_unknown

ATTACKS, STEPS, EPS, PUBLISHED = "Attacks", "Over passes", "Over ε", "Published"
TRANSFER, PLANE = "Transfer", "Severity × ε"
VIEWS = (ATTACKS, STEPS, EPS, TRANSFER, PLANE, PUBLISHED)


def choose() -> str:
    """The view that is open."""
    note_unknown("compare", "view", VIEWS)
    fixed = {"default": ATTACKS, "key": "compare", "bind": "query-params", "required": True, "wrap": True}
    return st.segmented_control("View", VIEWS, label_visibility="collapsed", **fixed)
