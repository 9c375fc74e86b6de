"""The security curves of the chosen models: the accuracy that is left at every ε, from one run."""

from collections.abc import Sequence

import streamlit as st

from robust_core.models.spec import ModelSpec
from robust_core.plots import change_charts
from robust_core.plots.charts import Line
from robust_core.studies.found_changes import SmallestChanges, length
from robust_core.studies.smallest_change import SmallestChangeResult
from robust_core.ui import recorded, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.smallest_change.change_runs import ChangeRun, Done

CHART_PX = 380
AXES = {"linf": (255, "largest change in 255ths"), "l2": (1, "L2 length in pixel units")}


def show(run: ChangeRun, done: Done, chance: float) -> None:
    """Curves, medians with their intervals, what must be said, and the table."""
    specs = [spec for spec in run.specs if spec.key in done]
    lines = [_curve(run, spec, done[spec.key][0].found[0]) for spec in specs]
    _, axis = AXES[run.search.norm]
    live_chart(
        change_charts.security_curves(lines, axis, chance),
        key="security_curves",
        height_px=CHART_PX,
        alt="Accuracy left against ε. " + "; ".join(f"{line.title}: {line.words[0]} clean" for line in lines),
        png_name="security_curves",
    )
    st.markdown("\n".join(f"- **{words.plain(spec.title)}**: {_median(run, done[spec.key][0])}" for spec in specs))
    if specs:
        _show_protocol(done, specs)
        _show_export(done, specs)


def _curve(run: ChangeRun, spec: ModelSpec, found: SmallestChanges) -> Line:
    scale, _ = AXES[run.search.norm]
    curve = found.curve()
    said = [f"ε {length(run.search.norm, eps)}: {left}" for eps, left in curve]
    heights, band = [left.estimate for _, left in curve], [(left.low, left.high) for _, left in curve]
    return Line(spec.title, model_colours()[spec.key], [scale * eps for eps, _ in curve], heights, band, said)


def _median(run: ChangeRun, result: SmallestChangeResult) -> str:
    (found,) = result.found
    n, norm = len(found.sorted_distances), run.search.norm
    if not n:
        return "wrong about every clean image, so there is nothing to break."
    low, high = (length(norm, bound) for bound in found.median_bounds)
    kept = sum(one == float("inf") for one in found.sorted_distances)
    never = f"; no search broke {kept}" if kept else ""
    eight = int((found.broken_in_8_bits & found.clean_correct).sum())
    return (
        f"median ε **{length(norm, found.median)}** [{low}, {high}], n = {n} right when clean{never}; "
        f"{eight} survive rounding to 8 bits"
    )


def _show_protocol(done: Done, specs: Sequence[ModelSpec]) -> None:
    for result, recording in (done[spec.key] for spec in specs[:1]):
        origin = recorded.origin(result.found[0].device, recording)
        st.caption(f"{origin}; {words.plain(result.protocol)}; n = {len(result.image_names)}.")
        notes = [f"- {words.plain(one)}" for one in result.sentences()]
        st.info("\n".join(notes), icon=":material/gavel:")


def _show_export(done: Done, specs: Sequence[ModelSpec]) -> None:
    def csv() -> str:
        first, *others = (done[spec.key][0] for spec in specs)
        return first.joined(others).csv()

    st.download_button(
        "Distances as CSV", csv, "smallest_changes.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )
