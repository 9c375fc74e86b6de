"""The leaderboard: the models of one board by rank, narrowed by training or by name."""

import streamlit as st

from robust_core.benchmark.leaderboard import ranked
from robust_core.benchmark.topics import topic_of
from robust_core.ui.benchmarks import choice, known_models, scorings
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.board_words import show_protocol
from robust_core.ui.benchmarks.choice import Boards


def show(boards: Boards) -> None:
    """Choose a board, narrow it, read it, take it away; ranks are those on the whole board."""
    board = choice.choose_board(choice.choose_topic(boards), both_scorings=True)
    known = known_models.who(boards[board])
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        kept = choice.choose_families(known, "training")
    sought = (
        right.text_input("Search", key="search", bind="query-params", type="search", placeholder="Part of a name")
        .strip()
        .lower()
    )
    places = [
        place
        for place in ranked(boards[board], board)
        if place.result.model in kept
        and (sought in known[place.result.model].title.lower() or sought in place.result.model.lower())
    ]
    show_protocol(board, boards[board])
    scorings.show(board, [place.result for place in places], boards, known)
    table = benchmark_table.as_table([place.result for place in places], known)
    table.insert(0, "Rank", [place.rank for place in places])
    st.caption(f"{len(places)} of {len(boards[board])} rows of this board. A click on a header sorts.")
    benchmark_table.show(table.rename(columns={"Model": topic_of(board.benchmark).rows_are}), "leaderboard")
