"""The button that asks for a run: work that takes a while begins with it, and never with a link or a slider alone."""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.labels import LabelSpace
from robust_core.ui import worlds


class AskedRun(Protocol):
    """What can be asked for: its `key` is all that determines what it computes."""

    @property
    def key(self) -> Hashable: ...

    @property
    def label_space(self) -> LabelSpace: ...


Run = TypeVar("Run", bound=AskedRun)


def choose_run(
    name: str,
    wanted: Run,
    button: DeltaGenerator,
    note: DeltaGenerator,
    on_run: Callable[[], object] = lambda: None,
    label: str = "Run",
) -> Run | None:
    """The run called `name` that was asked for last; None before the first, and in another world than its own.

    The button comes to `button`, and to `note` what is said when the controls have changed since. `on_run` is called
    with the click.
    """
    asked: Run | None = st.session_state.get(f"{name}_run")
    fresh = asked is not None and asked.key == wanted.key
    button.button(
        label,
        key="run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=fresh,
        width="stretch",
        on_click=_ask,
        args=(name, wanted, on_run),
    )
    if asked is None or asked.label_space != worlds.world():
        return None
    if not fresh:
        note.caption("The settings have changed since the run below; run again to see what they do.")
    return wanted if fresh else asked


def _ask(name: str, wanted: AskedRun, on_run: Callable[[], object]) -> None:
    on_run()
    st.session_state[f"{name}_run"] = wanted
