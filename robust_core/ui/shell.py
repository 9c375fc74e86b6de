"""The script that runs on every visit and every change: page frame, menu, shared sidebar, then the page itself.

It does not lie next to pages/ on purpose: there, a deep link to a cold server would run the page without this frame.
"""

import streamlit as st

from robust_core.errors import RobustError
from robust_core.settings import PACKAGE
from robust_core.ui import image_source, jobs, links, menu, on_page, pickers, present, session, toolbar, words, worlds
from robust_core.ui.server import script_turns, warmup

ICON = str(PACKAGE / "ui" / "favicon.png")  # an icon named ":material/…:" would be fetched from elsewhere

PRESENT_STYLE = PACKAGE / "ui" / "present.css"

# Streamlit's script in the browser asks a server that was restarted for the page only if part of it runs by a clock.
CLOCK_SECONDS = 24 * 3600


@st.fragment(run_every=CLOCK_SECONDS)
def show_device() -> None:
    """One line: where models run and what this process holds there."""
    if not warmup.ready():
        st.caption(":material/memory: PyTorch starts in the background")
        return
    from robust_core.models.device import choose_device, describe, memory

    device = choose_device()
    held = memory(device)
    st.caption(
        f":material/memory: {describe(device)} · {held.used_bytes / 1e9:.1f} of {held.total_bytes / 1e9:.0f} GB in "
        "use by this app"
    )


def show_page() -> None:
    """Frame, sidebar and page of one visit."""
    st.set_page_config(page_icon=ICON, layout="wide")  # first, or the browser asks for the icon of the menu's entry
    page = st.navigation(menu.sections(), expanded=True)  # else the page that is open may hide under "View more"
    entry = menu.entry_of(page)
    st.set_page_config(page_title=f"{entry.title} · Robustness Lab")
    st.logo(ICON, size="large")
    jobs.turn_to(page.url_path)
    links.turn_to(page.url_path, image_source.PARAMETERS)
    links.mend()
    try:
        with st.sidebar:
            worlds.show_world()
            if entry.asks_models:
                pickers.show_models()
            show_device()
        toolbar.show(entry)
        if present.is_on():
            st.html(PRESENT_STYLE)
        on_page.clear()
        page.run()  # last, because a page ends with its self-refreshing part, and elements after such a part get lost
    except RobustError as error:
        st.error(words.plain(str(error)))


image_source.look_around()
with script_turns.turn(session.household()):
    show_page()
