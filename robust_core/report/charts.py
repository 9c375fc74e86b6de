"""Plotly and its figures within a report: compressed, unpacked by the browser and drawn by charts.js."""

import base64
import gzip
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MOST_CHARACTERS = 2_500_000  # of figures in a report


def scripts(figures: Sequence[Any]) -> str:
    """The elements that draw each Plotly figure in the chart of its place, as far as they fit: of the others the file
    says so.
    """
    room, texts = MOST_CHARACTERS, []
    for one in figures:
        text = _packed(one.to_json().encode())
        fits = len(text) <= room
        room -= len(text) if fits else 0
        texts.append(text if fits else "")
    packed = {"plotly": _plotly(), "figures": " ".join(text or "-" for text in texts)}
    parts = "".join(f'<script type="text/plain" id="packed-{name}">{text}</script>\n' for name, text in packed.items())
    return f"{parts}<script>\n{asset('charts.js')}</script>\n"


def asset(name: str) -> str:
    """A file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    import plotly

    return _packed((Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes())


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")
