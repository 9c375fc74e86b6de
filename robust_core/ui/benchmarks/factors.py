"""ImageNet-X: what an image's pose, background, size and thirteen other factors cost each model."""

from collections.abc import Mapping, Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import series
from robust_core.plots import board_charts
from robust_core.results import Result
from robust_core.ui.benchmarks import panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown

MOST_MODELS = 24
ROW_PX, AROUND_PX = 24, 190
RATIO, ACCURACY = "error ratio", "top-1 accuracy"
AT_FIRST = ("resnet50", *PAPER, "resnext101_32x8d_swsl", "resnet50_sin_in")


def show(boards: Boards) -> None:
    """A heat map of factors and models, then every number."""
    nothing = "Nothing has been measured factor by factor in this world yet."
    found = panel.settle_rows(series(boards, "factor"), "f_", AT_FIRST, MOST_MODELS, nothing)
    if found is None:
        return
    board, known, rows = found.board, found.known, found.rows
    note_unknown("f_shown", "number", [RATIO, ACCURACY])
    shown = st.segmented_control(
        "Shown",
        [RATIO, ACCURACY],
        default=RATIO,
        key="f_shown",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    averages = {row.model: row for row in boards[board] if row.model in found.models}
    _show_heat_map(rows, averages if shown == RATIO else {}, known)
    show_protocol(board, rows)
    table = row_table.as_table([*rows, *averages.values()], known)
    row_table.show(table, "factors", titles={"Condition": "Factor"}, said=row_table.SAID)


def error_ratio(row: Result, average: Result) -> float | None:
    """The error rate on images with a factor divided by that on all images (Idrissi et al. 2023); None without an
    error.
    """
    return (100 - row.value) / (100 - average.value) if average.value < 100 else None


def _show_heat_map(rows: Sequence[Result], averages: Mapping[str, Result], known: dict[str, Known]) -> None:
    """Of error ratios where there are `averages`, otherwise of accuracies."""
    factors = list(dict.fromkeys(row.settings["factor"] for row in rows))
    models = list(dict.fromkeys(row.model for row in rows))
    values = {
        (row.settings["factor"], row.model): error_ratio(row, averages[row.model]) if averages else row.value
        for row in rows
    }
    cells = [[values.get((factor, model)) for model in models] for factor in factors]
    counts = {row.settings["factor"]: row.n for row in rows}
    spoken = [f"{factor.replace('_', ' ')} ({counts[factor]:,})" if counts[factor] else factor for factor in factors]
    title, form = ("error ratio", ".1f") if averages else ("top-1 accuracy, %", ".0f")
    figure = board_charts.heat_map(spoken, [known[model].title for model in models], cells, title, form)
    live_chart(
        figure,
        key="factor_map",
        height_px=ROW_PX * len(factors) + AROUND_PX,
        alt=f"ImageNet-X: {title}, by factor and model",
        png_name="imagenet_x",
    )
    what = (
        "Error rate with the factor divided by the error rate on all images: 2 is twice as many. " if averages else ""
    )
    st.caption(f"{what}In brackets: images with the factor; not stated for the first four.")
