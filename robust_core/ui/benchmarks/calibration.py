"""ImageNet-A: how accurate models are on images chosen to mislead them, and whether they know."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.benchmark.leaderboard import Board, beside
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Point
from robust_core.plots.charts import literal
from robust_core.results import Result
from robust_core.ui.benchmarks import choice, known_models, panel
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import by_family, sentence, show_legend
from robust_core.ui.components.live_chart import live_chart

DOTS_PX = 420
ERROR, AREA = "rms_calibration_error", "aurra"


def show(boards: Boards) -> None:
    """Accuracy, RMS calibration error and AURRA of the same predictions, model by model."""
    measured = {
        board: rows for board, rows in boards.items() if board.metric == "top1" and beside(board, ERROR, boards)
    }
    if not measured:
        st.info("No calibration has been measured in this world yet.")
        return
    chosen = choice.settle(measured, "k_", ("ImageNet-A",))
    chosen.note()
    board = chosen.board
    rows = boards[board]
    with panel.settings(*panel.board_words(board, rows)):
        chosen.draw()
    errors, areas = (boards.get(beside(board, metric, boards), ()) for metric in (ERROR, AREA))
    known = known_models.who(rows)
    _show_dots(board, rows, errors, areas, known)
    show_protocol(board, rows)
    benchmark_table.show(_as_table(rows, errors, areas, known), "calibration", said=benchmark_table.SAID)


def _show_dots(
    board: Board, rows: Sequence[Result], errors: Sequence[Result], areas: Sequence[Result], known: dict[str, Known]
) -> None:
    error_of, area_of = ({row.model: row for row in others} for others in (errors, areas))
    points = (
        (known[row.model], _point(row, error_of[row.model], area_of.get(row.model), known[row.model]))
        for row in rows
        if row.model in error_of
    )
    groups = by_family(points)
    across, upward = "Top-1 accuracy, % · better →", "RMS calibration error, points · ← better"
    figure = board_charts.scatter(groups, None, across, upward, height_px=DOTS_PX)
    alt = f"{board.benchmark}: calibration error against accuracy, a dot per model"
    live_chart(figure, key="calibration_dots", height_px=DOTS_PX, alt=alt, png_name="calibration")
    show_legend(groups)
    st.caption(
        "Bottom right is best: accurate and well calibrated. RMS (root mean square) calibration error is the gap "
        "between confidence and accuracy. AURRA, in the table, is the accuracy of the more confident predictions."
    )


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
        known.title if row.model in PAPER else "",
    )
