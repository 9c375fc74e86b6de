"""Certified accuracy against the radius: what no attack of that size can lower."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle

import streamlit as st

from robust_core.benchmark.leaderboard import Board, series
from robust_core.plots import board_charts
from robust_core.results import Result
from robust_core.ui.benchmarks import choice, known_models, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import group_of, in_figures
from robust_core.ui.components.live_chart import live_chart

CURVES_PX = 420
MOST_MODELS = 8
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")


def show(boards: Boards) -> None:
    """Choose a protocol and models; a curve for each."""
    certified = series(boards, "radius")
    if not certified:
        st.info("No certificates are here in this world yet.")
        return
    board = choice.choose_board(certified, "r_")
    known = known_models.who(certified[board])
    models = choice.choose_models(known, "r_models", tuple(known), MOST_MODELS)
    rows = [row for row in certified[board] if row.model in models]
    show_protocol(board, rows)
    if not rows:
        st.info("Choose at least one model.")
        return
    _show_curves(board, rows, known)
    row_table.show(row_table.as_table(rows, known), "certificates")


def _show_curves(board: Board, rows: Sequence[Result], known: dict[str, Known]) -> None:
    groups = [
        group_of(
            replace(known[model], colour=colour),
            [row for row in rows if row.model == model],
            lambda row: row.setting("radius"),
        )
        for model, colour in zip(dict.fromkeys(row.model for row in rows), cycle(COLOURS), strict=False)
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
        f"n = {in_figures(rows)}; whiskers: 95%, Wilson. A lower bound on accuracy under every L2 attack of this size, "
        "wrong for an image with a probability of at most α."
    )
