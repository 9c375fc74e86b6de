"""What models do all along an axis, such as attack steps, as the reveal shows it."""

from collections.abc import Sequence

import streamlit as st

from robust_core.lesson.answers import Curve
from robust_core.models.catalogue import list_models
from robust_core.plots import vote_charts
from robust_core.plots.charts import Line
from robust_core.ui import words
from robust_core.ui.colours import told_apart
from robust_core.ui.components.live_chart import live_chart

HEIGHT_PX = 300


def show(curves: Sequence[Curve]) -> None:
    """A line for each curve in its model's colour; nothing where there are none."""
    if not curves:
        return
    by_key = told_apart([curve.who for curve in curves])
    colours = {spec.title: by_key[spec.key] for spec in list_models()}
    lines = [_line(curve, colours[curve.who]) for curve in curves]
    first = curves[0]
    figure = vote_charts.curves(lines, first.measured, first.axis, first.asked)
    ends = "; ".join(f"{curve.who}: {curve.shares[-1]} at {curve.at[-1]:g}" for curve in curves)
    live_chart(figure, key="class_curves", height_px=HEIGHT_PX, alt=f"{first.axis}. {ends}", png_name="curves")
    st.caption(f"{words.BADGES[first.origin]} {_counts(curves)}; bands are 95% intervals ({first.shares[0].method}).")


def _counts(curves: Sequence[Curve]) -> str:
    """Of how many images or decisions the shares are."""
    n = [share.n for curve in curves for share in curve.shares]
    return f"n = {min(n):,}" if min(n) == max(n) else f"n = {min(n):,} to {max(n):,}"


def _line(curve: Curve, colour: str) -> Line:
    """The curve with its interval at each place in words."""
    return Line(
        curve.who,
        colour,
        curve.at,
        [share.estimate for share in curve.shares],
        [(share.low, share.high) for share in curve.shares],
        [f"{words.plain(curve.who)}: {share}" for share in curve.shares],
    )
