"""Who is looking: one id per browser session, released when its tab closes, so that no work and no file is left
behind.
"""

import uuid

import streamlit as st

from robust_core.jobs import queue
from robust_core.ui.models import incoming
from robust_core.ui.server import proxies

QUEUES = ("device", "download", "images", "models")


def _release(subscriber: str) -> None:
    for name in QUEUES:
        queue(name).leave_all(subscriber)


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def subscriber() -> str:
    """This session's id; Streamlit releases it when the tab closes or reloads."""
    return uuid.uuid4().hex


def household() -> str:
    """What this session's address counts as, "" where none is known, as on this machine itself."""
    return proxies.household(st.context.ip_address or "")


@st.cache_resource(scope="session", on_release=incoming.no_longer_expect, show_spinner=False)
def incoming_weights() -> incoming.Incoming:
    """Where this session sends weight files to; they are deleted when its tab closes or reloads."""
    return incoming.expect()
