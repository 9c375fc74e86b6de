"""Two models: every board that both stand on, and where their predictions for the same images are here, the paired
comparison.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from robust_core.benchmark import evidence, pairs
from robust_core.benchmark.metrics import PairedPredictions, paired
from robust_core.benchmark.stored_runs import Run, stores
from robust_core.errors import DataUnavailable
from robust_core.results import Result
from robust_core.ui import words
from robust_core.ui.benchmarks import choice, known_models, row_table
from robust_core.ui.benchmarks.answers import signed
from robust_core.ui.benchmarks.choice import PAPER, Boards
from robust_core.ui.benchmarks.known_models import Known
from robust_core.ui.server import script_turns

IDENTITY = ["Benchmark", "Metric", "Condition", "Unit"]
OF_EACH = ["Low", "High", "Interval", "n", "Badge", "Source"]


def show(boards: Boards) -> None:
    """Choose two models; numbers of one protocol stand side by side."""
    rows = [row for of_board in boards.values() for row in of_board]
    known = known_models.who(rows)
    left, right = st.columns(2)
    with left:
        first = choice.choose_model("First model", known, "first", PAPER[0])
    with right:
        others = {model: one for model, one in known.items() if model != first}
        second = choice.choose_model("Second model", others, "second", PAPER[-1])
    _show_boards(boards, first, second, known)
    _show_same_images(first, second, known)


def _show_boards(boards: Boards, first: str, second: str, known: dict[str, Known]) -> None:
    shared = [
        (one, other)
        for rows in boards.values()
        for one in rows
        if one.model == first
        for other in rows
        if other.model == second
    ]
    if not shared:
        st.info("No benchmark, metric, condition and protocol has a number for both models.")
        return
    st.caption(
        f"{words.count(len(shared), 'number')} of the same benchmark, metric, condition and protocol. "
        "Difference = second − first (unpaired)."
    )
    row_table.show(_side_by_side(shared, known), "two_models")


def _side_by_side(shared: Sequence[tuple[Result, Result]], known: dict[str, Known]) -> pd.DataFrame:
    one, other = (row_table.as_table(rows, known) for rows in zip(*shared, strict=True))
    columns = {name: one[name] for name in IDENTITY}
    columns |= {side["Model"][0]: side["Value"] for side in (one, other)}
    columns["Difference"] = other["Value"] - one["Value"]
    columns |= {
        f"{name}, {which}": side[name] for which, side in (("first", one), ("second", other)) for name in OF_EACH
    }
    return pd.DataFrame(columns | {"Protocol": one["Protocol"]})


@script_turns.kept(2, seconds=2)
def _finished_runs(within: tuple[Path, ...]) -> tuple[Run, ...]:
    """The runs in the stores `within`, looked for aside."""
    return evidence.finished_runs()


def _show_same_images(first: str, second: str, known: dict[str, Known]) -> None:
    """The paired comparison of one condition, where both models predicted the same images here."""
    st.header("On the same images", anchor=False)
    comparable = pairs.comparable(first, second, _finished_runs(stores()))
    runs = {f"{one.identity['experiment']}, run {one.folder.name[:6]}": (one, other) for one, other in comparable}
    if not runs:
        st.caption("There are no predictions of both models for the same images; published numbers come without them.")
        return
    left, right = st.columns(2)
    with left:
        one, other = runs[choice.one_of("Experiment", list(runs), "pair_experiment")]
    try:
        predictions = [pairs.correct_by_part(run) for run in (one, other)]
    except DataUnavailable as error:
        st.error(words.plain(str(error)))
        return
    conditions = {row_table.in_words(condition) or "all together": condition for condition in predictions[0]}
    if not conditions:
        st.caption("This experiment has no correct predictions to compare.")
        return
    with right:
        condition = conditions[choice.one_of("Condition", list(conditions), "pair_condition")]
    compared = paired(*(right[condition] for right in predictions))
    titles = [known[model].title for model in (first, second)]
    shares = [100 * right[condition].mean() for right in predictions]
    _show_comparison(compared, titles)
    row_table.show(_as_table(one, condition, compared, dict(zip(titles, shares, strict=True))), "same_images")


def _show_comparison(compared: PairedPredictions, titles: Sequence[str]) -> None:
    difference = compared.difference
    if difference is None:
        return
    p_value = (
        "they disagree on no image"
        if compared.p_value is None
        else "p < 0.001"
        if compared.p_value < 0.001
        else f"p = {compared.p_value:.2g}"
    )
    st.markdown(
        f"{words.BADGES['cached']} n = {difference.n:,}. **{words.plain(titles[1])}** − "
        f"**{words.plain(titles[0])}**: "
        f"difference {signed(100 * difference.estimate)} points [{signed(100 * difference.low)}, "
        f"{signed(100 * difference.high)}], "
        f"{difference.confidence:.0%}, Newcombe's interval for paired shares. "
        f"Only the first is right on {compared.only_first:,}, only the second on {compared.only_second:,}. "
        f"McNemar's exact test for paired predictions: {p_value}."
    )


def _as_table(run: Run, condition: str, compared: PairedPredictions, percent_right: dict[str, float]) -> pd.DataFrame:
    """One line; the difference is second − first."""
    difference = compared.difference
    line = {"Experiment": run.identity["experiment"], "Condition": row_table.in_words(condition)}
    line |= {f"{title}, % right": percent for title, percent in percent_right.items()}
    line |= {
        name: 100 * getattr(difference, field)
        for name, field in (("Difference", "estimate"), ("Low", "low"), ("High", "high"))
    }
    line |= {
        "Interval": difference.method,
        "n": difference.n,
        "Only the first right": compared.only_first,
        "Only the second right": compared.only_second,
    }
    return pd.DataFrame([line | {"McNemar p": compared.p_value, "Badge": "CACHED", "Images": run.images_digest}])
