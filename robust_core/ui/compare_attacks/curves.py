"""Robustness curves in the manner of ARES-Bench (Dong et al. 2020): accuracy left over ε, and over the passes spent, of
every attack on one model or of every model under one attack.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from robust_core.attacks.table import AttackNorm
from robust_core.intervals import Interval, wilson
from robust_core.jobs import Job
from robust_core.plots import attack_bars
from robust_core.plots.log_axes import around, log_axis
from robust_core.plots.results import COLOURS
from robust_core.studies.attack_comparison import UPPER_BOUND, AttackComparison
from robust_core.studies.attack_outcome import Reached, title_of
from robust_core.ui.colours import model_colours
from robust_core.ui.compare_attacks import comparison_run
from robust_core.ui.compare_attacks.bars import courses
from robust_core.ui.compare_attacks.comparison_run import SLOT, ComparisonRun
from robust_core.ui.components.live_chart import live_chart

CHART_PX = 400
UNITS: Mapping[AttackNorm, tuple[float, str]] = {
    "linf": (255, "the largest change in 255ths"),
    "l2": (1, "L2 length in pixel units"),
    "l1": (1, "L1 length in pixel units"),
    "l0": (1, "how many values change"),
}
Points = list[tuple[float, Interval]]
Lines = dict[tuple[str, str], Points]  # by the titles of model and attack


def show_over_passes(run: ComparisonRun, running: Mapping[str, Job], found: AttackComparison | None) -> None:
    """Accuracy left against what an image has cost so far; it grows while attacks are under way."""
    lines: Lines = {}
    for spec in run.specs:
        if found is not None:
            each = {one.title: one.course for one in found.outcomes[spec.name]}
        else:
            each = {title_of(config): points for config, points in courses(run, running[SLOT + spec.key]).items()}
        for title, course in each.items():
            lines[spec.title, title] = _over_passes(course, len(run.request.images))
    spent = (place for points in lines.values() for place, _ in points)
    axis = log_axis(*around(spent)) | {"title": {"text": "passes per image, forward and backward (log)"}}
    _draw("over_passes", _chosen(run, lines, first_is_model=True), axis)
    if found is not None:
        _say(run, found, "A line falls where an image does; the further left, the cheaper.")


def show_over_eps(run: ComparisonRun, found: AttackComparison) -> None:
    """Accuracy left against ε; one run of an attack that looks for the smallest change gives its whole curve."""
    scale, words_of_axis = UNITS[run.request.attacks[0].norm]
    lines: Lines = {}
    for spec in run.specs:
        for one in found.outcomes[spec.name]:
            points = lines.setdefault((spec.title, one.title), [])
            points += [(row["eps"] * scale, _interval(row)) for row in one.rows_over_eps()]
    largest = max(radius for its in found.outcomes.values() for one in its for radius in one.radii) * scale
    tidy = {titles: _in_order(points, largest) for titles, points in lines.items()}
    axis = {"title": {"text": f"ε, {words_of_axis} (0 is the clean image)"}, "range": [-0.01 * largest, 1.02 * largest]}
    _draw("over_eps", _chosen(run, tidy, first_is_model=False), axis)
    _say(run, found, "Of an attack with a fixed ε there is a point for each ε; of the smallest change one per image.")


def _chosen(run: ComparisonRun, lines: Lines, *, first_is_model: bool) -> dict[str, tuple[str, Points]]:
    """The lines that the visitor wants to see, each with its colour: every attack on a model, or every model under an
    attack.
    """
    models = [spec.title for spec in run.specs]
    attacks = list(dict.fromkeys(map(title_of, run.request.attacks)))
    options = [f"{one}: every attack" for one in models] + [f"{one}: every model" for one in attacks]
    first = len(models) - 1 if first_is_model else len(models)
    chosen = options.index(st.selectbox("Lines", options, index=first, label_visibility="collapsed"))
    if chosen < len(models):
        its = {attack: points for (model, attack), points in lines.items() if model == models[chosen]}
        return {title: (COLOURS[place % len(COLOURS)], points) for place, (title, points) in enumerate(its.items())}
    colours = {spec.title: model_colours()[spec.key] for spec in run.specs}
    attack = attacks[chosen - len(models)]
    return {model: (colours[model], points) for (model, one), points in lines.items() if one == attack}


def _over_passes(course: Sequence[Reached], n: int) -> Points:
    points: Points = []
    for point in course:
        left = wilson(point.left[0], n)
        assert left is not None  # a run has images
        points.append(((point.forward_passes + point.backward_passes) / n, left))
    return points


def _in_order(points: Points, largest: float) -> Points:
    by_place = dict(points)  # the clean images once
    return [(place, by_place[place]) for place in sorted(by_place) if place <= 1.001 * largest]


def _interval(row: Mapping[str, float]) -> Interval:
    share, low, high = (row[name] / 100 for name in ("accuracy_percent", "low_percent", "high_percent"))
    return Interval(share, low, high, int(row["n"]), 0.95)


def _draw(key: str, lines: Mapping[str, tuple[str, Points]], axis: Mapping[str, object]) -> None:
    colours = {title: colour for title, (colour, _) in lines.items()}
    points = {title: its for title, (_, its) in lines.items()}
    said = "; ".join(f"{title}: from {its[0][1]} to {its[-1][1]}" for title, its in points.items() if its)
    drawn = attack_bars.curves(points, colours, axis)
    live_chart(drawn, key=key, height_px=CHART_PX, alt=f"Accuracy left. {said}", png_name=f"attacks_{key}")


def _say(run: ComparisonRun, found: AttackComparison, how: str) -> None:
    device = found.outcomes[run.specs[0].name][0].device
    n = len(run.request.images)
    st.markdown(f"{comparison_run.made(run, device)}; {comparison_run.balls(run)}; n = {n}. {how} {UPPER_BOUND}")
