"""What each attack leaves of each model as bars, also while they are under way, and what each costs as a table."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from robust_core.intervals import Interval, wilson
from robust_core.jobs import Job
from robust_core.models.spec import ModelSpec
from robust_core.plots import attack_bars
from robust_core.plots.attack_bars import Bars
from robust_core.studies.attack_comparison import (
    UPPER_BOUND,
    AttackComparison,
    AttackStanding,
    Course,
    passes_of,
)
from robust_core.studies.attack_outcome import ALL_ATTACKS, AttackOutcome, Reached, title_of, worst_of
from robust_core.ui.colours import model_colours
from robust_core.ui.compare_attacks import comparison_run, headline
from robust_core.ui.compare_attacks.comparison_run import SLOT, ComparisonRun
from robust_core.ui.components.live_chart import live_chart

CLEAN, TOGETHER = "No attack", "All of them"
PERCENT = st.column_config.NumberColumn(format="%.1f")


def cheapest_first(run: ComparisonRun) -> list[int]:
    """The places of the attacks of a request, those first that cost the fewest passes."""
    configs = run.request.attacks
    return sorted(range(len(configs)), key=lambda place: passes_of(configs[place], run.specs[0]))


def show_growing(run: ComparisonRun, running: Mapping[str, Job]) -> None:
    """The bars so far."""
    _draw([CLEAN, *_names(run)], [_growing(run, spec, running[SLOT + spec.key]) for spec in run.specs])


def show(run: ComparisonRun, found: AttackComparison) -> None:
    """The bars with what all attacks leave together, every number with its interval, and the costs."""
    attacks = [CLEAN, *_names(run), *([TOGETHER] if len(run.request.attacks) > 1 else [])]
    order = cheapest_first(run)
    by_model = {spec: [found.outcomes[spec.name][place] for place in order] for spec in run.specs}
    _draw(attacks, [_finished(its, spec) for spec, its in by_model.items()])
    device = found.outcomes[run.specs[0].name][0].device
    st.markdown(f"{comparison_run.made(run, device)}. {UPPER_BOUND}")
    headline.show_every_model(found)
    _show_costs(run, found)


def _names(run: ComparisonRun) -> list[str]:
    return [title_of(run.request.attacks[place]) for place in cheapest_first(run)]


def _draw(attacks: Sequence[str], models: Sequence[Bars]) -> None:
    said = "; ".join(
        f"{one.title}: " + ", ".join(f"{name} {left}" for name, left in zip(attacks, one.left, strict=True) if left)
        for one in models
    )
    live_chart(
        attack_bars.attack_bars(attacks, models),
        key="attack_bars",
        height_px=attack_bars.height_px(len(models), len(attacks)),
        alt=f"Accuracy left by each attack. {said}",
        png_name="compare_attacks",
    )


def _finished(its: Sequence[AttackOutcome], spec: ModelSpec) -> Bars:
    left: list[Interval | None] = [wilson(int(its[0].clean_correct.sum()), its[0].n)]
    left += [one.left(one.radii[0]) for one in its]
    if len(its) > 1:
        left.append(worst_of(its, its[0].config.norm, its[0].radii[0]))
    return Bars(spec.title, model_colours()[spec.key], left, [True] * len(left))


def _growing(run: ComparisonRun, spec: ModelSpec, job: Job) -> Bars:
    """Each attack as far as it is; those before the last one that has begun are over."""
    reached = courses(run, job)
    n, begun = len(run.request.images), len(reached)
    clean = wilson(next(iter(reached.values()))[0].left[0], n) if reached else None
    left = [wilson(points[-1].left[0], n) for points in reached.values()]
    left += [None] * (len(run.request.attacks) - len(left))
    order = cheapest_first(run)
    over = [not job.active or place < begun - 1 for place in order]
    return Bars(spec.title, model_colours()[spec.key], [clean, *(left[place] for place in order)], [True, *over])


def courses(run: ComparisonRun, job: Job) -> dict[object, list[Reached]]:
    """The course of each attack that has begun, by its config, from the events of a job."""
    found: dict[object, Course] = {}
    for event in list(job.events):
        if isinstance(event, AttackStanding):
            found.setdefault(event.config, Course(run.request.radii_of(event.config))).note(event.standing)
    return {config: course.points for config, course in found.items()}


def _show_costs(run: ComparisonRun, found: AttackComparison) -> None:
    titles = {spec.name: spec.title for spec in run.specs}
    order = [*_names(run), ALL_ATTACKS]
    frame = found.frame.sort_values("attack", key=lambda its: its.map(order.index), kind="stable")
    frame = frame.sort_values("model", key=lambda its: its.map(list(titles).index), kind="stable")
    table = pd.DataFrame(
        {
            "Model": frame["model"].map(titles),
            "Attack": frame["attack"],
            "Left, %": frame["accuracy_percent"],
            "low": frame["low_percent"],
            "high": frame["high_percent"],
            "In 8 bits, %": frame["in_8_bits_percent"],
            "n": frame["n"],
            "Seconds": frame["seconds"],
            "Forward": frame["forward_passes_per_image"],
            "Backward": frame["backward_passes_per_image"],
            "Knows": frame["knowledge"],
            "Median distance": frame["median_distance"].astype(float),
            "Protocol": frame["protocol"],
            "Source": frame["source"],
        }
    ).dropna(axis=1, how="all")
    one_decimal = ("Left, %", "low", "high", "In 8 bits, %", "Seconds", "Forward", "Backward")
    formats = {name: PERCENT for name in one_decimal} | {
        "Median distance": st.column_config.NumberColumn(format="%.4f")
    }
    st.dataframe(table, hide_index=True, column_config=formats)
    st.caption(
        "low, high: Wilson's 95% interval. Forward and Backward: passes per image, fewer where images fall early. "
        "Seconds: of the attack alone, on all images."
    )
    st.download_button(
        "Every image as CSV",
        found.csv_by_image,
        "compare_attacks.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
