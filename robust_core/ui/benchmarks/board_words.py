"""What a board is, in words: its title, whose numbers stand on it, by what protocol and under which licence."""

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from robust_core.benchmark.leaderboard import METRICS, Board
from robust_core.benchmark.sources import licences_of, sources_of
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks.row_table import in_words

HERE = "computed here"
DIRECTIONS = {True: "Higher is better.", False: "Lower is better.", None: ""}
ATTACKS = ("PGD", "AutoAttack")  # as names of benchmarks have them
FILTERED = {  # benchmarks of images that a model was chosen to fail on
    "ImageNet-A": "ImageNet-A keeps only images that a ResNet-50 got wrong (Hendrycks et al. 2021): ResNet-50 and its "
    "relatives do worse here, and lie below a fitted line, by construction.",
    "mini-A": "mini-A keeps only hard images that a separate Mini ResNeXt got wrong: its relatives do worse here, and "
    "lie below a fitted line, by construction.",
}


def title(board: Board) -> str:
    """Metric, benchmark and condition, without the protocol: "Top-1 accuracy under white-box PGD, by ε"."""
    benchmark = re.sub(r" by eps\b", " by ε", board.benchmark).replace(" by ", ", by ")
    named = f"{METRICS[board.metric].title} on {benchmark}"
    if any(attack in benchmark for attack in ATTACKS):
        named = named.replace(" under attack on ", " under ")
    return ", ".join(filter(None, (named, in_words(board.condition))))


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
    """The same as one paragraph, behind its badge, with the model that its images were filtered by."""
    badges = " ".join(words.BADGES[kind] for kind in dict.fromkeys(row.kind for row in rows))
    licences = licences_of(rows)
    sentences = (
        f"{badges} **{words.plain(title(board))}**, in {words.plain(board.unit)}.",
        DIRECTIONS[METRICS[board.metric].higher_is_better],
        f"Protocol: {words.plain(board.protocol)}.",
        f"Source: {linked_authors(rows)}." if rows else "",
        f"{'Licence' if len(licences) == 1 else 'Licences'}: {words.plain(' / '.join(licences))}." if licences else "",
        filter_words(board.benchmark),
    )
    return " ".join(filter(None, sentences)).strip()


def linked_authors(rows: Iterable[Result]) -> str:
    """Who published `rows` as Markdown, each a link to the source where it has an address."""
    linked: dict[str, None] = {}
    for row in rows:
        published = row.kind == "published"
        name = words.plain(row.source.split(";")[0] if published else HERE)
        address = next((one.address for one in sources_of(row) if one.address), None) if published else None
        linked[f"[{name}]({address})" if address else name] = None
    return " / ".join(linked)


def filter_words(benchmark: str) -> str:
    """By which model the images of a benchmark were filtered, a superseded table's too; empty where by none."""
    return next((said for name, said in FILTERED.items() if benchmark.split(",")[0] == name), "")
