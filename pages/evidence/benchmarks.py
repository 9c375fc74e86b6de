"""Benchmarks: what was published and what was computed here, ranked, drawn and compared; every number with its protocol and source."""

import streamlit as st

from robust_core.benchmark import evidence
from robust_core.ui import (
    benchmark_attacks,
    benchmark_calibration,
    benchmark_check,
    benchmark_corruptions,
    benchmark_films,
    benchmark_leaderboard,
    benchmark_one,
    benchmark_pair,
    benchmark_scatter,
    benchmark_shape,
    benchmark_start,
    words,
    worlds,
)
from robust_core.ui.links import note_unknown

VIEWS = {
    "Leaderboard": benchmark_leaderboard.show,
    "Corruptions": benchmark_corruptions.show,
    "PGD": benchmark_attacks.show,
    "Perturbations": benchmark_films.show,
    "Calibration": benchmark_calibration.show,
    "Shape bias": benchmark_shape.show,
    "Any against any": benchmark_scatter.show,
    "One model": benchmark_one.show,
    "Two models": benchmark_pair.show,
    "Check a number": benchmark_check.show,
    "Run": benchmark_start.show,
}

st.title("Benchmarks", anchor=False)
st.write("Full benchmark results, published and computed by this project, each with its protocol, its n and its source.")
words.show_how_to_read("benchmarks")
note_unknown("view", "view", list(VIEWS))
view = st.pills("View", list(VIEWS), default="Leaderboard", key="view", bind="query-params", required=True, label_visibility="collapsed", wrap=True)
boards = {board: rows for board, rows in evidence.by_board().items() if board.label_space == worlds.world()}
if boards:
    VIEWS[view](boards)
else:
    st.info("No results of this world are here yet. The published ones are in the world “ImageNet”; switch in the sidebar.", icon=":material/info:")
