"""What the page shows at this moment: the results that its toolbar turns into code and reports."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from robust_core.recordings.store import Recording
from robust_core.studies.request import Request

KEY = "on_page"


@dataclass(frozen=True, eq=False)
class Shown:
    """A result on the screen, what was asked for it, and the recording that it comes from, if it does."""

    request: Request
    result: Any
    recording: Recording | None = None


def show(request: Request, result: Any, recording: Recording | None = None) -> None:
    """Note that the page shows this result, None where it has no table; a second one of the same request takes its
    place.
    """
    shown()[request.key] = Shown(request, result, recording)


def clear() -> None:
    """Forget what was shown, before another page is, and before the results of one are drawn anew."""
    shown().clear()


def shown() -> dict[Hashable, Shown]:
    """What it shows, by key, in the order in which it was drawn; the same object for the whole session."""
    return st.session_state.setdefault(KEY, {})
