"""Links that reopen a state: what they ask for and is not here is said once; Streamlit itself drops it without a word."""

from collections.abc import Callable, Sequence

import streamlit as st

LONGEST_VALUE = 60


def note_unknown(key: str, kind: str, options: Sequence[str], why: Callable[[str], str] = lambda _value: "") -> None:
    """Say which values of the link's parameter `key` are ignored; `why(value)` may know more than that they are not here."""
    checked: set[str] = st.session_state.setdefault("checked_parameters", set())
    if key in checked:
        return
    checked.add(key)
    for value in st.query_params.get_all(key):
        if value and value not in options:
            st.info(why(value) or f"The link asks for a {kind} that is not here: “{value[:LONGEST_VALUE]}”. It is ignored.")
