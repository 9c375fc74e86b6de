"""Benchmarks: what was published and what was computed here, ranked, drawn and compared; every number with its protocol
and source.
"""

import streamlit as st

from robust_core.benchmark import evidence
from robust_core.benchmark.topics import topic_of
from robust_core.labels import IMAGENET, MINI
from robust_core.ui import words, worlds
from robust_core.ui.benchmarks import (
    attacks,
    calibration,
    certificates,
    check,
    corruptions,
    error_kinds,
    factors,
    flip_rates,
    one,
    pair,
    ranking,
    scatter,
    shape,
    start,
)
from robust_core.ui.benchmarks.views import choose_view
from robust_core.ui.server import script_turns

GROUPS = {
    "Compare": {
        "Scatter plot": scatter.show,
        "Leaderboard": ranking.show,
        "Two models": pair.show,
        "Shape bias": shape.show,
    },
    "Look up": {
        "One model": one.show,
        "Corruptions": corruptions.show,
        "PGD": attacks.show,
        "Perturbations": flip_rates.show,
        "Calibration": calibration.show,
        "Error kinds": error_kinds.show,
        "ImageNet-X": factors.show,
        "Certificates": certificates.show,
    },
    "Reproduce": {
        "Check a number": check.show,
        "Run": start.show,
    },
}
ABOUT_MODELS = (one.show, pair.show)  # attacks and methods are none

st.title("How do models compare?", anchor=False)
show = choose_view(GROUPS, was_first="Leaderboard", its_keys=frozenset(ranking.KEYS))
world = worlds.world()
with script_turns.aside():  # at first the tables are read
    every_board = evidence.by_board()
boards = {board: rows for board, rows in every_board.items() if board.label_space == world}
answer = st.container()
words.show_how_to_read("benchmarks")
with answer:  # run last, since it may end with a part that refreshes itself
    if boards:
        of_models = {board: rows for board, rows in boards.items() if topic_of(board.benchmark).rows_are == "Model"}
        show(of_models if show in ABOUT_MODELS else boards)
    else:
        why = (
            "The benchmarks are made of ImageNet's classes"
            if world not in (IMAGENET, MINI)
            else "No results of this world are here yet"
        )
        st.info(
            f"{why}. The published results are in the world “ImageNet”; switch in the sidebar.", icon=":material/info:"
        )
