"""Links that reopen a state: what they ask for and is not here is said; Streamlit itself drops it without a word."""

import math
import time
from collections.abc import Callable, Sequence

import streamlit as st

from robust_core.ui import words

LONGEST_VALUE = 60
SHOWN_SECONDS = 60  # a page may run several times in its first seconds, as work begins and ends
MAY_BE_EMPTY = ("methods", "eps_set", "eps_l2_set", "references")  # choices of several that begin with some, which people can clear


def mend() -> None:
    """Take out of the link what no control ever writes and Streamlit's own fall over; to be called before the first control.

    An infinite number makes `st.number_input` raise OverflowError, and an empty value leaves a choice that is required without one.
    """
    broken = [key for key in st.query_params if _is_broken(key, st.query_params.get_all(key))]
    for key in broken:
        del st.query_params[key]
    if broken:
        st.rerun()  # controls read the link as it was when the script began


def note_unknown(key: str, kind: str, options: Sequence[str], why: Callable[[str], str] = lambda _value: "") -> None:
    """Say for a while which values of the link's parameter `key` are ignored; `why(value)` may know more than that they are not here."""
    notes: dict[str, tuple[float, list[str]]] = st.session_state.setdefault("link_notes", {})
    if key not in notes:
        unknown = [value for value in st.query_params.get_all(key) if value and value not in options]
        notes[key] = (time.monotonic(), [why(value) or _ignored(kind, value) for value in unknown])
    since, sentences = notes[key]
    if time.monotonic() - since < SHOWN_SECONDS:
        for sentence in sentences:
            st.info(words.plain(sentence))


def _is_broken(key: str, values: Sequence[str]) -> bool:
    return any(map(_is_infinite, values)) or not (any(values) or key in MAY_BE_EMPTY)


def _is_infinite(value: str) -> bool:
    try:
        return math.isinf(float(value))
    except ValueError:
        return False


def _ignored(kind: str, value: str) -> str:
    return f"The link asks for a {kind} that is not here: “{value[:LONGEST_VALUE]}”. It is ignored."
