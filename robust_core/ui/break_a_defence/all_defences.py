"""Every defence under the settings that are chosen, as far as it is recorded or has just been run."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from robust_core.defences.table import fitting
from robust_core.studies.defence_check import DefenceRequest
from robust_core.studies.defence_outcomes import AttackerOutcome, DefenceOutcome
from robust_core.ui import on_page, recorded
from robust_core.ui.break_a_defence.runs import percent


def show(request: DefenceRequest) -> None:
    """The table, or that nothing is recorded for these settings."""
    st.subheader("All defences × attackers", anchor=False)
    found = known(request)
    if not found:
        st.caption("No recorded run has these settings. Choose a defence and press Run.")
        return
    st.table(table_of(found), hide_index=True, alt="What each attacker leaves of each defence")
    st.caption(
        f"Accuracy with its 95% Wilson interval, in percent; n = {len(found[0].clean)}, {request.ball}, "
        f"{request.steps} steps, seed {request.seed}. The worst case is over all attackers: an upper bound still."
    )


def known(request: DefenceRequest) -> list[DefenceOutcome]:
    """What is recorded, and what the page shows."""
    (spec,), found = request.models, []
    shown = on_page.shown()
    for row in fitting(spec):
        one = replace(request, defences=(row.key,))
        recording = recorded.find(one)
        result = recording.result if recording else shown[one.key].result if one.key in shown else None
        if result is not None:
            found.append(result.outcomes[spec.name][0])
    return found


def table_of(found: list[DefenceOutcome]) -> pd.DataFrame:
    """A row for each defence."""
    return pd.DataFrame(
        {
            "Defence": one.row.title,
            "Kind": "honest" if one.row.honest else "fake",
            "Clean": percent(one.clean_accuracy),
            "Naive": percent(one.naive.accuracy),
            "Adaptive": "; ".join(map(_said, one.adaptive)),
            "Worst case": percent(one.worst_case),
            "Alarms": len(one.alarms),
        }
        for one in found
    )


def _said(one: AttackerOutcome) -> str:
    return f"{one.row.title.removesuffix(', margin loss')} {percent(one.accuracy)}"
