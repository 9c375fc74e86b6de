"""Plotly and its figures within a report: compressed, unpacked by the browser and drawn by charts.js."""

import base64
import gzip
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from robust_core.plots import plotly_bundle
from robust_core.report.room import Room

HERE = Path(__file__).parent


def packed_figures(figures: Sequence[Any], room: Room) -> list[str]:
    """Each Plotly figure, compressed; "-" for one that does not fit."""
    packed = [_packed(one.to_json().encode()) for one in figures]
    return [text if room.take(text) else "-" for text in packed]


def scripts(figures: Sequence[str]) -> str:
    """The elements that draw each packed figure in the chart of its place; of one that did not fit the file says so."""
    packed = {"plotly": _plotly(), "figures": " ".join(figures)}
    parts = "".join(f'<script type="text/plain" id="packed-{name}">{text}</script>\n' for name, text in packed.items())
    return f"{parts}<script>\n{asset('charts.js')}</script>\n"


def asset(name: str) -> str:
    """A file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    return _in_letters(plotly_bundle.compressed())


def _packed(content: bytes) -> str:
    return _in_letters(gzip.compress(content, 9, mtime=0))


def _in_letters(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
