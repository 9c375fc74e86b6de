"""Whether confidence is accuracy: a reliability diagram for each model, and its errors before and after the
temperature.
"""

from collections.abc import Iterator

import streamlit as st

from robust_core.confidence.calibration import CalibrationScores, Estimate
from robust_core.plots import confidence_charts as charts
from robust_core.studies.calibration import PROTOCOL, Calibration, CalibrationRequest, ModelCalibration
from robust_core.ui import words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.what_if import result_table
from robust_core.ui.what_if.whole_set import WholeSet

ABOUT = (
    "Is a confidence of 80% right in 80% of cases? ECE, the expected calibration error, is the mean gap between "
    "confidence and accuracy over 15 bins (Guo et al. 2017). One half of the labelled images, drawn by the seed, fits "
    "a temperature; the other half shows what it mends."
)
CHART_PX = 300
HELD_OUT = "held-out half"


def request_for(whole: WholeSet) -> CalibrationRequest:
    """The labelled ones of the images, under the condition of the page."""
    return CalibrationRequest(tuple(whole.specs), whole.image_set, whole.condition, whole.condition.seed)


def show(found: Calibration) -> None:
    """A diagram for each model, then all errors with their intervals."""
    result_table.in_two_columns(found.by_model, _show_diagram)
    how = "; ".join(filter(None, (str(found.condition), found.condition.protocol)))
    result_table.show(
        found,
        [row for one in found.by_model for row in _rows(one)],
        f"{PROTOCOL}; {how}. In brackets are 95% intervals: Wilson's for accuracy, else 1,000 bootstrap resamples of "
        "the images.",
        "calibration",
    )


def _show_diagram(one: ModelCalibration) -> None:
    colour = model_colours()[one.spec.key]
    live_chart(
        charts.reliability({"as it is, all images": one.whole.bins, f"scaled, {HELD_OUT}": one.after.bins}, colour),
        key=f"reliability:{one.spec.key}",
        height_px=CHART_PX,
        alt=f"{one.spec.title}: accuracy against confidence, n = {one.whole.n}",
        png_name=f"reliability_{one.spec.key}",
    )
    before, after = (100 * scores.ece.estimate for scores in (one.before, one.after))
    st.caption(
        f"ECE {100 * one.whole.ece.estimate:.1f}%, n = {one.whole.n}. Scaling by T = {one.after.temperature:.2f} takes "
        f"that of the {HELD_OUT} (n = {one.after.n}) from {before:.1f}% to {after:.1f}%."
    )
    result_table.show_caveats(one.caveats)


def _rows(one: ModelCalibration) -> Iterator[dict[str, str | int]]:
    for part, scores in (("all", one.whole), (HELD_OUT, one.before), (HELD_OUT, one.after)):
        yield {"Model": one.spec.title, "Images": part, "Temperature": f"{scores.temperature:.2f}"} | _cells(scores)


def _cells(scores: CalibrationScores) -> dict[str, str | int]:
    accuracy = scores.accuracy
    return {
        "Accuracy": "" if accuracy is None else words.bounded(accuracy.estimate, accuracy.low, accuracy.high, ".1%"),
        "ECE": _with_bounds(scores.ece, ".1%"),
        "NLL, nats": _with_bounds(scores.nll_nats, ".2f"),
        "Brier score": _with_bounds(scores.brier, ".2f"),
        "n": scores.n,
    }


def _with_bounds(value: Estimate, form: str) -> str:
    return words.bounded(value.estimate, value.low, value.high, form)
