"""The naive attack beside the adaptive ones: their curves on one clock, what each leaves, and the alarms."""

import streamlit as st

from robust_core.defences.attackers import ATTACKERS, NAIVE, Attacker
from robust_core.defences.table import Defence
from robust_core.jobs import Job, State
from robust_core.plots.charts import Line
from robust_core.studies.defence_outcomes import DefenceOutcome, judging
from robust_core.ui import jobs, recorded, words
from robust_core.ui.break_a_defence import runs
from robust_core.ui.break_a_defence.runs import DefenceRun
from robust_core.ui.components.stage import stage

RESERVED_PX = 550  # the browser has the stage later than what is below it
SIGNS = {True: ":green-badge[:material/verified: honest]", False: ":orange-badge[:material/masks: fake]"}


def show_defence(defence: Defence) -> None:
    """What the defence does, who proposed it, and what its numbers cannot say."""
    st.markdown(f"{SIGNS[defence.honest]} {words.plain(defence.sentence)} :small[{words.plain(defence.source)}]")
    if defence.remark:
        st.caption(words.plain(defence.remark))


def show(run: DefenceRun | None, chance: float) -> None:
    """The run: growing, over, or the axes alone before the first."""
    if run is None:
        _stage([], 1, chance, None)
        return
    job = runs.start(run)
    found = runs.outcome(run, job)
    if found is None:
        _stage(runs.lines_so_far(job), run.request.steps, chance, None)
        if job.state is not State.DONE:
            jobs.show_progress(runs.SLOT, job)
        return
    _stage(runs.lines_of(found), run.request.steps, chance, run if run.recorded else None)
    _show_numbers(found)
    _show_alarms(found)
    _show_origin(run, found, job)


def _stage(lines: list[Line], steps: int, chance: float, played: DefenceRun | None) -> None:
    with st.container(key="defence_stage_place", height=RESERVED_PX, border=False):
        stage(
            lines,
            [],
            key="defence_stage",
            last=steps,
            steps=steps,
            chance=chance,
            alt="Accuracy against attack steps. " + "; ".join(f"{one.title}: {one.words[-1]}" for one in lines),
            played=None if played is None else played.key,
        )


def _show_numbers(found: DefenceOutcome) -> None:
    left, right = st.columns(2)
    with left.container(border=True):
        st.markdown(f"**Naive** · {_about(NAIVE)}")
        st.metric("Accuracy left", f"{100 * found.naive.accuracy.estimate:.1f}%", border=False)
        st.caption(f"{found.naive.accuracy}; clean {found.clean_accuracy}")
    with right.container(border=True):
        st.markdown("**Adaptive** · the worst case over all attackers")
        st.metric("Accuracy left", f"{100 * found.worst_case.estimate:.1f}%", border=False)
        each = "; ".join(f"{one.row.title} {one.accuracy}" for one in found.adaptive)
        st.caption(words.plain(f"{found.worst_case}, an upper bound still. {each}"))
    with st.expander("What the attackers do", icon=":material/swords:"):
        st.markdown("\n".join(f"- **{words.plain(one.row.title)}**: {_about(one.row)}" for one in found.attackers))


def _about(attacker: Attacker) -> str:
    return f"{words.plain(attacker.sentence)} :small[{words.plain(attacker.source)}]"


def _show_alarms(found: DefenceOutcome) -> None:
    st.subheader("Alarms of the naive attack", anchor=False)
    if not found.alarms:
        st.success("No alarm: nothing says that the naive attack failed, which does not prove that it succeeded.")
        return
    said = [f"- {words.plain(one.sentence)} :small[{words.plain(one.source)}]" for one in found.alarms]
    st.warning("\n".join(said), icon=":material/report:")


def _show_origin(run: DefenceRun, found: DefenceOutcome, job: Job) -> None:
    network = "" if found.standing == found.spec else f" {found.standing.title} stands in for {found.spec.title}."
    seconds = sum(one.seconds for one in found.attackers)
    tried = ", ".join(ATTACKERS[one.attacker].title for one in found.attackers)
    st.caption(
        f"{recorded.origin(found.device, run.recording(run.request.spec))}; {words.seconds(seconds)} for the attacks. "
        + words.plain(
            f"n = {len(found.clean)}, {run.request.ball}, {run.request.steps} steps, seed {run.request.seed}; "
            f"{judging(found.row)}; 95% Wilson intervals. Attackers: {tried}.{network}"
        )
    )
    st.download_button(
        "Numbers as CSV",
        job.result.csv,
        "defence.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
