"""Any metric against any metric: a dot per model, the paper's by name, and the line that the horizontal axis alone
would predict.
"""

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
from robust_core.ui.benchmarks import answers, choice, fitted_line, known_models, panel
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.board_words import show_protocol, title
from robust_core.ui.benchmarks.choice import PAPER, Boards, Choice, Control
from robust_core.ui.benchmarks.fitted_line import Line, Pair, is_share
from robust_core.ui.benchmarks.known_models import Known, families
from robust_core.ui.benchmarks.points import by_family, sentence, show_legend
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown

DOTS_PX = 460
LOGIT = "Logit"
AXES = Control(
    "Axes",
    (LOGIT, "Linear"),
    "axes",
    "In logit axes the fitted line is straight, as in Taori et al. 2020",
    "kind of axes",
    side_by_side=True,
)
TICKS_PERCENT = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9)
OF_BOTH = ("Value", "Unit", "Low", "High", "Interval", "n", "Badge")
OF_BOTH += ("Benchmark", "Metric", "Condition", "Protocol", "Source")
TITLES = {
    "Value, across": "Horizontal",
    "Value": "Vertical",
    "n, across": "n, horizontal",
    "Effective robustness": "Effective robustness, points",
}


def show(boards: Boards) -> None:
    """Models that are on both of two boards; the boards are chosen in the panel."""
    across = choice.settle(boards, "x_", ("ImageNet, classes of ImageNet-A", "ImageNet"))
    among = {row.model for row in boards[across.board]}
    upward = choice.settle(boards, "y_", ("ImageNet-A", "mini-A"), among)
    pairs = [pair for pair in product(boards[across.board], boards[upward.board]) if pair[0].model == pair[1].model]
    known = known_models.who(row for row, _ in pairs)
    kept = _choose(across, upward, pairs, known)
    pairs = [pair for pair in pairs if pair[0].model in kept]
    if not pairs:
        st.info("No model has a number on both leaderboards.")
        return
    line = fitted_line.draw_line(across.board, upward.board, pairs, known)
    st.markdown(answers.in_words(upward.board, pairs, known, line))
    _show_dots(across.board, upward.board, pairs, known, line)
    fitted_line.show_line(across.board, upward.board, line)
    show_protocol(across.board, [x for x, _ in pairs])
    show_protocol(upward.board, [y for _, y in pairs])
    table = _as_table(pairs, known, line)
    benchmark_table.show(table, "metric_against_metric", titles=TITLES, said=benchmark_table.SAID | _across())


def _choose(across: Choice, upward: Choice, pairs: Sequence[Pair], known: dict[str, Known]) -> set[str]:
    """The panel: both axes, whose training, whose line; returns the models that are kept."""
    through = fitted_line.control(pairs, known)
    for one in (across, upward, through, AXES):
        one.note()
    note_unknown("xy_training", "training", families(known.values()))
    named = f"{upward.board.benchmark} against {across.board.benchmark}"
    with panel.settings(named, *choice.held("xy_training")):
        left, right = st.columns(2)
        with left:
            st.markdown("**Horizontal axis**")
            across.draw()
        with right:
            st.markdown("**Vertical axis**")
            upward.draw()
        kept = choice.choose_families(known, "xy_training")
        if not fitted_line.why_none(across.board, upward.board):
            through.draw()
        if is_share(across.board) and is_share(upward.board):
            AXES.draw()
    return kept


def _show_dots(across: Board, upward: Board, pairs: Sequence[Pair], known: dict[str, Known], line: Line | None) -> None:
    logit_axes = is_share(across) and is_share(upward) and AXES.value == LOGIT
    drawn = [pair for pair in pairs if not logit_axes or has_logit([one.value for one in pair]).all()]
    if not drawn:
        st.info("No model has a logit on both axes: it takes values between 0 and 100%.")
        return
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
    figure = board_charts.scatter(
        groups, dashed, axis_words(across), axis_words(upward), line.label if line else "", DOTS_PX
    )
    if logit_axes:
        figure["layout"]["xaxis"] |= _logit_axis(places[:, 0])
        figure["layout"]["yaxis"] |= _logit_axis(places[:, 1])
    alt = (
        f"{title(upward)} against {title(across)}, {len(drawn)} models. {answers.in_words(upward, drawn, known, line)}"
    )
    live_chart(
        figure,
        key="metric_dots",
        height_px=DOTS_PX,
        alt=alt.replace("**", ""),
        png_name="metric_against_metric",
    )
    show_legend(groups)
    if len(drawn) < len(pairs):
        left_out = words.count(len(pairs) - len(drawn), "model")
        st.caption(f"Not drawn: {left_out} at 0 or 100%, where there is no logit.")


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


def axis_words(board: Board) -> str:
    """Benchmark, metric and unit in two short lines, with an arrow to the better end; the protocol is told below."""
    better = {True: " · better →", False: " · ← better", None: ""}[METRICS[board.metric].higher_is_better]
    where = ", ".join(filter(None, (board.benchmark, benchmark_table.in_words(board.condition))))
    return f"{literal(where)}<br>{METRICS[board.metric].title}, {board.unit}{better}"


def _point(place: list[float], x: Result, y: Result, known: Known, line: Line | None) -> Point:
    said = [known.title, known.family]
    said += [f"horizontal: {sentence(x)}", f"vertical: {sentence(y)}"]
    if line:
        said.append(f"effective robustness {answers.signed(float(line.robustness(x.value, y.value)))} points")
    return Point(*place, None, None, "<br>".join(map(literal, said)), known.title if x.model in PAPER else "")


def _across() -> set[str]:
    return {f"{name}, across" for name in benchmark_table.SAID}


def _as_table(pairs: Sequence[Pair], known: dict[str, Known], line: Line | None) -> pd.DataFrame:
    """One line per dot, what is on the vertical axis with all its doubt beside what is on the horizontal one."""
    table = benchmark_table.as_table([y for _, y in pairs], known)
    across = benchmark_table.as_table([x for x, _ in pairs], known)
    for number, name in enumerate(OF_BOTH):
        table.insert(1 + number, f"{name}, across", across[name])
    if line:
        table.insert(1, "Effective robustness", line.robustness(across["Value"], table["Value"]))
    return table
