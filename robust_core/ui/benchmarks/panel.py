"""Settings of a view: one closed panel whose title names what is set, and the rows that it leaves."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models
from robust_core.ui.benchmarks.board_words import authors
from robust_core.ui.benchmarks.choice import Boards, Choice
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.benchmarks.row_table import in_words
from robust_core.ui.links import note_unknown


@dataclass(frozen=True)
class Shown:
    """What a view draws: a board and its rows of the chosen models, in the order in which they were chosen."""

    board: Board
    known: dict[str, Known]
    models: Sequence[str]
    rows: Sequence[Result]


def settings(*named: str) -> AbstractContextManager:
    """The panel, closed at first; its title names what is set."""
    spoken = words.plain(" · ".join(filter(None, named)))
    return st.expander(f"Settings: {spoken}", icon=":material/tune:", key="benchmark_settings")


def board_words(board: Board, rows: Sequence[Result]) -> tuple[str, ...]:
    """A board in the title of a panel."""
    return board.benchmark, METRICS[board.metric].title, in_words(board.condition), authors(rows)


def settle_rows(
    boards: Boards, prefix: str, models_first: Sequence[str], most: int, nothing: str, first: Sequence[str] = ()
) -> Shown | None:
    """One of `boards` and some of its models, chosen in the panel; what is missing is said, `nothing` where there is no
    board, and then it is None.
    """
    if not boards:
        st.info(nothing)
        return None
    chosen: Choice = choice.settle(boards, prefix, first)
    chosen.note()
    board = chosen.board
    known = known_models.who(boards[board])
    note_unknown(f"{prefix}models", "model", [one.title for one in known.values()])
    with settings(*board_words(board, boards[board])):
        chosen.draw()
        models = choice.choose_models(known, f"{prefix}models", models_first, most)
    rows = [row for model in models for row in boards[board] if row.model == model]
    if not rows:
        st.info("Choose at least one model in the settings.")
        return None
    return Shown(board, known, models, rows)
