"""A Plotly chart that changes without blinking; `st.plotly_chart` is mounted anew whenever its figure changes (streamlit issue 8782)."""

from functools import cache
from pathlib import Path

import streamlit as st

from robust_core.ui import plotly_js

SCRIPT = Path(__file__).with_suffix(".js")


@cache
def _component():
    return st.components.v2.component(
        "live_chart", html="<div class='live-chart' style='width:100%;height:100%'></div>", js=SCRIPT.read_text(), isolate_styles=False
    )


def live_chart(figure: dict, *, key: str, height_px: int, alt: str, png_name: str = "") -> None:
    """Draw `figure` (`data` and `layout`, plain JSON, as charts.py makes it) `height_px` high; `alt` says in words what it shows.

    With a `png_name` the chart can be saved as a picture of that name.
    """
    data = {"traces": figure["data"], "layout": {"height": height_px, **figure["layout"]}, "src": plotly_js.PATH, "alt": alt, "png_name": png_name}
    _component()(data=data, key=key, height=height_px)
