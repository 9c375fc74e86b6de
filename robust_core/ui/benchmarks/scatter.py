"""Any metric against any metric: a dot per model, and the line that the horizontal axis alone would predict."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board
from robust_core.benchmark.trends import has_logit, logit
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Point
from robust_core.plots.charts import literal
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.board_words import show_protocol, title
from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.benchmarks.fitted_line import Line, Pair, choose_line, is_share, show_classes
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import by_family, sentence
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown

DOTS_PX = 520
LOGIT = "Logit"
AXES = ("Linear", LOGIT)
TICKS_PERCENT = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9)


def show(boards: Boards) -> None:
    """Choose two boards; models that stand on both are drawn."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Horizontal axis**")
        across = choice.choose_board(boards, "x_", ("ImageNet, classes of ImageNet-A", "ImageNet"))
    with right:
        st.markdown("**Vertical axis**")
        others = {row.model for row in boards[across]}
        upward = choice.choose_board(boards, "y_", ("ImageNet-A", "mini-A"), others)
    pairs = [pair for pair in product(boards[across], boards[upward]) if pair[0].model == pair[1].model]
    known = known_models.who(row for row, _ in pairs)
    if not pairs:
        st.info("No model has a number on both boards.")
        return
    kept = choice.choose_families(known, "xy_training")
    pairs = [pair for pair in pairs if pair[0].model in kept]
    line = choose_line(across, upward, pairs, known)
    _show_dots(across, upward, pairs, known, line)
    if line:
        show_classes(across, upward)
    benchmark_table.show(_as_table(pairs, known, line), "metric_against_metric")


def _show_dots(across: Board, upward: Board, pairs: Sequence[Pair], known: dict[str, Known], line: Line | None) -> None:
    logit_axes = is_share(across) and is_share(upward) and _choose_axes() == LOGIT
    drawn = [pair for pair in pairs if not logit_axes or has_logit([one.value for one in pair]).all()]
    if not drawn:
        st.info("No model has a logit on both axes: it takes values between 0 and 100%.")
        return
    if len(drawn) < len(pairs):
        left_out = words.count(len(pairs) - len(drawn), "model")
        st.caption(f"Not drawn: {left_out} at 0 or 100%, where there is no logit.")
    places = np.array([[x.value, y.value] for x, y in drawn])
    along = np.linspace(*_ends(places[:, 0]), 80)
    curve = (along, line.trend.predicted(along)) if line else None
    if logit_axes:
        places, curve = logit(places), curve and (logit(curve[0]), logit(curve[1]))
    groups = by_family(
        (known[x.model], _point(place, x, y, known[x.model], line))
        for place, (x, y) in zip(places.tolist(), drawn, strict=True)
    )
    dashed = (curve[0].tolist(), curve[1].tolist()) if curve else None
    figure = board_charts.scatter(groups, dashed, _axis_words(across), _axis_words(upward))
    if logit_axes:
        figure["layout"]["xaxis"] |= _logit_axis(places[:, 0])
        figure["layout"]["yaxis"] |= _logit_axis(places[:, 1])
    alt = f"{title(upward)} against {title(across)}, {len(drawn)} models"
    live_chart(figure, key="metric_dots", height_px=DOTS_PX, alt=alt, png_name="metric_against_metric")
    show_protocol(across, [x for x, _ in pairs])
    show_protocol(upward, [y for _, y in pairs])


def _choose_axes() -> str:
    note_unknown("axes", "kind of axes", AXES)
    return st.segmented_control(
        "Axes",
        AXES,
        default=AXES[0],
        key="axes",
        bind="query-params",
        required=True,
        help="In logit axes the fitted line is straight, as in Taori et al. 2020",
    )


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _logit_axis(places: np.ndarray) -> dict[str, Any]:
    """An axis in logits with percentages at its ticks, as far as the dots reach and a tick beyond."""
    low, high = _ends(places)
    at = logit(TICKS_PERCENT)
    room = 0.05 * (high - low) + 0.1
    kept = [number for number, place in enumerate(at) if low - room <= place <= high + room]
    return {
        "tickvals": [float(at[number]) for number in kept],
        "ticktext": [f"{TICKS_PERCENT[number]:g}" for number in kept],
        "range": [low - room, high + room],
    }


def _axis_words(board: Board) -> str:
    return (
        f"{METRICS[board.metric].title}, "
        f"{board.unit}<br>{benchmark_table.shortened(f'{board.benchmark}: {board.protocol}')}"
    )


def _point(place: list[float], x: Result, y: Result, known: Known, line: Line | None) -> Point:
    above = f"<br>effective robustness {float(line.robustness(x.value, y.value)):+.2f} points" if line else ""
    return Point(*place, None, None, f"{literal(known.title)}<br>across {sentence(x)}<br>upward {sentence(y)}{above}")


def _as_table(pairs: Sequence[Pair], known: dict[str, Known], line: Line | None) -> pd.DataFrame:
    """One line per dot, what is on the vertical axis with all its doubt beside what is on the horizontal one."""
    table = benchmark_table.as_table([y for _, y in pairs], known)
    across = benchmark_table.as_table([x for x, _ in pairs], known)
    for number, name in enumerate(
        (
            "Value",
            "Unit",
            "Low",
            "High",
            "Interval",
            "n",
            "Badge",
            "Benchmark",
            "Metric",
            "Condition",
            "Protocol",
            "Source",
        )
    ):
        table.insert(1 + number, f"{name}, across", across[name])
    if line:
        table.insert(1, "Effective robustness", line.robustness(across["Value"], table["Value"]))
    return table
