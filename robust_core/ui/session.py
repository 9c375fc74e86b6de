"""Who is looking: one id per browser session, released when its tab closes, so that no work is left behind."""

import uuid

import streamlit as st

from robust_core.jobs import queue

QUEUES = ("device", "download", "images")


def _release(watcher: str) -> None:
    for name in QUEUES:
        queue(name).leave_all(watcher)


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def watcher() -> str:
    """This session's id; Streamlit releases it when the tab closes or reloads."""
    return uuid.uuid4().hex
