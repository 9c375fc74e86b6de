"""The script that runs on every visit and every change: page frame, menu, shared sidebar, then the page itself.

It does not lie next to pages/ on purpose: there, a deep link to a cold server would run the page without this frame.
"""

import streamlit as st

from robust_core.errors import RobustError
from robust_core.settings import ROOT
from robust_core.ui import pickers, warmup

ICON = str(ROOT / "robust_core" / "ui" / "favicon.png")  # an icon named ":material/…:" would be fetched from elsewhere
PAGES = ROOT / "pages"

MENU = {
    "Live": [st.Page(PAGES / "live" / "what_if.py", title="What if", icon=":material/visibility:", default=True)],
    "Evidence": [st.Page(PAGES / "evidence" / "models.py", title="Models", icon=":material/table_rows:")],
}


def show_device() -> None:
    """One line: where models run and what this process holds there."""
    if not warmup.ready():
        st.caption(":material/memory: Starting PyTorch …")
        return
    from robust_core.models.device import choose_device, describe, memory

    device = choose_device()
    held = memory(device)
    st.caption(f":material/memory: {describe(device)} · {held.used_bytes / 1e9:.1f} of {held.total_bytes / 1e9:.0f} GB in use by this app")


st.set_page_config(page_title="Robustness Lab", page_icon=ICON, layout="wide")
page = st.navigation(MENU)
st.logo(ICON, size="large")
try:
    with st.sidebar:
        pickers.show_models()
        pickers.show_pictures()
        show_device()
    page.run()  # last, because a page ends with its self-refreshing part, and elements after such a part get lost
except RobustError as error:
    st.error(str(error))
