"""Nothing to see: it has the part of the page that it is in run again when a job of the session has ended or come
further.
"""

from functools import cache
from pathlib import Path

import streamlit as st

from robust_core.ui.server.job_watch import Watch

SCRIPT = Path(__file__).with_suffix(".js")
CSS = """
[class*="st-key-job_watcher"] {
  position: absolute; /* no gap between what is above and below it */
}
"""


@cache
def _component():
    return st.components.v2.component(
        "job_watcher", html="<span></span>", css=CSS, js=SCRIPT.read_text(), isolate_styles=False
    )


def job_watcher(watch: Watch, standing: str, *, key: str, period_seconds: float, first: bool) -> None:
    """Look at `watch` every `period_seconds`; the page was drawn while it stood at `standing`, for the `first` time
    perhaps.
    """
    data = {
        "path": watch.path,
        "standing": standing,
        "progress": watch.progress,
        "first": first,
        "period_ms": round(1000 * period_seconds),
    }
    _component()(data=data, key=f"job_watcher_{key}", on_changed_change=lambda: None)
