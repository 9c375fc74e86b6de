"""Corruption by corruption: the heat map of corruptions and models, and accuracy or error against severity."""

from collections.abc import Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board, series
from robust_core.plots import board_charts
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.panel import Shown
from robust_core.ui.benchmarks.points import group_of, in_figures, methods
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown

MOST_MODELS = 32
ROW_PX, AROUND_PX, CURVES_PX = 24, 190, 380


def show(boards: Boards) -> None:
    """A heat map of corruptions and some models; what is published by severity also gets its curves."""
    means, by_severity = series(boards, "corruption"), series(boards, "corruption", "severity")
    nothing = "Nothing has been measured corruption by corruption in this world yet."
    shown = panel.settle_rows(means | by_severity, "c_", PAPER, MOST_MODELS, nothing, ("ImageNet-C", "CE"))
    if shown is None:
        return
    rows = _show_severity(shown) if shown.board in by_severity else shown.rows
    if shown.board not in by_severity:
        _show_heat_map(shown.board, rows, shown.known, "mean of severities 1 to 5")
    show_protocol(shown.board, shown.rows)
    table = row_table.as_table(rows, shown.known)
    row_table.show(table, "corruptions", titles={"Condition": "Corruption"}, said=row_table.SAID)


def _show_severity(shown: Shown) -> Sequence[Result]:
    """The heat map of one severity and the curves of one corruption; returns the rows behind both."""
    note_unknown("c_severity", "severity", list("12345"))
    severity = st.segmented_control(
        "Severity",
        list("12345"),
        default="3",
        key="c_severity",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    of_severity = [row for row in shown.rows if row.settings["severity"] == severity]
    _show_heat_map(shown.board, of_severity, shown.known, f"severity {severity}")
    return list(dict.fromkeys([*of_severity, *_show_curves(shown.board, shown.rows, shown.known)]))


def _show_heat_map(board: Board, rows: Sequence[Result], known: dict[str, Known], of_what: str) -> None:
    names = list(dict.fromkeys(row.settings["corruption"] for row in rows))
    models = list(dict.fromkeys(row.model for row in rows))
    values = {(row.settings["corruption"], row.model): row.value for row in rows}
    cells = [[values.get((name, model)) for model in models] for name in names]
    spoken = [name.replace("_", " ") for name in names]
    title = f"{METRICS[board.metric].title}, {board.unit}"
    figure = board_charts.heat_map(spoken, [known[model].title for model in models], cells, title)
    alt = f"{title}, by corruption and model, {of_what}"
    live_chart(figure, key="corruption_map", height_px=ROW_PX * len(names) + AROUND_PX, alt=alt, png_name="corruptions")
    st.caption(f"{board.benchmark}, {of_what}. n = {in_figures(rows)} images in each cell.")


def _show_curves(board: Board, rows: Sequence[Result], known: dict[str, Known]) -> list[Result]:
    """The curves over severity of one corruption; returns the rows behind them."""
    spoken = {row.settings["corruption"].replace("_", " "): row.settings["corruption"] for row in rows}
    chosen = spoken[choice.one_of("Corruption of the curves", list(spoken), "c_corruption", kind="corruption")]
    shown = [row for row in rows if row.settings["corruption"] == chosen]
    groups = [
        group_of(known[model], [row for row in shown if row.model == model], lambda row: int(row.settings["severity"]))
        for model in dict.fromkeys(row.model for row in shown)
    ]
    figure = board_charts.curves(groups, "severity", f"{METRICS[board.metric].title}, {board.unit}")
    figure["layout"]["xaxis"] |= {"dtick": 1}
    alt = f"{METRICS[board.metric].title} against severity of {chosen}"
    live_chart(figure, key="severity_curves", height_px=CURVES_PX, alt=alt, png_name="severity_curves")
    st.caption(f"{board.benchmark}, {words.plain(chosen.replace('_', ' '))}. n = {in_figures(shown)}.{methods(shown)}")
    return shown
