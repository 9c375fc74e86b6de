"""Check a number: measure it again on some of its images, drawn by chance, and see whether it lies in the
interval.
"""

from collections.abc import Generator, Sequence
from typing import Any

import streamlit as st

from robust_core import settings
from robust_core.benchmark.checking import FEWEST, MOST, Verdict, check, config_for, is_here
from robust_core.benchmark.leaderboard import METRICS
from robust_core.jobs import Job
from robust_core.labels import MINI
from robust_core.results import Result
from robust_core.ui import jobs, links, words, worlds
from robust_core.ui.benchmarks.choice import Boards, one_of
from robust_core.ui.benchmarks.row_table import in_words

SLOT = "benchmark_check"


def show(boards: Boards) -> None:
    """Choose a number, how many images and which seed; check it, and read the verdict."""
    stated = choose_number(boards)
    if stated is None:
        return
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    n = links.number(left.slider, "Images", FEWEST, MOST, FEWEST, FEWEST, key="check_n")
    seed = links.number(
        middle.number_input, "Seed", 0, 99_999, 0, key="check_seed", help="Another seed draws other images"
    )
    wanted, asked = (stated, n, seed), st.session_state.get("check_asked")
    right.button(
        "Check",
        key="check_go",
        type="primary",
        icon=":material/fact_check:",
        disabled=asked == wanted,
        on_click=_ask,
        args=(wanted,),
    )

    def outcome() -> None:
        if asked == wanted:
            show_check(*wanted)

    jobs.poll_and_draw(outcome)


def choose_number(boards: Boards) -> Result | None:
    """One of the numbers whose images and weights are here; None where there are none, which is said."""
    measured = {row.model for rows in boards.values() for row in rows}
    titles = {spec.title: spec.key for spec in worlds.ready_models(worlds.world()) if spec.key in measured}
    left, right = st.columns(2)
    with left:
        rows = checkable(boards, titles[one_of("Model", list(titles), "check_model")]) if titles else []
    if not rows:
        st.info(
            "To check a number, its model's weights and its images must be on this machine: see the Models page and "
            "README, “Images”. Those of Mini are."
        )
        if worlds.world() != MINI:
            st.button("Check a number in Mini", icon=":material/fact_check:", on_click=worlds.enter, args=(MINI,))
        return None
    with right:
        benchmarks = list(dict.fromkeys(row.benchmark for row in rows))
        benchmark = one_of("Experiment", benchmarks, "check_experiment")
    named = {_name(row): row for row in rows if row.benchmark == benchmark}
    stated = named[one_of("Number", list(named), "check_number")]
    bounds = (
        f" [{stated.bounds[0]:.1f}%, {stated.bounds[1]:.1f}%], 95%, {stated.bounds_method}" if stated.bounds else ""
    )
    st.markdown(
        f"{words.BADGES[stated.kind]} **{stated.value:.1f}%**{bounds}; n = {stated.n:,}. "
        f"{words.plain(stated.protocol)}. {words.plain(stated.source.split(';')[0])}."
    )
    return stated


def checkable(boards: Boards, model: str) -> Sequence[Result]:
    """The numbers of `model`, whose weights are here, that can be checked here."""
    configs = {
        row: config_for(row, settings.data_dir()) for rows in boards.values() for row in rows if row.model == model
    }
    return [row for row, config in configs.items() if config and is_here(config)]


def show_check(stated: Result, n: int, seed: int) -> None:
    """Progress, then what was measured and whether it agrees."""
    job = _start(stated, n, seed)
    if job.result is None:
        jobs.show_progress(SLOT, job)
        return
    verdict: Verdict = job.result
    measured = verdict.measured
    sentence = f"{stated.value:.1f}% is stated; {measured.interval} was measured on images drawn with seed {seed}."
    if verdict.agrees:
        st.success(f"They agree: {sentence}", icon=":material/check_circle:")
    else:
        st.warning(
            f"They do not agree: {sentence} 5% of correct values fail by chance; try another seed.",
            icon=":material/error:",
        )
    st.caption(f"{words.BADGES['live']} {words.plain(measured.protocol)}. 95% interval ({measured.bounds_method}).")


def _name(row: Result) -> str:
    return ", ".join(
        filter(None, (METRICS[row.metric].title, in_words(row.condition), f"n = {row.n:,}", row.kind.upper()))
    )


def _ask(wanted: tuple[Result, int, int]) -> None:
    st.session_state["check_asked"] = wanted


def _start(stated: Result, n: int, seed: int) -> Job:
    def work() -> Generator[Any, None, Verdict]:
        return (yield from check(stated, settings.data_dir(), n, seed))

    return jobs.start(SLOT, (SLOT, stated, n, seed), work)
