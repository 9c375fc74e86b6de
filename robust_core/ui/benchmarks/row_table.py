"""The benchmarks' rows as one table for the eye, without what is the same in every row, and as a whole table to take
away.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd
import streamlit as st

from robust_core import csv_cells
from robust_core.attacks.table import ATTACKS
from robust_core.benchmark.error_kinds import KIND_TITLES
from robust_core.benchmark.leaderboard import METRICS
from robust_core.benchmark.sources import SOURCES
from robust_core.models.catalogue import TABLE
from robust_core.results import BenchmarkCondition, Result
from robust_core.ui import words
from robust_core.ui.benchmarks.known_models import Known, tag_colour

ROW_PX = 35
LARGEST_PX = 460
PERCENT = "%"
LONG = 24  # characters of a header that would set the width of its column
BOUNDS = "95% interval"
BETTER = {True: "higher is better", False: "lower is better", None: "neither end is better"}
WHO = st.column_config.TextColumn(width=170)
NUMBER = st.column_config.NumberColumn(format="%.1f")
COLUMNS: dict[str, Any] = {
    "Model": WHO,
    "Attack": WHO,
    "Method": WHO,
    "Rank": st.column_config.NumberColumn(
        width=50, help="1 is the best; where neither end is better, the highest. Equal values share a rank."
    ),
    "Paper": st.column_config.TextColumn(width=55, help="★ One of the five models of Orhan 2019"),
    "Value": NUMBER,
    BOUNDS: st.column_config.TextColumn(help="In the unit of the value"),
    "n": st.column_config.NumberColumn(format="localized", help="Images behind the value; empty where not stated"),
    "Badge": st.column_config.TextColumn(
        help="PUBLISHED: as its source states it. CACHED: computed by this project's runner."
    ),
    "Interval": st.column_config.TextColumn(width=110, help="The method of the 95% interval"),
    "Training stated by": st.column_config.TextColumn(width="large"),
    "McNemar p": st.column_config.NumberColumn(format="%.2g"),
    "Protocol": st.column_config.TextColumn(width=150),
}
FIRST = ("Rank", "Attack", "Method", "Model", "Benchmark", "Metric", "Condition", "Value", "Top-1 accuracy", "Unit")
FIRST += (BOUNDS, "Paper")  # from the left
ALWAYS = {"Rank", "Attack", "Method", "Model", "Value"}  # shown even where every row has the same
# shown as an interval and a link, or told with the protocol; also of one side of two ("Low, first"), and of a column
# ("AURRA: source")
NEVER = {"Low", "High", "Training stated by", "Source"}
OF_A_SIDE = {"Low", "High", "Interval", "Badge", "Source", "n"}
SAID = frozenset({"Benchmark", "Metric", "Unit", "Protocol", "Badge", "Paper"})  # by the words about a board
CONSTANT = {"n": "n = {value:,}", "Interval": "95% intervals: {value}", "Badge": "{value}"}  # otherwise by its name
MODEL_TITLES = {spec.key: spec.title for spec in TABLE}
NORM_TITLES = {"l0": "L0", "l1": "L1", "l2": "L2", "linf": "L∞"}


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
            "Training stated by": [known[row.model].stated for row in rows],
        }
    )


def in_words(condition: str) -> str:
    """A condition such as "corruption=zoom_blur severity=3" for people: "zoom blur, severity 3"."""
    return ", ".join(_setting_in_words(name, value) for name, value in BenchmarkCondition(condition).words.items())


def show(
    table: pd.DataFrame, file_stem: str, *, titles: Mapping[str, str] | None = None, said: Collection[str] = frozenset()
) -> None:
    """The table, sortable by its headers, and a button that saves all of it.

    Columns that are the same in every row are told in one line above it, but for those `said` elsewhere; `titles` are
    other headers for columns.
    """
    shown = table.assign(**{BOUNDS: _bounds(table)}) if {"Low", "High"} <= set(table) else table
    if "Source" in table:
        shown = shown.assign(Link=table["Source"].map(_link))
    order = shown_columns(shown)
    told = _constant_words(table, {*order, *said})
    if told:
        st.caption(words.plain(f"The same in every row: {told}."))
    st.dataframe(
        shown,
        hide_index=True,
        height=min(LARGEST_PX, ROW_PX * (len(table) + 1) + 3),
        column_order=order,
        column_config=_columns(shown, titles or {}),
        placeholder="",
        key=f"{file_stem}_table",
        alt=f"{file_stem.replace('_', ' ')}, {words.count(len(table), 'row')}",
    )
    st.download_button(
        "This table as CSV",
        lambda: csv_cells.of_frame(table),
        f"{file_stem}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{file_stem}_csv",
    )


def shown_columns(table: pd.DataFrame) -> list[str]:
    """The columns for the eye, the most telling first: without what every row has alike."""
    varied = [name for name in table if name in ALWAYS or (not _is_hidden(name) and _is_varied(table[name]))]
    return sorted(varied, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _is_hidden(name: str) -> bool:
    """Whether a column is only in the file and in the table's own menu of columns."""
    of_side = name.endswith((", first", ", second", ", across")) and name.split(", ")[0] in OF_A_SIDE
    return name in NEVER or of_side or name.startswith("n, ") or name.endswith((": source", ": protocol"))


def _is_varied(column: pd.Series) -> bool:
    return column.nunique(dropna=False) > 1


def _bounds(table: pd.DataFrame) -> list[str]:
    """Low and high of every row in one word: "88.0–88.6"."""
    return [
        "" if pd.isna(low) else f"{low:.1f}–{high:.1f}" for low, high in zip(table["Low"], table["High"], strict=True)
    ]


def _constant_words(table: pd.DataFrame, said: Collection[str]) -> str:
    """What every row has alike and nothing else says, such as "n = 50,000; 95% intervals: Wilson"."""
    told = [
        CONSTANT.get(name, "{name}: {value}").format(name=name.lower(), value=value)
        for name in table
        if name not in {*said, *ALWAYS}
        and not _is_hidden(name)
        and len(table)
        and not _is_varied(table[name])
        and pd.notna(value := table[name].iloc[0])
        and value != ""
    ]
    return "; ".join(told)


def _columns(table: pd.DataFrame, titles: Mapping[str, str]) -> dict[str, Any]:
    """How each column looks: numbers to one decimal, the value as a bar where all rows have one unit and metric."""
    floats = table.select_dtypes("float").columns.difference(list(COLUMNS))
    looks: dict[str, Any] = {name: NUMBER for name in floats} | COLUMNS
    if {"Value", "Unit", "Metric"} <= set(table) and len(table[["Unit", "Metric"]].drop_duplicates()) == 1:
        looks["Value"] = _bar(table)
    if "Training" in table:
        groups = list(dict.fromkeys(table["Training"]))
        looks["Training"] = st.column_config.MultiselectColumn(
            options=groups, color=[tag_colour(group) for group in groups], width="medium"
        )
    if "Link" in table:
        looks["Link"] = st.column_config.LinkColumn("Source", display_text=r"#(.*)$", width=140)
    looks |= {name: looks.get(name, {}) | {"label": title} for name, title in titles.items()}
    return looks | {name: looks.get(name, {}) | {"width": 110} for name in table if len(name) > LONG}


def _bar(table: pd.DataFrame) -> Any:
    """A bar from 0 for every value, to 100% where that is the most there can be."""
    unit, metric = table["Unit"].iloc[0], table["Metric"].iloc[0]
    better = next(one.higher_is_better for one in METRICS.values() if one.title == metric)
    arrow = {True: " ↑", False: " ↓", None: ""}[better]
    whole = unit.startswith(PERCENT) and table["Value"].max() <= 100
    return st.column_config.ProgressColumn(
        f"{metric}{arrow}",
        help=f"In {unit}; {BETTER[better]}",
        format="%.1f%%" if unit == PERCENT else "%.1f",
        min_value=min(0.0, float(table["Value"].min())),
        max_value=100.0 if whole else float(table["Value"].max()),
        width=125,
    )


def _link(source: str) -> str | None:
    """The address of a row's source, ending in `#` and its name, which the table shows in place of the address."""
    address = next((one.address for one in SOURCES if one.mark in source and one.address), None)
    return f"{address}#{quote(source.split(';')[0])}" if address else None


def _setting_in_words(name: str, value: str) -> str:
    return SPOKEN[name](value) if name in SPOKEN else f"{name} {value}"


def _spaced(value: str) -> str:
    return value.replace("_", " ")


SPOKEN: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("corruption", "perturbation", "category", "factor"), _spaced),
    "kind": lambda value: KIND_TITLES.get(value, value),
    "norm": lambda value: NORM_TITLES.get(value, value),
    "attack": lambda value: ATTACKS[value].title if value in ATTACKS else value,
    "source": lambda value: f"found on {MODEL_TITLES.get(value, value)}",
    "target": lambda value: f"against {value}",
    "eps": lambda value: f"ε {float(value):.4g}",
    "sigma": lambda value: f"σ {float(value):g}",
    "blur_px": lambda value: f"blur σ {value} px",
    "cue": _spaced,
    "zoom": lambda value: f"size × {value}",
    "rotation_degrees": lambda value: f"turned by {value}°",
    "hue_degrees": lambda value: f"hue + {value}°",
    "right_percent": lambda value: f"{abs(float(value)):g}% {'left' if float(value) < 0 else 'right'}",
    "down_percent": lambda value: f"{abs(float(value)):g}% {'up' if float(value) < 0 else 'down'}",
    "background": lambda value: f"background: {value}",
    "resolution_px": lambda value: f"{value} px",
    "steps": lambda value: f"{value} step{'s' * (value != '1')}",
    "pictures": lambda value: f"{value} images",
}
