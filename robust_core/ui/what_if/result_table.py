"""How a result for a set of images looks: models side by side, caveats, and a table with its protocol to take away."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from robust_core.studies.study_result import StudyResult
from robust_core.ui import words


def in_two_columns(by_model: Sequence[Any], draw: Callable[[Any], None]) -> None:
    """Draw each model's part of a result in a card below its title, two beside each other."""
    for first in range(0, len(by_model), 2):
        for one, column in zip(by_model[first : first + 2], st.columns(2), strict=False):
            with column.container(border=True):
                st.markdown(f"**{words.plain(one.spec.title)}**")
                draw(one)


def show_caveats(caveats: Sequence[str]) -> None:
    """What a reader must know about the numbers."""
    for sentence in caveats:
        st.caption(f":material/info: {words.plain(sentence)}")


def show(found: StudyResult, rows: Sequence[Mapping[str, str | int]], protocol: str, file_name: str) -> None:
    """The numbers in words, a row each, by which protocol, and the result's own table as CSV."""
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    left, right = st.columns([5, 1])
    left.markdown(f"{words.BADGES['live']} {words.plain(protocol)}")
    right.download_button(
        "CSV", found.csv, f"{file_name}.csv", "text/csv", icon=":material/download:", on_click="ignore", width="stretch"
    )
