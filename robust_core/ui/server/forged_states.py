"""What a client says of its controls, believed as far as a browser could have said it.

Streamlit reads the state of every control in one place, `WStates.__getitem__`, before callbacks and before the script,
and takes what comes: a client that is no browser ends the run with an exception, and the log grows by two kilobytes at
each message. Here such a state counts as not sent, so that the control has the value that it had, or its default.
"""

import math
from collections.abc import Mapping
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import WidgetMetadata, is_array_value_field_name
from streamlit.runtime.state.session_state import Serialized, WStates

MOST_VALUES = 10_000
DEEPEST = 20

_read = WStates.__getitem__


def set_up() -> None:
    """From now on, in this process, the state of a control counts only if it is one that a browser sends."""
    WStates.__getitem__ = _sound


def _sound(states: WStates, widget_id: str) -> Any:
    state, metadata = states.states.get(widget_id), states.widget_metadata.get(widget_id)
    if not isinstance(state, Serialized) or metadata is None:
        return _read(states, widget_id)
    try:
        if _has_form(state.value, metadata) and _is_plain(value := _read(states, widget_id)):
            return value
    except Exception:  # each kind of control raises its own; what a browser sends raises nothing
        pass
    states.states[widget_id] = state  # which reading it has replaced
    raise KeyError(widget_id)  # as Streamlit itself does for the state of a control that it does not know


def _has_form(state: WidgetState, metadata: WidgetMetadata) -> bool:
    """Whether a state is of the type that its control has, and no longer than it may be; nothing else is read yet."""
    field = state.WhichOneof("value")
    if field is None:  # cleared
        return True
    expected = metadata.value_type or field  # none after it was cleared; Streamlit only guesses that of triggers
    if field != expected and "trigger" not in expected:
        return False
    most = metadata.max_array_length or MOST_VALUES
    return not is_array_value_field_name(field) or len(getattr(state, field).data) <= most


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether numbers are finite, what is nested is not so without end, and rows of a table are chosen by number."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        rows = value.get("rows", ())
        numbered = isinstance(rows, list | tuple) and all(type(row) is int and row >= 0 for row in rows)
        return numbered and _is_plain(list(value.values()), depth)
    return not isinstance(value, list | tuple) or depth < DEEPEST and all(_is_plain(part, depth + 1) for part in value)
