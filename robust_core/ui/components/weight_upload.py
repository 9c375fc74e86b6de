"""A drop zone for one large file, which the browser sends to an address of this server with a progress bar and a way to
stop.
"""

from functools import cache
from pathlib import Path

import streamlit as st

FILES = Path(__file__)
HTML = """
<div class="weight-upload">
  <label class="zone"><input type="file" aria-label="Weight file"><span></span></label>
  <div class="sending" hidden><progress max="1" value="0" aria-label="Upload progress"></progress><output></output><button type="button">Cancel</button></div>
  <p class="error" role="alert" hidden></p>
</div>
"""


@cache
def _component():
    return st.components.v2.component(
        "weight_upload",
        html=HTML,
        css=FILES.with_suffix(".css").read_text(),
        js=FILES.with_suffix(".js").read_text(),
        isolate_styles=False,
    )


def weight_upload(address: str, *, key: str, max_bytes: int, name: str) -> None:
    """Take a file of at most `max_bytes` and send it to `address`; the page runs again when it is there. `name` is that
    of the last one.
    """
    _component()(data={"address": address, "max_bytes": max_bytes, "name": name}, key=key, on_sent_change=lambda: None)
