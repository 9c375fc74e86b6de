"""Links that reopen a state: what they ask for and is not here is said; Streamlit itself drops it without a word."""

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from robust_core.attacks.table import NORM_TITLES
from robust_core.ui import words

LONGEST_VALUE = 60
_PLACE: ContextVar[DeltaGenerator | None] = ContextVar("place of notes", default=None)
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
    *(f"attacks_{curve}{norm}" for curve in ("", "over_eps_") for norm in NORM_TITLES),
    "query_attacks",
)
ON_OR_OFF = ("true", "false")  # what a switch writes
# Parameters of links that were copied before they had their present names; one that begins with "_" follows the key of
# a world.
OLD_KEYS = {
    "pictures": "images",
    "run_pictures": "run_n",
    "reading": "scoring",
    "drawn": "n_synthetic",
    "_climb_steps": "_ascent_steps",
}
# Values that changed, by the present name of their parameter.
OLD_VALUES = {
    ("source", "The drawn world"): "Synthetic images",
    ("source", "Own pictures"): "Own images",
    ("start", "Clean picture"): "Clean image",
    ("from", "The sidebar's picture"): "An image",
    ("from", "The sidebar's image"): "An image",
    ("stimulus", "The sidebar's picture"): "Any image",
    ("stimulus", "The sidebar's image"): "Any image",
    ("explain", "The answer"): "The prediction",
    ("more", "Fingerprint"): "Corruption grid",
    ("scoring", "Worst so far"): "Any step so far",
    ("view", "Any against any"): "Scatter plot",
}


@dataclass(frozen=True)
class _Noted:
    """What was said of a parameter of the link, since when, and the values for which it asked last."""

    asked: list[str]
    sentences: Sequence[str]
    since: float


@contextmanager
def notes_at(place: DeltaGenerator) -> Iterator[None]:
    """What is said of the link's values in this block comes to `place`: in a closed panel nobody would see it."""
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)


def mend() -> None:
    """Give old links their present words, and take out of the link what no control ever writes and Streamlit's own fall
    over; to be called before the first control.

    An infinite number makes `st.number_input` raise OverflowError, and an empty value leaves a choice that is required
    without one.
    """
    link = {key: st.query_params.get_all(key) for key in st.query_params}
    broken = {key: values for key, values in link.items() if _is_broken(key, values)}
    taken_out = st.session_state.setdefault("link_broken", {})
    for key in link:  # of another link in this session, perhaps
        taken_out.pop(key, None)
    for key in broken:
        st.session_state.setdefault("link_notes", {}).pop(key, None)
    taken_out.update(broken)
    renewals = _renewals({key: values for key, values in link.items() if key not in broken})
    if broken or renewals:
        _rewrite(dict.fromkeys(broken) | renewals)
        st.rerun()  # controls read the link as it was when the script began


def turn_to(page: str, shared: Collection[str]) -> None:
    """As a run of `page` begins, put back into the link what Streamlit took out of it of the parameters that several
    pages share: those whose controls stand on the page that is left, even where Back returns to a link that has them.
    """
    if st.session_state.get("link_page") == page:
        return
    st.session_state["link_page"] = page
    context = get_script_run_ctx()
    sent = parse_qs(context.query_string) if context else {}  # none where the script is imported as a module
    lost = {key: sent[key] for key in shared if key in sent and key not in st.query_params}
    if lost:
        _rewrite(lost)
        with context.session_state.query_params() as held:
            held.set_initial_query_params_from_current()


def renewed(key: str, values: Sequence[str]) -> tuple[str, list[str]]:
    """A parameter of an old link and its values in present words; any other one as it is."""
    new_key = OLD_KEYS.get(key, key)
    for old, new in OLD_KEYS.items():
        if old.startswith("_") and key.endswith(old):
            new_key = key.removesuffix(old) + new
    return new_key, [OLD_VALUES.get((new_key, value), value) for value in values]


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


def _renewals(link: Mapping[str, list[str]]) -> dict[str, list[str] | None]:
    """What is to be rewritten in a link with old words, None for what goes; a parameter in present words wins."""
    changes: dict[str, list[str] | None] = {}
    for key, values in link.items():
        new_key, new_values = renewed(key, values)
        if new_key != key:
            changes[key] = None
        if (new_key, new_values) != (key, values) and (new_key == key or new_key not in link):
            changes[new_key] = new_values
    return changes


def _rewrite(changes: Mapping[str, list[str] | None]) -> None:
    """Give parameters of the link other values, or take out those with None.

    `st.query_params` refuses the parameters of controls that this session has drawn before; a link may still bring
    them, as Back and Forward do.
    """
    with get_script_run_ctx().session_state.query_params() as held:
        for key, values in changes.items():
            if values is None:
                held.remove_param(key)
            else:
                held.set_corrected_value(key, values, "string_array_value")


def _note(key: str, sentences: Sequence[str]) -> None:
    """Show what the link's parameter `key` gives reason to say, for a while from when it was asked for."""
    notes: dict[str, _Noted] = st.session_state.setdefault("link_notes", {})
    before, asked = notes.get(key), _asked(key)
    if before is None or asked != before.asked:
        is_new = bool(sentences) or before is None
        notes[key] = _Noted(asked, sentences, time.monotonic()) if is_new else replace(before, asked=asked)
    noted = notes[key]
    if time.monotonic() - noted.since < SHOWN_SECONDS:
        place = _PLACE.get()
        for sentence in noted.sentences:
            (st if place is None else place).info(words.plain(sentence))


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
