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
from robust_core.ui.links import note_unknown

VIEWS = {
    "Leaderboard": ranking.show,
    "Corruptions": corruptions.show,
    "PGD": attacks.show,
    "Perturbations": flip_rates.show,
    "Calibration": calibration.show,
    "Error kinds": error_kinds.show,
    "ImageNet-X": factors.show,
    "Certificates": certificates.show,
    "Shape bias": shape.show,
    "Any against any": scatter.show,
    "One model": one.show,
    "Two models": pair.show,
    "Check a number": check.show,
    "Run": start.show,
}
ABOUT_MODELS = ("One model", "Two models")  # attacks and methods are none

st.title("How do models compare on whole benchmarks?", anchor=False)
st.write(
    "Full benchmark results, published and computed by this project, each with its protocol, its n and its source."
)
words.show_how_to_read("benchmarks")
note_unknown("view", "view", list(VIEWS))
view = st.pills(
    "View",
    list(VIEWS),
    default="Leaderboard",
    key="view",
    bind="query-params",
    required=True,
    label_visibility="collapsed",
    wrap=True,
)
world = worlds.world()
boards = {board: rows for board, rows in evidence.by_board().items() if board.label_space == world}
if boards:
    of_models = {board: rows for board, rows in boards.items() if topic_of(board.benchmark).rows_are == "Model"}
    VIEWS[view](of_models if view in ABOUT_MODELS else boards)
else:
    why = (
        "The benchmarks are made of ImageNet's classes"
        if world not in (IMAGENET, MINI)
        else "No results of this world are here yet"
    )
    st.info(f"{why}. The published results are in the world “ImageNet”; switch in the sidebar.", icon=":material/info:")
