"""The benchmarks' rows as one table for the eye and as the same table to take away."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.benchmark.error_kinds import KIND_TITLES
from robust_core.benchmark.leaderboard import METRICS
from robust_core.results import BenchmarkCondition, Result
from robust_core.ui.benchmarks.known_models import Known

ROW_PX = 35
LARGEST_PX = 460
LONGEST_TEXT = 48
INTERVAL = "95% interval, in the unit of the value; the column Interval names its method"
WHO = st.column_config.TextColumn(width="medium", pinned=True)
COLUMNS = {
    "Model": WHO,
    "Attack": WHO,
    "Method": WHO,
    "Rank": st.column_config.NumberColumn(
        width="small", help="1 is the best; where neither end is the good one, the highest. Equal values share it."
    ),
    "Value": st.column_config.NumberColumn(format="%.2f"),
    "Low": st.column_config.NumberColumn(format="%.2f", help=INTERVAL),
    "High": st.column_config.NumberColumn(format="%.2f", help=INTERVAL),
    "n": st.column_config.NumberColumn(
        format="localized", help="Images behind the value; empty where it is not stated"
    ),
    "Badge": st.column_config.TextColumn(
        help="PUBLISHED: as its source states it. CACHED: computed by this project's runner."
    ),
    "McNemar p": st.column_config.NumberColumn(format="%.2g"),
    "Protocol": st.column_config.TextColumn(width="large"),
    "Source": st.column_config.TextColumn(width="large"),
}
NORM_TITLES = {"l0": "L0", "l1": "L1", "l2": "L2", "linf": "L∞"}
OTHER_NUMBERS = st.column_config.NumberColumn(format="%.2f")


def as_table(rows: Sequence[Result], known: dict[str, Known]) -> pd.DataFrame:
    """One line per row, in the rows' order, with everything that a number must not travel without."""
    bounds = [row.bounds or (None, None) for row in rows]
    return pd.DataFrame(
        {
            "Model": [known[row.model].title for row in rows],
            "Value": [row.value for row in rows],
            "Unit": [row.unit for row in rows],
            "Low": [low for low, _ in bounds],
            "High": [high for _, high in bounds],
            "n": pd.array([row.n or None for row in rows], dtype="Int64"),
            "Badge": [row.kind.upper() for row in rows],
            "Training": [known[row.model].family for row in rows],
            "Interval": [row.bounds_method for row in rows],
            "Benchmark": [row.benchmark for row in rows],
            "Metric": [METRICS[row.metric].title for row in rows],
            "Condition": [in_words(row.condition) for row in rows],
            "Protocol": [row.protocol for row in rows],
            "Source": [row.source for row in rows],
        }
    )


def in_words(condition: str) -> str:
    """A condition such as "corruption=zoom_blur severity=3" for people: "zoom blur, severity 3"."""
    return ", ".join(_setting_in_words(name, value) for name, value in BenchmarkCondition(condition).words.items())


def shortened(text: str) -> str:
    """As much of `text` as stands beside an axis."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def show(table: pd.DataFrame, file_stem: str) -> None:
    """The table, sortable by its headers, and a button that saves exactly what is shown."""
    height = min(LARGEST_PX, ROW_PX * (len(table) + 1) + 3)
    others = {name: OTHER_NUMBERS for name in table.select_dtypes("float").columns.difference(list(COLUMNS))}
    st.dataframe(
        table, hide_index=True, height=height, column_config=COLUMNS | others, placeholder="", key=f"{file_stem}_table"
    )
    st.download_button(
        "This table as CSV",
        lambda: table.to_csv(index=False),
        f"{file_stem}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{file_stem}_csv",
    )


def _setting_in_words(name: str, value: str) -> str:
    if name in ("corruption", "perturbation", "category", "factor"):
        return value.replace("_", " ")
    if name == "kind":
        return KIND_TITLES.get(value, value)
    if name == "norm":
        return NORM_TITLES.get(value, value)
    if name == "target":
        return f"against {value}"
    if name == "eps":
        return f"ε {float(value):.4g}"
    return (
        f"{value} px"
        if name == "resolution_px"
        else f"{value} {name}"
        if name == "steps"
        else f"{value} images"
        if name == "pictures"
        else f"{name} {value}"
    )
