"""What others measured by the same kind of attacks: RobustBench's leaderboard and ARES-Bench's, on ImageNet."""

import pandas as pd
import streamlit as st

from robust_core.attacks.threat import in_255ths
from robust_core.labels import IMAGENET
from robust_core.results import Result, published
from robust_core.ui import words, worlds

BOARDS = {"RobustBench": ("robustbench", "RobustBench L∞"), "ARES-Bench": ("ares2023", "ARES L∞")}
METRIC = "top1_under_attack"


def show() -> None:
    """A row for each model and attack, best first, of one board at a time."""
    board = st.segmented_control(
        "Board",
        list(BOARDS),
        default="RobustBench",
        key="compare_board",
        bind="query-params",
        persist_state="session",
        required=True,
    )
    rows = rows_of(board)
    st.dataframe(
        pd.DataFrame(map(_row, rows)),
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.1f") for name in ("Left, %", "low", "high")},
    )
    elsewhere = "" if worlds.world() == IMAGENET else " Mini has other images and models: compare gaps, not heights."
    bounds = "low, high: Wilson's 95% interval for n images."
    st.caption(f"{words.BADGES['published']} ImageNet. {_sources(rows)}. {bounds}{elsewhere}")


def rows_of(board: str) -> list[Result]:
    """The accuracies under attack of a board whose number of images is known, best first."""
    table, benchmark = BOARDS[board]
    found = [row for row in published(table) if (row.benchmark, row.metric) == (benchmark, METRIC) and row.n]
    return sorted(found, key=lambda row: -row.value)


def _row(row: Result) -> dict[str, object]:
    images, _, attack = row.protocol.partition("; ")
    interval = row.interval
    return {
        "Model": row.model,
        "Attack": attack,
        "ε": in_255ths(round(row.setting("eps") * 255, 3) / 255),
        "Left, %": row.value,
        "low": None if interval is None else 100 * interval.low,
        "high": None if interval is None else 100 * interval.high,
        "n": row.n,
        "Images": images,
        "Source": row.source,
    }


def _sources(rows: list[Result]) -> str:
    return "; ".join(dict.fromkeys(words.plain(row.source.partition(";")[0]) for row in rows))
