"""A film of lossless frames with play, pause and scrub in the browser, and each model's answer to the frame that is seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import streamlit as st

FILES = Path(__file__)
HTML = """
<div class="film-player">
  <div><img alt="the frame that is seen"><div class="controls"><button>Play</button><input type="range" min="0" value="0"
  aria-label="frame"><output></output></div></div>
  <table><thead><tr><th>Model</th><th>Answer</th><th>Probability</th><th></th><th>Flips so far</th></tr></thead><tbody></tbody></table>
</div>
"""


@dataclass(frozen=True)
class FilmModel:
    """One model beside the film: per frame its answer (label, probability in words, whether it flipped) and the flips so far."""

    title: str
    colour: str
    answers: list[tuple[str, str, bool]]
    flips: list[int]


@cache
def _component():
    return st.components.v2.component(
        "film_player", html=HTML, css=FILES.with_suffix(".css").read_text(), js=FILES.with_suffix(".js").read_text(), isolate_styles=False
    )


def film_player(frames: Sequence[str], models: Sequence[FilmModel], *, key: str, milliseconds: int = 160) -> None:
    """Show `frames` (data URIs of lossless pictures), one every `milliseconds`, with the answers of `models`."""
    _component()(data={"frames": list(frames), "models": [asdict(model) for model in models], "milliseconds": milliseconds}, key=key)
