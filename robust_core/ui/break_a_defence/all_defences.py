"""Every defence under the settings that are chosen, as far as it is recorded or has just been run."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from robust_core.defences.table import fitting
from robust_core.jobs import queue
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.defence_outcomes import AttackerOutcome, DefenceOutcome
from robust_core.ui import recorded
from robust_core.ui.break_a_defence.runs import percent

SHARE = st.column_config.TextColumn(width=132)


def show(request: DefenceRequest) -> None:
    """The table, or that nothing is recorded for these settings."""
    st.subheader("All defences × attackers", anchor=False)
    found = known(request)
    if not found:
        st.caption("No recorded run has these settings. Choose a defence and press Run.")
        return
    table = table_of(found)
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config=dict.fromkeys(table.columns.drop(["Defence", "Kind", "Alarms"]), SHARE),
    )
    st.caption(
        f"Accuracy with its 95% Wilson interval, in percent; n = {len(found[0].clean)}, {request.ball}, "
        f"{request.steps} steps, seed {request.seed}. An empty cell: that "
        "attacker has no use here. The worst case is over all attackers: an upper bound still."
    )


def known(request: DefenceRequest) -> list[DefenceOutcome]:
    """What is recorded, and what has been run since this server began, as far as it remembers."""
    (spec,), found = request.models, []
    for row in fitting(spec):
        one = replace(request, defences=(row.key,))
        known = recorded.find(one) or queue("device").find(one.key)
        if known is not None and known.result is not None:
            found.append(known.result.outcomes[spec.name][0])
    return found


def table_of(found: list[DefenceOutcome]) -> pd.DataFrame:
    """A row for each defence, a column for each attacker that any of them is shown to."""
    titles = dict.fromkeys(_title(its) for one in found for its in one.adaptive)
    return pd.DataFrame(_row(one, list(titles)) for one in found)


def _row(one: DefenceOutcome, titles: list[str]) -> dict[str, str | int | None]:
    left = {_title(its): percent(its.accuracy) for its in one.adaptive}
    who = {
        "Defence": one.row.title,
        "Kind": "honest" if one.row.honest else "fake",
        "Clean": percent(one.clean_accuracy),
    }
    adaptive = {title: left.get(title) for title in titles}
    worst = {"Naive": percent(one.naive.accuracy), "Worst case": percent(one.worst_case), "Alarms": len(one.alarms)}
    return who | worst | adaptive


def _title(one: AttackerOutcome) -> str:
    return one.row.title.replace(", margin loss", "")
