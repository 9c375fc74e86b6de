"""The leaderboard: the models of one board by rank, narrowed by training or by name."""

from collections.abc import Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import Place, ranked
from robust_core.benchmark.topics import topic_of
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models, panel, row_table, scorings
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known, families
from robust_core.ui.benchmarks.points import value_of
from robust_core.ui.links import note_unknown

KEYS = ("topic", "benchmark", "metric", "condition", "scored", "protocol", "training", "search")  # in the link


def show(boards: Boards) -> None:
    """Read a board, choose another, narrow it, take it away; ranks are those on the whole board."""
    chosen = choice.settle(choice.of_chosen_topic(boards), both_scorings=True)
    board = chosen.board
    rows = boards[board]
    known = known_models.who(rows)
    note_unknown("topic", "topic", choice.topics_of(boards))
    chosen.note()
    note_unknown("training", "training", families(known.values()))
    with panel.settings(*panel.board_words(board, rows), *choice.held("training"), *choice.held("search")):
        choice.draw_topics(boards)
        chosen.draw()
        kept = choice.choose_families(known, "training")
        sought = _search()
    places = [
        place
        for place in ranked(rows, board)
        if place.result.model in kept
        and (sought in known[place.result.model].title.lower() or sought in place.result.model.lower())
    ]
    show_protocol(board, rows)
    _show_table(places, known, topic_of(board.benchmark).rows_are)
    st.caption(" ".join(filter(None, (_count(places, len(rows)), _paper_words(places, known)))))
    scorings.show(board, [place.result for place in places], boards, known)


def _search() -> str:
    sought = st.text_input(
        "Search",
        key="search",
        bind="query-params",
        persist_state="session",
        type="search",
        placeholder="Part of a name",
    )
    return sought.strip().lower()


def _count(places: Sequence[Place], whole: int) -> str:
    return f"{len(places)} of {whole} rows of this leaderboard. Click a header to sort."


def _paper_words(places: Sequence[Place], known: dict[str, Known]) -> str:
    """Where the paper's models are, the best first."""
    ours = [place for place in places if place.result.model in PAPER]
    named = (f"{known[place.result.model].title} {value_of(place.result)} (rank {place.rank})" for place in ours)
    return f"★ Orhan 2019: {words.plain(', '.join(named))}." if ours else ""


def _show_table(places: Sequence[Place], known: dict[str, Known], rows_are: str) -> None:
    table = row_table.as_table([place.result for place in places], known)
    table.insert(0, "Rank", [place.rank for place in places])
    table.insert(2, "Paper", ["★" if place.result.model in PAPER else "" for place in places])
    row_table.show(table.rename(columns={"Model": rows_are}), "leaderboard", said=row_table.SAID)
