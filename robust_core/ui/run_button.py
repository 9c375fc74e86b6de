"""The button that asks for a run, and which run is shown: work that takes a while begins with a click, never with a
link or a slider alone.
"""

from collections.abc import Callable, Container, Hashable, Mapping
from typing import Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.labels import LabelSpace
from robust_core.ui import jobs, words, worlds

GREY = "<style>.st-key-{key} {{ opacity: .55; filter: saturate(.4); }}</style>"  # lines can still be told apart


class AskedRun(Protocol):
    """What can be asked for: its `key` is all that determines what it computes, `job_keys` those of the jobs that do,
    `settings` say what can be changed.
    """

    @property
    def key(self) -> Hashable: ...

    @property
    def job_keys(self) -> Container[Hashable]: ...

    @property
    def label_space(self) -> LabelSpace: ...

    @property
    def settings(self) -> Mapping[str, str]: ...


Run = TypeVar("Run", bound=AskedRun)


def choose_run(
    name: str,
    wanted: Run,
    button: DeltaGenerator,
    note: DeltaGenerator,
    on_run: Callable[[], object] = lambda: None,
    *,
    recorded: Run | None = None,
) -> Run | None:
    """The run called `name` to show: that of the `wanted` settings where it was asked for or is `recorded`, otherwise
    the one shown last, greyed; None before the first, and in another world than its own.

    The button comes to `button`, and to `note` what has changed since the run that is shown, in the words of
    their `settings`. `on_run` is called with the click. `recorded` may be of some of the wanted models only; it is
    shown again where the run was cancelled before any of its jobs was done.
    """
    asked: Run | None = st.session_state.get(f"{name}_run")
    whole = recorded is not None and recorded.key == wanted.key
    fresh = asked is not None and asked.key == wanted.key
    if fresh and recorded is not None and jobs.only_cancelled(wanted.job_keys):
        forget(name)
        fresh = False
        note.caption("**Cancelled.** Shown is the recorded run.")
    button.button(
        "Run again" if whole else "Run",
        key="run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=fresh,
        width="stretch",
        on_click=_ask,
        args=(name, wanted, on_run),
    )
    if fresh or recorded is not None:
        shown = wanted if fresh else recorded
        if shown.key != wanted.key:
            note.caption("Recorded for some of these models; run to add the others.")
    else:
        shown = st.session_state.get(f"{name}_shown", asked)
        if shown is None or shown.label_space != worlds.world():
            note.caption("No recorded run has these settings. Press Run to compute them.")
            return None
        note.caption(changes(shown.settings, wanted.settings))
        note.html(GREY.format(key=place(name)))
    st.session_state[f"{name}_shown"] = shown
    return shown


def forget(name: str) -> None:
    """Take back the click: the page shows what it showed before it."""
    st.session_state.pop(f"{name}_run", None)
    st.session_state[f"{name}_shown"] = st.session_state.pop(f"{name}_before", None)


def narrow(name: str, run: AskedRun) -> None:
    """Show `run`, which is what there is of the one that was asked for."""
    st.session_state[f"{name}_run"] = st.session_state[f"{name}_shown"] = run


def place(name: str) -> str:
    """The key of the container that holds the results of the run called `name`, which are greyed when settings
    change.
    """
    return f"{name}_result"


def changes(shown: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Which settings differ from those of the run shown, and that it can be run anew."""
    titles = [title for title in {**shown, **wanted} if shown.get(title) != wanted.get(title)]
    said = "; ".join(f"{title}: {shown.get(title, 'none')} → {wanted.get(title, 'none')}" for title in titles)
    changed = f"Changed since the run below: {words.plain(said)}." if said else "The settings have changed."
    return f":material/history: {changed} Run to see the effect."


def _ask(name: str, wanted: AskedRun, on_run: Callable[[], object]) -> None:
    on_run()
    st.session_state[f"{name}_before"] = st.session_state.get(f"{name}_shown")
    st.session_state[f"{name}_run"] = wanted
