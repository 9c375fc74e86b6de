"""Any metric against any metric: a dot per model, and the line that the horizontal axis alone would predict."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board
from robust_core.benchmark.trends import FEWEST, Trend, fit
from robust_core.plots import board_charts
from robust_core.plots.board_charts import Point
from robust_core.plots.charts import literal
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.board_words import show_protocol, title
from robust_core.ui.benchmarks.choice import Boards
from robust_core.ui.benchmarks.known_models import Known, families
from robust_core.ui.benchmarks.points import by_family, sentence
from robust_core.ui.components.live_chart import live_chart

DOTS_PX = 520
EVERYBODY = "all models shown"
BASELINE = "ImageNet-trained"
Pair = tuple[Result, Result]  # a model on the horizontal and on the vertical board


def show(boards: Boards) -> None:
    """Choose two boards; models that stand on both are drawn."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Horizontal axis**")
        across = choice.choose_board(boards, "x_", ("ImageNet",))
    with right:
        st.markdown("**Vertical axis**")
        upward = choice.choose_board(boards, "y_", ("ImageNet-A", "mini-A"))
    pairs = [pair for pair in product(boards[across], boards[upward]) if pair[0].model == pair[1].model]
    known = known_models.who(row for row, _ in pairs)
    if not pairs:
        st.info("No model stands on both boards.")
        return
    kept = choice.choose_families(known, "xy_training")
    pairs = [pair for pair in pairs if pair[0].model in kept]
    trend = _choose_trend(across, upward, pairs, known)
    _show_dots(across, upward, pairs, known, trend)
    benchmark_table.show(_as_table(pairs, known, trend), "metric_against_metric")


def _choose_trend(across: Board, upward: Board, pairs: Sequence[Pair], known: dict[str, Known]) -> Trend | None:
    """The line through the models of a family; none where a logit makes no sense."""
    if not (_is_share(across) and _is_share(upward)):
        st.caption("No line: both axes must be shares in %, since the line is straight in logit axes only.")
        return None
    of_family = {
        family: [pair for pair in pairs if known[pair[0].model].family == family] for family in families(known.values())
    }
    groups = {
        family: members
        for family, members in of_family.items()
        if len(members) >= FEWEST and family != known_models.UNKNOWN
    }
    groups[EVERYBODY] = list(pairs)
    titles = sorted(groups, key=lambda family: (family != BASELINE, family != EVERYBODY))
    chosen = choice.one_of("Line through", titles, "line", "Whose trend the others are compared with", "line")
    at = [x.value for x, _ in groups[chosen]]
    trend = fit(at, [y.value for _, y in groups[chosen]])
    if trend is None:
        st.caption(f"No line: it takes at least {FEWEST} models off 0 and 100%.")
        return None
    left_out = f", {len(at) - trend.n} at 0 or 100% left out" if trend.n < len(at) else ""
    st.caption(
        f"Dashed: what {words.plain(title(across))} alone would predict, by least squares in logit axes through n = "
        f"{trend.n} models "
        f"({words.plain(chosen)}{left_out}) from {min(at):.1f} to {max(at):.1f}%, and beyond them a guess; slope "
        f"{trend.slope:.2f}. "
        "Effective robustness is the distance from it (Taori et al. 2020)."
    )
    return trend


def _is_share(board: Board) -> bool:
    return board.unit in ("%", "% of decided")


def _show_dots(
    across: Board, upward: Board, pairs: Sequence[Pair], known: dict[str, Known], trend: Trend | None
) -> None:
    groups = by_family((known[x.model], _point(x, y, known[x.model], trend)) for x, y in pairs)
    line = None
    if trend:
        along = np.linspace(min(x.value for x, _ in pairs), max(x.value for x, _ in pairs), 80)
        line = along.tolist(), trend.predicted(along).tolist()
    figure = board_charts.scatter(groups, line, _axis_words(across), _axis_words(upward))
    alt = f"{title(upward)} against {title(across)}, {len(pairs)} models"
    live_chart(figure, key="metric_dots", height_px=DOTS_PX, alt=alt, png_name="metric_against_metric")
    show_protocol(across, [x for x, _ in pairs])
    show_protocol(upward, [y for _, y in pairs])


def _axis_words(board: Board) -> str:
    return (
        f"{METRICS[board.metric].title}, "
        f"{board.unit}<br>{benchmark_table.shortened(f'{board.benchmark}: {board.protocol}')}"
    )


def _point(x: Result, y: Result, known: Known, trend: Trend | None) -> Point:
    above = f"<br>effective robustness {trend.effective_robustness(x.value, y.value):+.2f} points" if trend else ""
    return Point(
        x.value, y.value, None, None, f"{literal(known.title)}<br>across {sentence(x)}<br>upward {sentence(y)}{above}"
    )


def _as_table(pairs: Sequence[Pair], known: dict[str, Known], trend: Trend | None) -> pd.DataFrame:
    """One line per dot, what is on the vertical axis with all its doubt beside what is on the horizontal one."""
    table = benchmark_table.as_table([y for _, y in pairs], known)
    across = benchmark_table.as_table([x for x, _ in pairs], known)
    for number, name in enumerate(
        ("Value", "Unit", "Low", "High", "n", "Badge", "Benchmark", "Metric", "Condition", "Protocol", "Source")
    ):
        table.insert(1 + number, f"{name}, across", across[name])
    if trend:
        table.insert(1, "Effective robustness", trend.effective_robustness(across["Value"], table["Value"]))
    return table
