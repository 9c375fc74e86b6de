"""Certified accuracy against the radius: what no attack of that size can lower."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle

import streamlit as st

from robust_core.benchmark.leaderboard import Board, series
from robust_core.plots import board_charts, results
from robust_core.results import Result
from robust_core.ui.benchmarks import panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import group_of, in_figures
from robust_core.ui.components.live_chart import live_chart

CURVES_PX = 420
MOST_MODELS = 8


def show(boards: Boards) -> None:
    """A curve for each of some models, then every number; where a model is smoothed with several σ, of one of them."""
    nothing = "There are no certificates in this world yet."
    curves = series(boards, "radius") | series(boards, "radius", apart=("sigma",))
    shown = panel.settle_rows(curves, "r_", (), MOST_MODELS, nothing)
    if shown is None:
        return
    _show_curves(shown.board, shown.rows, shown.known)
    show_protocol(shown.board, shown.rows)
    table = row_table.as_table(shown.rows, shown.known)
    row_table.show(table, "certificates", titles={"Condition": "L2 radius"}, said=row_table.SAID)


def _show_curves(board: Board, rows: Sequence[Result], known: dict[str, Known]) -> None:
    groups = [
        group_of(
            replace(known[model], colour=colour),
            [row for row in rows if row.model == model],
            lambda row: row.setting("radius"),
        )
        for model, colour in zip(dict.fromkeys(row.model for row in rows), cycle(results.COLOURS), strict=False)
    ]
    figure = board_charts.curves(groups, "L2 radius, pixels in [0, 1]", "certified accuracy, %")
    figure["layout"]["yaxis"] |= {"rangemode": "tozero"}
    live_chart(
        figure,
        key="certificate_curves",
        height_px=CURVES_PX,
        alt=f"{board.benchmark}: against the radius",
        png_name="certificates",
    )
    st.caption(
        f"n = {in_figures(rows)}. Whiskers: 95%, Wilson. This is a lower bound on accuracy under any L2 attack of this "
        "size. For each image it is wrong with probability at most α."
    )
