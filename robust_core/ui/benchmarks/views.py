"""Which view: three groups, and within one of them its views; the view alone is in the link."""

from collections.abc import Callable, Collection, Mapping, Sequence

import streamlit as st

from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.links import note_unknown

Views = Mapping[str, Callable[[Boards], None]]


def choose_view(groups: Mapping[str, Views], was_first: str, its_keys: Collection[str]) -> Callable[[Boards], None]:
    """The chosen view of the chosen group, the first of all at first.

    `was_first` is the view of links that name none but have one of `its_keys`: it used to be the first, and what is
    chosen at first is not in a link.
    """
    every = {view: show for views in groups.values() for view, show in views.items()}
    note_unknown("view", "view", list(every))
    st.session_state["view"] = _held_view(list(every), was_first, its_keys)
    group = next(title for title, views in groups.items() if st.session_state["view"] in views)
    st.session_state["view_group"] = group  # it follows the view, which the link or the browser's Back may change
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Group",
            list(groups),
            key="view_group",
            required=True,
            label_visibility="collapsed",
            on_change=_enter,
            args=({title: list(views) for title, views in groups.items()},),
        )
        st.pills(
            "View",
            list(groups[group]),
            default=next(iter(groups[group])),
            key="view",
            bind="query-params",
            persist_state="session",
            required=True,
            label_visibility="collapsed",
            wrap=True,
        )
    view = st.session_state["view"]
    st.session_state.setdefault("view_of_group", {})[group] = view
    return every[view]


def _held_view(every: Sequence[str], was_first: str, its_keys: Collection[str]) -> str:
    held = st.session_state.get("view") or st.query_params.get("view")
    if held in every:
        return held
    return was_first if held is None and not its_keys.isdisjoint(st.query_params) else every[0]


def _enter(groups: Mapping[str, Sequence[str]]) -> None:
    """Show the view of the chosen group that was looked at last, its first one before any was."""
    group = st.session_state["view_group"]
    st.session_state["view"] = st.session_state.get("view_of_group", {}).get(group, groups[group][0])
