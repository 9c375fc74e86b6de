"""Links that reopen a state: what they ask for and is not here is said; Streamlit itself drops it without a word."""

import math
import time
from collections.abc import Callable, Sequence

import streamlit as st

from robust_core.ui import words

LONGEST_VALUE = 60
SHOWN_SECONDS = 60  # a page may run several times in its first seconds, as work begins and ends
# Choices of several that begin with some, which people can clear.
MAY_BE_EMPTY = (
    "models",
    "images",
    "methods",
    "eps_set",
    "eps_l2_set",
    "references",
    "a_models",
    "c_models",
    "p_models",
)
ON_OR_OFF = ("true", "false")  # what a switch writes


def mend() -> None:
    """Take out of the link what no control ever writes and Streamlit's own fall over; to be called before the first
    control.

    An infinite number makes `st.number_input` raise OverflowError, and an empty value leaves a choice that is required
    without one.
    """
    broken = {key: values for key in st.query_params if _is_broken(key, values := st.query_params.get_all(key))}
    st.session_state.setdefault("link_broken", {}).update(broken)
    for key in broken:
        del st.query_params[key]
    if broken:
        st.rerun()  # controls read the link as it was when the script began


def note_unknown(key: str, kind: str, options: Sequence[str], why: Callable[[str], str] = lambda _value: "") -> None:
    """Say for a while which values of the link's parameter `key` are ignored; `why(value)` may know more than that they
    are not here.
    """
    note_unless(options.__contains__, key, kind, why)


def note_unless(
    is_known: Callable[[str], bool], key: str, kind: str, why: Callable[[str], str] = lambda _value: ""
) -> None:
    """The same where what is known cannot be listed."""
    _note(key, [why(value) or _ignored(kind, value) for value in _asked(key) if not is_known(value)])


def number(
    control: Callable[..., float], title: str, low: float, high: float, *rest: float, key: str, **options
) -> float:
    """The value of a slider or number input that stands in the link as `key`; a link with a value that it does not take
    is told so for a while.

    `control` is such a method of Streamlit's, and `title`, `low`, `high`, `rest` and `options` are what it takes.
    """
    asked = _asked(key)
    value = control(title, low, high, *rest, key=key, bind="query-params", **options)
    whole = isinstance(low, int)
    taken = len(asked) == 1 and _is_number(asked[0], low, high, whole=whole)
    what = "a whole number" if whole else "a number"
    spoken = ", ".join(map(_shortened, asked))
    _note(
        key,
        [f"The link asks for “{spoken}” where “{title}” takes {what} from {low:,} to {high:,}; {value:,} is used."]
        if asked and not taken
        else [],
    )
    return value


def _note(key: str, sentences: Sequence[str]) -> None:
    """Show what the link's parameter `key` gave reason to say when its control was first there."""
    notes: dict[str, tuple[float, Sequence[str]]] = st.session_state.setdefault("link_notes", {})
    since, first = notes.setdefault(key, (time.monotonic(), sentences))
    if time.monotonic() - since < SHOWN_SECONDS:
        for sentence in first:
            st.info(words.plain(sentence))


def _asked(key: str) -> list[str]:
    """The values that the link has for `key`, those that `mend` took out among them, without empty ones."""
    return [
        value for value in st.query_params.get_all(key) or st.session_state.get("link_broken", {}).get(key, []) if value
    ]


def _is_broken(key: str, values: Sequence[str]) -> bool:
    return any(map(_is_infinite, values)) or not (any(values) or key in MAY_BE_EMPTY)


def _is_infinite(value: str) -> bool:
    try:
        return math.isinf(float(value))
    except ValueError:
        return False


def _is_number(value: str, low: float, high: float, *, whole: bool) -> bool:
    try:
        return low <= float(value) <= high and not (whole and float(value) % 1)
    except ValueError:
        return False


def _ignored(kind: str, value: str) -> str:
    return f"The link asks for {words.a(kind)} that is not here: “{_shortened(value)}”. It is ignored."


def _shortened(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
