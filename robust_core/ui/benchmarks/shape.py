"""Shape bias with people: published sets and computed models on one axis from texture to shape, as on the Shape or
texture page.
"""

from collections.abc import Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import beside
from robust_core.intervals import share_in_words
from robust_core.labels import IMAGENET
from robust_core.plots import cue_axis
from robust_core.plots.charts import literal
from robust_core.plots.cue_axis import Mark, Row
from robust_core.results import Result
from robust_core.ui import worlds
from robust_core.ui.benchmarks import choice, known_models, panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import sentence
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.shape_or_texture import published


def show(boards: Boards) -> None:
    """A line per published set and per computed model; below, every number."""
    computed = _choose_computed(boards)
    references = published.choose_references() if worlds.world() == IMAGENET else []
    quoted = [row for reference in references for row in reference.results()]
    if not computed and not quoted:
        st.info("Choose a published set; no shape bias has been computed in this world yet.")
        return
    known = known_models.who([*computed, *quoted])
    biases = [row for row in computed if row.metric == "shape_bias"]
    _show_axis([*(_row(row, known[row.model]) for row in biases), *map(published.row, references)])
    for reference in references:
        st.caption(published.sentence(reference))
    covered = [one for reference in references for row in reference.results() if (one := reference.coverage(row.model))]
    row_table.show(row_table.as_table([*computed, *quoted, *covered], known), "shape_bias")


def _choose_computed(boards: Boards) -> list[Result]:
    """Shape bias and coverage as computed here, by one rule and protocol."""
    biases = {
        board: rows
        for board, rows in boards.items()
        if board.metric == "shape_bias" and any(row.kind == "cached" for row in rows)
    }
    if not biases:
        return []
    chosen = choice.settle(biases, "s_")
    chosen.note()
    board = chosen.board
    with panel.settings(*panel.board_words(board, boards[board])):
        chosen.draw()
    coverage = boards.get(beside(board, "coverage", boards), ())
    computed = [row for row in (*boards[board], *coverage) if row.kind == "cached"]
    show_protocol(board, computed)
    return computed


def _show_axis(rows: Sequence[Row]) -> None:
    alt = "Shape bias from 0 (texture) to 1 (shape). " + "; ".join(f"{row.title}: {row.aside}" for row in rows)
    live_chart(
        cue_axis.cue_axis(rows),
        key="benchmark_axis",
        height_px=cue_axis.ROW_PX * len(rows) + 50,
        alt=alt,
        png_name="shape_bias",
    )


def _row(row: Result, known: Known) -> Row:
    value = row.value / 100
    mark = Mark(value, row.interval, known.colour, f"{literal(known.title)}<br>{row.benchmark}<br>{sentence(row)}")
    return Row(known.title, f"{share_in_words(value, row.n)} · n = {row.n:,}", [mark], False)
