"""The link to what a page shows: to copy, as a QR code for a class, and as a citation."""

from datetime import date
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from robust_core import __version__
from robust_core.ui import menu
from robust_core.ui.image_source import UPLOAD, chosen_source
from robust_core.ui.lesson import own_lesson
from robust_core.ui.menu import Entry
from robust_core.ui.server import hosts, script_turns

QR_SCALE = 6
ONLY_HERE = "Only this machine opens this link; the README says under “Serving a network” how a class reaches it."
UPLOADS_STAY = "Your uploads stay here: the link opens without them."


@st.dialog("Share")
def open_dialog(entry: Entry) -> None:
    """What can be taken away of the page as it is."""
    link = link_here()
    st.markdown("**Link**")
    st.code(link, language=None, wrap_lines=True)
    if "source" in st.session_state and chosen_source() == UPLOAD:
        st.caption(UPLOADS_STAY)
    st.markdown("**For a class**")
    st.image(qr_code(link), width=220, caption="QR code of the link")
    if hosts.is_local(urlsplit(link).hostname or ""):
        st.caption(ONLY_HERE)
    if entry is not menu.LESSON and st.button("Add to lesson", icon=":material/playlist_add:", help=own_lesson.WHAT):
        own_lesson.add(entry.script, state_here(), entry.title)
        st.success("Added. The page Lesson has it under “Your own”.")
    st.markdown("**Cite**")
    st.code(citation(entry.title, link, date.today()), language=None, wrap_lines=True)
    st.caption("Published numbers are cited by their own sources, which stand beside them.")


def state_here() -> dict[str, tuple[str, ...]]:
    """All that was chosen on this page, as parameters of its link."""
    return {key: tuple(st.query_params.get_all(key)) for key in st.query_params}


def link_here() -> str:
    """The address of this page with all that was chosen."""
    asked = state_here()
    page = (st.context.url or "").split("?")[0]
    return page + (f"?{urlencode(asked, doseq=True)}" if asked else "")


def app_address() -> str:
    """The address of the dashboard, as this browser knows it, without a slash at its end."""
    parts = urlsplit(st.context.url or "")
    folder = parts.path.rpartition("/")[0]  # where the app does not lie at the server's root
    return f"{parts.scheme}://{parts.netloc}{folder}"


@script_turns.kept(64)
def qr_code(link: str) -> str:
    """The link as an SVG, black on white in either theme."""
    return segno.make(link, error="m").svg_inline(scale=QR_SCALE, light="white")


def citation(title: str, link: str, day: date) -> str:
    """How to name what a page shows, with the version and the day."""
    return f"Robustness Lab {__version__}, “{title}”, {link}, retrieved {day.day} {day:%B %Y}."
