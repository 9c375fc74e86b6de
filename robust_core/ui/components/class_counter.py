"""How many of a class are here and have bet, and how long the scene has been on: it looks by itself, and the page's
script runs for it only when another desk has moved the class.
"""

from functools import cache
from pathlib import Path

import streamlit as st

from robust_core.ui.server.job_watch import Watch

SCRIPT = Path(__file__).with_suffix(".js")
HTML = """
<div class="class-counter" role="group" aria-label="Votes and time">
  <p><output class="bet" aria-live="off"></output><span>have bet</span></p>
  <p><output class="clock" aria-live="off"></output><span>on this scene</span></p>
</div>
"""
CSS = """
.class-counter { display: flex; gap: 1.5rem; flex-wrap: wrap; }
.class-counter p { margin: 0; display: flex; flex-direction: column; }
.class-counter output { font-size: 1.9rem; line-height: 1.2; font-variant-numeric: tabular-nums; white-space: nowrap; }
.class-counter span { font-size: .875rem; }
.class-counter .late { text-decoration: underline; text-decoration-color: #D35D00; text-decoration-thickness: 3px; }
"""


@cache
def _component():
    return st.components.v2.component("class_counter", html=HTML, css=CSS, js=SCRIPT.read_text(), isolate_styles=False)


def class_counter(watch: Watch, *, key: str) -> None:
    """Show what `watch.live()` says: here, bet, seconds and minutes; the page runs when its `standing` is another."""
    assert watch.live is not None
    _component()(data={"path": watch.path, "now": watch.live()}, key=key, on_standing_change=lambda: None)
