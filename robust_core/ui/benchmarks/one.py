"""One model: every number that there is of it, each with its source."""

import streamlit as st

from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models
from robust_core.ui.benchmarks import row_table as benchmark_table
from robust_core.ui.benchmarks.choice import PAPER, Boards


def show(boards: Boards) -> None:
    """Choose a model and perhaps a part of a benchmark's or metric's name."""
    rows = [row for of_board in boards.values() for row in of_board]
    known = known_models.who(rows)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        model = choice.choose_model("Model", known, "card", PAPER[-1])
    sought = (
        right.text_input(
            "Search",
            key="card_search",
            bind="query-params",
            persist_state="session",
            type="search",
            placeholder="Benchmark or metric",
        )
        .strip()
        .lower()
    )
    of_model = [row for row in rows if row.model == model]
    table = benchmark_table.as_table(of_model, known).drop(columns=["Model", "Training"])
    names = ["Benchmark", "Metric", "Condition"]
    table = table[[*names, *(name for name in table if name not in names)]]
    kept = table[names].agg(" ".join, axis=1).str.lower().str.contains(sought, regex=False)
    st.markdown(
        f"**{words.plain(known[model].title)}** · {words.plain(known[model].family)} · {kept.sum():,} of "
        f"{len(table):,} numbers"
    )
    benchmark_table.show(table[kept], "one_model")
