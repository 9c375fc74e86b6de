"""What is on the page, to take away: as Python, and as a report."""

from collections.abc import Hashable, Mapping
from datetime import date
from functools import partial

import streamlit as st

from robust_core.errors import RobustError
from robust_core.ui import words
from robust_core.ui.on_page import Shown

NOTHING = "This page shows no result that can be taken away yet."
EMPTY = f"<!doctype html><html lang=en><title>No result</title><p>{NOTHING}</p></html>"


@st.dialog("Copy as Python", width="large")
def open_code(shown: Mapping[Hashable, Shown]) -> None:
    """The code that computes what the page shows, in a notebook or a script."""
    from robust_core.door.code import as_python

    if not shown:
        st.info(NOTHING)
        return
    try:
        st.code(as_python([one.request for one in shown.values()]), language="python", wrap_lines=True)
    except RobustError as error:
        st.info(words.plain(str(error)))
        return
    st.caption("It runs in a notebook after `pip install .` in the project's folder, with the same seeds and settings.")


def report_button(shown: Mapping[Hashable, Shown], link: str) -> None:
    """A button that downloads the report, which is written when it is clicked, of what is `shown` then."""
    st.download_button(
        "Report",
        partial(_report, shown, link),
        f"robustness_report_{date.today():%Y-%m-%d}.html",
        "text/html",
        key="report",
        icon=":material/description:",
        type="tertiary",
        on_click="ignore",
    )


def _report(shown: Mapping[Hashable, Shown], link: str) -> str:
    from robust_core import report

    results = [one for one in shown.values() if one.result is not None]
    if not results:
        return EMPTY
    recordings = [one.recording for one in results]
    return report.write(
        [one.result for one in results],
        link,
        requests=[one.request for one in results],
        recorded=[one and (one.made_on, one.machine) for one in recordings],
    )
