"""Accuracy under PGD against the number of steps or against eps, from published and computed rows of one protocol."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import Board, series
from robust_core.plots import board_charts
from robust_core.results import Result
from robust_core.ui.benchmarks import choice, panel, row_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.points import group_of, in_figures, methods
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown

CURVES_PX = 420
MOST_MODELS = 20
AXES = {"steps": "attack steps", "eps": "ε, pixels in [0, 1] (1/255 = 0.0039)"}
HELD = {"steps": "Steps", "eps": "ε"}


def show(boards: Boards) -> None:
    """Curves of some models; where both steps and ε were varied, one is held."""
    attacks = {board: rows for board, rows in series(boards, "eps", "steps").items() if _is_curve(rows)}
    nothing = "No attack has been measured at several steps or several ε in this world yet."
    shown = panel.settle_rows(attacks, "a_", PAPER, MOST_MODELS, nothing, ("white-box PGD by steps",))
    if shown is None:
        return
    against, rows = _choose_axis(shown.rows)
    _show_curves(shown.board, rows, shown.known, against)
    show_protocol(shown.board, rows)
    table = row_table.as_table(rows, shown.known)
    row_table.show(table, "pgd", titles={"Condition": "Attack"}, said=row_table.SAID)


def _is_curve(rows: Sequence[Result]) -> bool:
    return max(Counter(row.model for row in rows).values()) > 1


def _choose_axis(rows: Sequence[Result]) -> tuple[str, list[Result]]:
    """What stands on the horizontal axis, and the rows at the chosen value of the other setting."""
    varied = [name for name in AXES if len({row.setting(name) for row in rows}) > 1]
    against = varied[0] if varied else "eps"
    left, right = st.columns(2, vertical_alignment="bottom")
    if len(varied) > 1:
        titles = {f"Against {HELD[name].lower()}": name for name in varied}
        note_unknown("a_axis", "axis", list(titles))
        against = titles[
            left.segmented_control(
                "Axis",
                list(titles),
                default=next(iter(titles)),
                key="a_axis",
                bind="query-params",
                persist_state="session",
                required=True,
            )
        ]
    held = "eps" if against == "steps" else "steps"
    largest_first = sorted({row.settings[held] for row in rows}, key=float, reverse=True)
    spoken = {_eps_in_words(value) if held == "eps" else value: value for value in largest_first}
    with right:
        value = spoken[
            choice.one_of(f"{HELD[held]} held at", list(spoken), f"a_{held}", kind=f"value of {HELD[held].lower()}")
        ]
    return against, [row for row in rows if row.settings[held] == value]


def _eps_in_words(value: str) -> str:
    return f"{float(value):.3g} = {255 * float(value):.3g}/255"


def _show_curves(board: Board, rows: Sequence[Result], known: dict[str, Known], against: str) -> None:
    groups = [
        group_of(known[model], [row for row in rows if row.model == model], lambda row: row.setting(against))
        for model in dict.fromkeys(row.model for row in rows)
    ]
    figure = board_charts.curves(groups, AXES[against], "top-1 accuracy under attack, %")
    figure["layout"]["yaxis"] |= {"rangemode": "tozero"}
    live_chart(
        figure,
        key="pgd_curves",
        height_px=CURVES_PX,
        alt=f"{board.benchmark}: accuracy against {AXES[against]}",
        png_name="pgd",
    )
    st.caption(f"{board.benchmark}. n = {in_figures(rows)}.{methods(rows)} These are upper bounds on robust accuracy.")
