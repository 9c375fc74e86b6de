"""Links that reopen a state: what they ask for and is not here is said; Streamlit itself drops it without a word."""

import time
from collections.abc import Callable, Sequence

import streamlit as st

LONGEST_VALUE = 60
SHOWN_SECONDS = 60  # a page may run several times in its first seconds, as work begins and ends


def note_unknown(key: str, kind: str, options: Sequence[str], why: Callable[[str], str] = lambda _value: "") -> None:
    """Say for a while which values of the link's parameter `key` are ignored; `why(value)` may know more than that they are not here."""
    notes: dict[str, tuple[float, list[str]]] = st.session_state.setdefault("link_notes", {})
    if key not in notes:
        unknown = [value for value in st.query_params.get_all(key) if value and value not in options]
        notes[key] = (time.monotonic(), [why(value) or _ignored(kind, value) for value in unknown])
    since, sentences = notes[key]
    if time.monotonic() - since < SHOWN_SECONDS:
        for sentence in sentences:
            st.info(sentence)


def _ignored(kind: str, value: str) -> str:
    return f"The link asks for a {kind} that is not here: “{value[:LONGEST_VALUE]}”. It is ignored."
