"""ImageNet-P: how often a prediction flips along a frame sequence, for each perturbation, and the mean."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board, beside, series
from robust_core.plots import board_charts
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import group_of, in_figures, methods, sentence
from robust_core.ui.components.live_chart import live_chart

MEANS = {
    "flip_rate": "mfr",
    "top5_ratio": "mt5d",
    "flip_probability": "flip_probability",
    "top5_distance": "top5_distance",
}
BARS_PX = 440
MOST_MODELS = 8


def show(boards: Boards) -> None:
    """Bars by perturbation for some models, then every number."""
    nothing = "Nothing has been measured on frame sequences in this world yet."
    shown = panel.settle_rows(
        series(boards, "perturbation"), "p_", PAPER, MOST_MODELS, nothing, ("ImageNet-P", "Flip rate")
    )
    if shown is None:
        return
    means = [row for row in _means(shown.board, boards) if row.model in shown.models]
    _show_bars(shown.board, shown.rows, means, shown.known)
    show_protocol(shown.board, shown.rows)
    table = row_table.as_table([*means, *shown.rows], shown.known)
    row_table.show(table, "sequences", titles={"Condition": "Perturbation"}, said=row_table.SAID)


def _means(board: Board, boards: Boards) -> Sequence[Result]:
    """The rows over all perturbations that belong to those of `board`."""
    mean = beside(replace(board, condition=""), MEANS[board.metric], boards)
    return boards[mean] if mean else ()


def _show_bars(board: Board, rows: Sequence[Result], means: Sequence[Result], known: dict[str, Known]) -> None:
    groups = [
        group_of(
            known[model],
            [row for row in rows if row.model == model],
            lambda row: row.settings["perturbation"].replace("_", " "),
        )
        for model in dict.fromkeys(row.model for row in rows)
    ]
    title = f"{METRICS[board.metric].title}, {board.unit}"
    live_chart(
        board_charts.bars(groups, title),
        key="sequence_bars",
        height_px=BARS_PX,
        alt=f"{title}, by perturbation",
        png_name="sequences",
    )
    spoken = "; ".join(f"{known[row.model].title} {sentence(row)}" for row in means)
    over_all = (
        f" Over all perturbations ({METRICS[means[0].metric].title}, {means[0].unit}): {spoken}." if means else ""
    )
    st.caption(words.plain(f"{board.benchmark}, lower is better. n = {in_figures(rows)}.{methods(rows)}{over_all}"))
