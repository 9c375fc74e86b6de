"""What a board is, in words: its title, whose numbers stand on it, by what protocol and under which licence."""

from collections.abc import Iterable, Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board
from robust_core.benchmark.sources import licences_of
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks.row_table import in_words

HERE = "computed here"


def title(board: Board) -> str:
    """Metric, benchmark and condition, without the protocol."""
    return ", ".join(
        part for part in (f"{METRICS[board.metric].title} on {board.benchmark}", in_words(board.condition)) if part
    )


def authors(rows: Iterable[Result]) -> str:
    """Who published `rows`; what was computed here is one author, however many runs it took."""
    return " / ".join(dict.fromkeys(row.source.split(";")[0] if row.kind == "published" else HERE for row in rows))


def show_protocol(board: Board, rows: Sequence[Result]) -> None:
    """What is shown of `board`, how and by whom it was measured, and a warning where its numbers were corrected
    later.
    """
    if board.superseded:
        st.warning(
            "These numbers were corrected later; they are here to be traced, not to be compared.",
            icon=":material/history:",
        )
    st.markdown(protocol_words(board, rows))


def protocol_words(board: Board, rows: Sequence[Result]) -> str:
    """The same as one paragraph, behind its badge."""
    badges = " ".join(words.BADGES[kind] for kind in dict.fromkeys(row.kind for row in rows))
    of_whom = f" Source: {words.plain(authors(rows))}." if rows else ""
    licences = licences_of(rows)
    terms = (
        f" {'Licence' if len(licences) == 1 else 'Licences'}: {words.plain(' / '.join(licences))}." if licences else ""
    )
    return (
        f"{badges} **{words.plain(title(board))}**, in {words.plain(board.unit)}. Protocol: "
        f"{words.plain(board.protocol)}.{of_whom}{terms}".strip()
    )
