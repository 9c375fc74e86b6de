"""A photo, what an attack adds to it, and what a model then says: step by step, lossless, by itself once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from robust_core.ui.server.frame_store import FrameSequence

FILES = Path(__file__)
SCRIPTS = ("frames.js", "hero.js")
HTML = """
<div class="hero">
  <figure class="clean"><canvas role="img"></canvas><figcaption></figcaption></figure><span aria-hidden="true">+</span>
  <figure class="change"><canvas role="img"></canvas><figcaption></figcaption></figure><span aria-hidden="true">=</span>
  <figure class="attacked"><canvas role="img"></canvas><figcaption aria-live="off"></figcaption></figure>
  <button type="button">Play again</button>
</div>
"""


@dataclass(frozen=True)
class Verdict:
    """What the model says of one frame: its prediction, the probability in words, and whether it is right."""

    prediction: str
    probability: str
    correct: bool


@cache
def _component():
    return st.components.v2.component(
        "hero",
        html=HTML,
        css=FILES.with_suffix(".css").read_text(),
        js="".join(FILES.with_name(name).read_text() for name in SCRIPTS),
        isolate_styles=False,
    )


def hero(
    attacked: FrameSequence, change: FrameSequence, verdicts: Sequence[Verdict], *, key: str, added: tuple[str, str]
) -> None:
    """Show the first frame of `attacked`, then `change` and `attacked` at every frame with its verdict; `added` says in
    two lines what the change is.
    """
    data = {
        "attacked": attacked.address,
        "change": change.address,
        "verdicts": [vars(verdict) for verdict in verdicts],
        "added": list(added),
    }
    _component()(data=data, key=key)
