"""ImageNet-A: how accurate models are on images chosen to mislead them, and whether they know."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.benchmark.leaderboard import Board, beside
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Point
from robust_core.plots.charts import literal
from robust_core.results import Result
from robust_core.ui.benchmarks import choice, known_models
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import by_family, sentence
from robust_core.ui.components.live_chart import live_chart

DOTS_PX = 420
ERROR, AREA = "rms_calibration_error", "aurra"


def show(boards: Boards) -> None:
    """Accuracy, RMS calibration error and AURRA of the same predictions, model by model."""
    measured = {
        board: rows for board, rows in boards.items() if board.metric == "top1" and beside(board, ERROR, boards)
    }
    if not measured:
        st.info("No calibration was measured in this world yet.")
        return
    board = choice.choose_board(measured, "k_", ("ImageNet-A",))
    rows = boards[board]
    errors, areas = (boards.get(beside(board, metric, boards), ()) for metric in (ERROR, AREA))
    known = known_models.who(rows)
    show_protocol(board, rows)
    _show_dots(board, rows, errors, areas, known)
    benchmark_table.show(_as_table(rows, errors, areas, known), "calibration")


def _show_dots(
    board: Board, rows: Sequence[Result], errors: Sequence[Result], areas: Sequence[Result], known: dict[str, Known]
) -> None:
    error_of, area_of = ({row.model: row for row in others} for others in (errors, areas))
    points = (
        (known[row.model], _point(row, error_of[row.model], area_of.get(row.model), known[row.model]))
        for row in rows
        if row.model in error_of
    )
    figure = board_charts.scatter(
        by_family(points), None, "top-1 accuracy, %", "RMS calibration error, percentage points"
    )
    alt = f"{board.benchmark}: calibration error against accuracy, a dot per model"
    live_chart(figure, key="calibration_dots", height_px=DOTS_PX, alt=alt, png_name="calibration")
    st.caption("Accurate and well calibrated is at the bottom right. AURRA is in the table and on the dots.")


def _as_table(
    rows: Sequence[Result], errors: Sequence[Result], areas: Sequence[Result], known: dict[str, Known]
) -> pd.DataFrame:
    """A line per model: accuracy with its interval, then the two numbers about the same predictions."""
    table = benchmark_table.as_table(rows, known)
    for name, others in (("RMS calibration error, points", errors), ("AURRA, %", areas)):
        of_model = {row.model: row for row in others}
        table.insert(
            table.columns.get_loc("n"),
            name,
            [of_model[row.model].value if row.model in of_model else None for row in rows],
        )
        for what in ("protocol", "source"):
            table[f"{name}: {what}"] = [
                getattr(of_model[row.model], what) if row.model in of_model else None for row in rows
            ]
    return table.rename(columns={"Value": "Top-1 accuracy"})


def _point(row: Result, error: Result, area: Result | None, known: Known) -> Point:
    of_area = f"<br>AURRA {sentence(area)}" if area else ""
    return Point(
        row.value,
        error.value,
        None,
        None,
        f"{literal(known.title)}<br>accuracy {sentence(row)}<br>calibration error {sentence(error)}{of_area}",
    )
