"""Presenting to a room: whether the page is shown with large letters and thick lines."""

import streamlit as st

PARAMETER = "present"
TEXT_PX, LINE_PX = 20, 4  # at least, in charts


def is_on() -> bool:
    """Whether the switch of the toolbar, which stands in the link, is on."""
    return bool(st.session_state.get(PARAMETER, False))
