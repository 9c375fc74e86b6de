"""Published transfer attacks: how often each fools each target, by one protocol, from one surrogate."""

import pandas as pd
import streamlit as st

from robust_core.results import Result, published
from robust_core.ui import words

TABLE, METRIC = "transferattack", "attack_success_rate"
TARGET = "target="


def show() -> None:
    """A row for each attack, a column for each target, the most successful first."""
    with st.expander("Published: 97 transfer attacks on ImageNet networks", icon=":material/menu_book:"):
        found = rows()
        st.caption(
            f"{words.BADGES['published']} Attack success rate in %, **not comparable** with the matrix above: "
            f"{words.plain(found[0].protocol)}. n = {found[0].n:,}; 95% intervals of single rates are up to ±3.1 "
            f"points. {words.plain(found[0].source.partition(';')[0])}, MIT."
        )
        st.dataframe(table(found))


def rows() -> list[Result]:
    """The published success rates."""
    return [one for one in published(TABLE) if one.metric == METRIC]


def table(found: list[Result]) -> pd.DataFrame:
    """Attack by target, the attack with the highest mean first."""
    flat = pd.DataFrame(
        {"Attack": one.model, "target": one.condition.removeprefix(TARGET), "rate": one.value} for one in found
    )
    wide = flat.pivot_table(index="Attack", columns="target", values="rate", sort=False)
    return wide.loc[wide.mean(axis=1).sort_values(ascending=False, kind="stable").index]
