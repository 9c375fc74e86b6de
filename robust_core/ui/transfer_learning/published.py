"""What Salman et al. 2020 published of transfer learning: the best accuracy of each data set and network, and at which
ε it was reached.
"""

from collections import Counter

import pandas as pd
import streamlit as st

from robust_core.plots import board_charts
from robust_core.plots.board_charts import Group, Point
from robust_core.results import Result, published
from robust_core.ui import words
from robust_core.ui.components.live_chart import live_chart

TABLE = "salman2020_transfer"
MODES = {"fixed-feature": "#D35D00", "full-network": "#0B73B0"}  # with their colours
CHART_PX = 320


def show(*, expanded: bool = False) -> None:
    """At which ε the best accuracies were reached, and a row for each data set and network."""
    with st.expander("Published: robust ImageNet models on 12 data sets", expanded, icon=":material/menu_book:"):
        found = rows()
        st.markdown(f"{words.BADGES['published']} {_finding(found)}")
        _show_best_eps(found)
        st.caption(
            "**Only the best of each data set and network is published as a table**; accuracies at other ε are figures "
            "in the paper. Not comparable with what is computed here: "
            f"{words.plain(found[0].protocol)}. n is not stated. Salman et al. 2020 (arXiv 2007.08489), "
            "microsoft/robust-models-transfer, MIT."
        )
        st.dataframe(table(found), hide_index=True)


def rows() -> list[Result]:
    """The published accuracies."""
    return published(TABLE)


def table(found: list[Result]) -> pd.DataFrame:
    """Data set by network, with the best accuracy of both modes and the L2 ε that it was reached at."""
    cells: dict[tuple[str, str], dict[str, object]] = {}
    for one in found:
        row = cells.setdefault((one.condition.words["dataset"], _network(one)), {})
        row |= {f"{_mode(one).capitalize()}, %": round(one.value, 1), f"Best ε, {_mode(one)}": _eps(one)}
    return pd.DataFrame({"Data set": name, "Network": network} | row for (name, network), row in cells.items())


def _finding(found: list[Result]) -> str:
    robust = Counter(_mode(one) for one in found if _eps(one) > 0)
    each, largest = len(found) // len(MODES), max(map(_eps, found))
    between = sum(0 < _eps(one) < largest for one in found)
    said = ", ".join(f"{robust[mode]} of {each} by {mode} transfer" for mode in MODES)
    return (
        f"The best model was trained against attacks (L2 ε above 0) in {said}. In all, {between} of {len(found)} best "
        f"models lie between no attacks and the largest ε, {largest:g}."
    )


def _show_best_eps(found: list[Result]) -> None:
    every = sorted({_eps(one) for one in found})
    groups = []
    for mode, colour in MODES.items():
        counts = Counter(_eps(one) for one in found if _mode(one) == mode)
        points = [Point(f"{eps:g}", counts[eps], None, None, f"ε = {eps:g}, {mode}: {counts[eps]}") for eps in every]
        groups.append(Group(mode, colour, points, hollow=False))
    figure = board_charts.bars(groups, "data sets × networks")
    figure["layout"]["xaxis"] |= {
        "title": {"text": "L2 ε of the best model’s training (0: no attacks)"},
        "tickangle": 0,
    }
    said = "; ".join(point.words for group in groups for point in group.points)
    live_chart(figure, key="published_best_eps", height_px=CHART_PX, alt=f"Best ε: {said}", png_name="best_eps")


def _mode(one: Result) -> str:
    return next(mode for mode in MODES if mode in one.benchmark)


def _network(one: Result) -> str:
    if one.model.startswith("salman_"):
        return one.model.removeprefix("salman_").rpartition("_l2_")[0]
    return "wide_resnet50_4"


def _eps(one: Result) -> float:
    return float(one.condition.words["eps"])
