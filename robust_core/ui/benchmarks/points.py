"""Rows as points of a figure: where they stand, how sure they are, and what is said when somebody points at one."""

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from robust_core.intervals import share_in_words
from robust_core.plots.board_charts import Group, Point
from robust_core.plots.charts import literal
from robust_core.results import SHARES, Result, in_unit
from robust_core.ui.benchmarks.known_models import UNKNOWN, Known, families, family_colour
from robust_core.ui.benchmarks.row_table import in_words


def group_of(known: Known, rows: Sequence[Result], place: Callable[[Result], float | str]) -> Group:
    """One model's rows as points, in order of their `place` on the horizontal axis."""
    return Group(
        known.title, known.colour, [point_of(known, row, place(row)) for row in sorted(rows, key=place)], hollow=False
    )


def point_of(known: Known, row: Result, x: float | str) -> Point:
    """A row as a point at `x`."""
    low, high = row.bounds or (None, None)
    return Point(x, row.value, low, high, f"{literal(known.title)}<br>{in_words(row.condition)}<br>{sentence(row)}")


def by_family(points: Iterable[tuple[Known, Point]]) -> list[Group]:
    """Models as points in groups of how they were trained, each in its family's colour."""
    points = list(points)
    return [
        Group(
            family,
            family_colour(family),
            [point for known, point in points if known.family == family],
            hollow=family == UNKNOWN,
        )
        for family in families(known for known, _ in points)
    ]


def show_legend(groups: Iterable[Group]) -> None:
    """What the colours of `groups` are, in a line that wraps on a phone."""
    shape = "display:inline-block;width:.7em;height:.7em;border-radius:50%;border:2px solid"
    dots = (
        f"<span style='white-space:nowrap'><span style='{shape} {group.colour};"
        f"background:{'none' if group.hollow else group.colour}'></span> {literal(group.title)}</span>"
        for group in groups
    )
    st.html(f"<div style='display:flex;flex-wrap:wrap;gap:.2em 1.2em;font-size:.875rem'>{''.join(dots)}</div>")


def sentence(row: Result) -> str:
    """The value with its unit, its interval where it has one, its n where that is known, and its badge."""
    bounds = f" [{row.bounds[0]:.1f}, {row.bounds[1]:.1f}]" if row.bounds else ""
    n = f", n = {row.n:,}" if row.n else ", n not stated"
    return f"{value_of(row)}{bounds}{n}, {row.kind.upper()}"


def value_of(row: Result) -> str:
    """The value with its unit: "66.3%", "3 of 7" where few images are behind it, "45.7% of AlexNet"."""
    counted = row.unit == "%" and row.metric in SHARES
    return share_in_words(row.value / 100, row.n) if counted else in_unit(f"{row.value:.1f}", row.unit)


def methods(rows: Iterable[Result]) -> str:
    """By which methods the whiskers of `rows` are, as a sentence behind another; empty where none has any."""
    named = "; ".join(dict.fromkeys(row.bounds_method for row in rows if row.bounds))
    return f" Whiskers: 95%, {named}." if named else ""


def in_figures(rows: Iterable[Result]) -> str:
    """The n behind `rows`, from the smallest to the largest where they differ."""
    counts = sorted({row.n for row in rows})
    words = [f"{n:,}" if n else "not stated" for n in (counts[0], counts[-1])]
    return " to ".join(dict.fromkeys(words))
