"""What every page offers at its top right: the link to what is shown, the same in Python, a report, and a screen for a
projector.
"""

import streamlit as st

from robust_core.ui import on_page, present, sharing, taking_away
from robust_core.ui.links import ON_OR_OFF, note_unknown
from robust_core.ui.menu import Entry


def show(entry: Entry) -> None:
    """The buttons of a page."""
    note_unknown(present.PARAMETER, "switch position", ON_OR_OFF)
    with st.container(key="toolbar", horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if st.button("Share", key="share", icon=":material/share:", type="tertiary"):
            sharing.open_dialog(entry)
        if entry.asks_models:
            if st.button("Copy as Python", key="copy_code", icon=":material/code:", type="tertiary"):
                taking_away.open_code(dict(on_page.shown()))
            taking_away.report_button(on_page.shown(), sharing.link_here())
        st.toggle("Present", key=present.PARAMETER, bind="query-params")
