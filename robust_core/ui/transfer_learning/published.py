"""What Salman et al. 2020 published of transfer learning: the best accuracy of each data set and network, and at which
ε it was reached.
"""

import pandas as pd
import streamlit as st

from robust_core.results import Result, published
from robust_core.ui import words

TABLE = "salman2020_transfer"
MODES = ("fixed-feature", "full-network")


def show() -> None:
    """A row for each data set and network: the best accuracy by fixed features and by the full network, with its ε."""
    with st.expander("Published: robust ImageNet models on 12 data sets", icon=":material/menu_book:"):
        found = rows()
        robust = {mode: [one for one in found if mode in one.benchmark and _eps(one) > 0] for mode in MODES}
        each = len(found) // len(MODES)
        st.caption(
            f"{words.BADGES['published']} The best accuracy in % is reached by a robust model (ε above 0) in "
            f"{len(robust[MODES[0]])} of {each} cases with fixed features, and in {len(robust[MODES[1]])} of {each} "
            "with the full network. **Only the best of each is published as a table**: accuracies at other ε are "
            f"figures in the paper. Not comparable with the numbers above: {words.plain(found[0].protocol)}. n is not "
            "stated. Salman et al. 2020 (arXiv 2007.08489), microsoft/robust-models-transfer, MIT."
        )
        st.dataframe(table(found), hide_index=True)


def rows() -> list[Result]:
    """The published accuracies."""
    return published(TABLE)


def table(found: list[Result]) -> pd.DataFrame:
    """Data set by network, with the best accuracy of both modes and the L2 ε that it was reached at."""
    cells: dict[tuple[str, str], dict[str, object]] = {}
    for one in found:
        words_of = one.condition.words
        row = cells.setdefault((words_of["dataset"], _network(one)), {})
        mode = next(mode for mode in MODES if mode in one.benchmark)
        row |= {f"{mode.capitalize()}, %": round(one.value, 1), f"Best ε, {mode}": _eps(one)}
    return pd.DataFrame({"Data set": name, "Network": network} | row for (name, network), row in cells.items())


def _network(one: Result) -> str:
    if one.model.startswith("salman_"):
        return one.model.removeprefix("salman_").rpartition("_l2_")[0]
    return "wide_resnet50_4"


def _eps(one: Result) -> float:
    return float(one.condition.words["eps"])
