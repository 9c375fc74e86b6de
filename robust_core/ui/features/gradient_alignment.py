"""The view on gradient alignment: do input gradients follow the edges of images, and do models agree?"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import board_charts, charts
from robust_core.plots.board_charts import Group, Point
from robust_core.recordings.shipped import MODELS as RECORDED_MODELS
from robust_core.recordings.shipped import alignment_request
from robust_core.recordings.store import Recording
from robust_core.studies import gradient_alignment
from robust_core.studies.gradient_alignment import (
    EdgeAlignment,
    GradientAlignment,
    GradientAlignmentRequest,
    ModelAlignment,
    grid_of,
)
from robust_core.studies.layer_biases import Estimate
from robust_core.studies.simplicity_claims import compared
from robust_core.ui import jobs, on_page, recorded, run_button, words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features import bias_runs
from robust_core.ui.pgd_steps import forecast
from robust_core.ui.study_run import StudyRun

NAME, SLOT = "alignment", "alignment:"
PASSES = 1
CHART_PX, ROW_PX, FRAME_PX = 320, 46, 150
PAPER = "Tsipras et al. 2019"  # arXiv 1805.12152, section 3: gradients of robust models align with salient features
OWN_COLOUR, CHANCE_COLOUR = "#0B73B0", "#8A8578"
LONGEST_LINE = 16  # characters of a title on an axis
GAVEL = ":material/gavel:"


class AlignmentRun(StudyRun[GradientAlignmentRequest]):
    """Whose gradients are compared; whether it is `recorded`."""

    @property
    def settings(self) -> Mapping[str, str]:
        """What can be changed, in words."""
        return bias_runs.settings_of(self.request)


def show(
    specs: Sequence[ModelSpec],
    images: ImageSet,
    _settings: DeltaGenerator,
    button: DeltaGenerator,
    note: DeltaGenerator,
) -> None:
    """The view: the button comes to `button`, and what would run to `note`."""
    wanted = GradientAlignmentRequest(tuple(specs), images)
    there = _recorded_part(wanted)
    here = AlignmentRun(there, recorded=True) if there else None
    how_long = bias_runs.how_long(specs, images, PASSES)
    note.caption(f"Input gradients of every model on the same images; n = {len(images)}.{how_long}")
    run = run_button.choose_run(NAME, AlignmentRun(wanted), button, note, recorded=here)
    jobs.poll_and_draw(partial(_results, run), forecast.note_measured, alone=True)


def _recorded_part(wanted: GradientAlignmentRequest) -> GradientAlignmentRequest | None:
    """The request for those of the wanted models that are in the recorded run of the world."""
    whole = _whole(wanted)
    if whole is None:
        return None
    there = [spec for spec in wanted.models if spec in whole.models]
    return wanted.for_models(there) if there and _same_grid(there, whole.models) else None


def _whole(wanted: GradientAlignmentRequest) -> GradientAlignmentRequest | None:
    """The recorded request of the world, where it is of the wanted images."""
    if wanted.label_space not in RECORDED_MODELS:
        return None
    whole = recorded.asked(alignment_request, wanted.label_space)
    same = wanted.for_models(whole.models).key == whole.key
    return whole if same and recorded.find(whole) else None


def _same_grid(some: Sequence[ModelSpec], others: Sequence[ModelSpec]) -> bool:
    return grid_of(some).preprocess == grid_of(others).preprocess


def _recording(run: AlignmentRun) -> Recording | None:
    whole = _whole(run.request) if run.recorded else None
    return recorded.find(whole) if whole else None


def _start(run: AlignmentRun) -> Job:
    """The one job of all models; that of a recorded run is done."""
    if recording := _recording(run):
        jobs.keep_only(SLOT, ())
        return Job.done(run.key, recording.result.of_models(run.specs))
    jobs.keep_only(forecast.SLOT, ())
    return jobs.start(SLOT, run.key, partial(gradient_alignment.run, run.request))


def _results(run: AlignmentRun | None) -> None:
    if run is not None:
        with st.container(key=run_button.place(NAME)):
            _show_run(run)
    words.show_how_to_read("gradient_alignment")


def _show_run(run: AlignmentRun) -> None:
    job = _start(run)
    if job.state is not State.DONE:
        jobs.show_progress(SLOT, job)
        return
    found: GradientAlignment = job.result
    recording = _recording(run)
    on_page.show(run.request, found, recording)
    _show_headline(found)
    left, right = st.columns(2)
    with left:
        _show_edges(found)
    if found.pairs:
        with right:
            _show_pairs(found)
    height_px, width_px = found.grid_px
    st.caption(
        f"{recorded.origin(found.edges[0].device, recording)}. Gradients are those of each model's own predicted "
        f"logit, on a grid of {width_px} × {height_px} px, the smallest input among the models, which the others "
        "resize inside themselves. Intervals: 95%, 1,000 bootstrap resamples of the images."
    )
    _show_table(found)


def _show_headline(found: GradientAlignment) -> None:
    """By how much gradients follow edges more than chance, with and without adversarial training."""
    pair = next(iter(compared(found.edges)), None)
    if pair is None:
        _show_highest(found)
        return
    robust, standard = (one.above_chance for one in pair)
    apart = robust.low > standard.high or robust.high < standard.low
    st.subheader(
        f"Cosine with the edges above chance: {_bounded(robust)} after adversarial training, {_bounded(standard)} "
        f"without{'' if apart else ': not told apart'}",
        anchor=False,
    )
    said = (
        f"above chance {_bounded(robust)} in {words.plain(pair[0].spec.title)}, {_bounded(standard)} in "
        f"{words.plain(pair[1].spec.title)}; n = {len(pair[0].cosine)}."
    )
    seen = f"{PAPER}, whose robust models have gradients that follow what people see: {said}"
    if robust.high < standard.low:
        st.warning(f"{bias_runs.contradicts(pair[0].spec)} {seen}", icon=GAVEL)
    else:
        agrees = robust.low > standard.high
        st.info(f"This {'agrees with' if agrees else 'neither confirms nor contradicts'} {seen}", icon=GAVEL)


def _show_highest(found: GradientAlignment) -> None:
    """The model that exceeds chance most, and whether the others come as near."""
    best, *others = sorted(found.edges, key=_above, reverse=True)
    above, title = best.above_chance, words.plain(best.spec.title)
    if math.isnan(above.value):
        st.subheader(f"{title}: cosine {best.estimate.value:.2f} with the edges", anchor=False)
        st.caption("Chance is what edges of other images come to: it takes more than one image.")
    else:
        below = Estimate(-above.value, -above.high, -above.low)
        said = f"{_bounded(above)} above" if above.value >= 0 else f"{_bounded(below)} below"
        st.subheader(f"{title}: cosine with the edges {said} chance", anchor=False)
        alike = [words.plain(one.spec.title) for one in others if not one.above_chance.high < above.low]
        more = f"; not told apart from {', '.join(alike)}" if alike else ""
        known = f"The highest of {len(found.edges)} models{more}. " if others else ""
        st.caption(f"{known}n = {len(best.cosine)}.")
    st.caption(bias_runs.PAIR.format(paper=PAPER))


def _above(one: EdgeAlignment) -> float:
    value = one.above_chance.value
    return -math.inf if math.isnan(value) else value


def _show_edges(found: GradientAlignment) -> None:
    st.markdown("**With the edges of the image**")
    own = [_point(one, one.estimate) for one in found.edges]
    chance = [_point(one, one.by_chance) for one in found.edges]
    groups = [
        Group("the image’s own edges", OWN_COLOUR, own, hollow=False),
        Group("edges of other images (chance)", CHANCE_COLOUR, chance, hollow=False),
    ]
    figure = board_charts.bars(groups, "mean cosine")
    figure["layout"]["yaxis"] |= {"range": [0, 1]}
    figure["layout"]["xaxis"] |= _in_lines(one.spec for one in found.edges)
    said = "; ".join(
        f"{one.spec.title} {one.estimate.value:.2f}, by chance {one.by_chance.value:.2f}" for one in found.edges
    )
    live_chart(
        figure,
        key="edge_alignment",
        height_px=CHART_PX,
        alt=f"Cosine of input gradients with edges. {said}",
        png_name="edge_alignment",
    )
    lines = [f"{words.plain(one.spec.title)}: {_bounded(one.above_chance)}" for one in found.edges]
    _show_list(f"Above chance, n = {len(found.edges[0].cosine)}:", lines)


def _in_lines(specs: Iterable[ModelSpec]) -> dict[str, Any]:
    """The titles of models on an axis, which is narrow on a phone."""
    titles = [spec.title for spec in specs]
    return {"tickvals": titles, "ticktext": [charts.in_lines(one, LONGEST_LINE) for one in titles], "tickangle": 0}


def _point(one: EdgeAlignment, estimate: Estimate) -> Point:
    low, high = (None if math.isnan(bound) else bound for bound in (estimate.low, estimate.high))
    value = 0.0 if math.isnan(estimate.value) else estimate.value
    said = f"{one.spec.title}: {_bounded(estimate)}, n = {len(one.cosine)}"
    return Point(one.spec.title, value, low, high, said)


def _show_pairs(found: GradientAlignment) -> None:
    st.markdown("**Between models**")
    titles = [one.spec.title for one in found.edges]
    cosines = {(one.first.title, one.second.title): one.estimate.value for one in found.pairs}
    rows = [[1.0 if a == b else cosines.get((a, b), cosines.get((b, a))) for b in titles] for a in titles]
    figure = board_charts.heat_map(titles, titles, rows, "mean cosine", ".2f")
    figure["data"][0]["showscale"] = False  # the numbers are in the cells
    for axis in ("xaxis", "yaxis"):
        figure["layout"][axis] |= _in_lines(one.spec for one in found.edges)
    said = "; ".join(f"{one.first.title} and {one.second.title} {one.estimate.value:.2f}" for one in found.pairs)
    live_chart(
        figure,
        key="model_alignment",
        height_px=max(CHART_PX, FRAME_PX + ROW_PX * len(titles)),
        alt=f"Cosine of signed input gradients between models. {said}",
        png_name="model_alignment",
    )
    lines = [
        f"{words.plain(one.first.title)} and {words.plain(one.second.title)}: {_bounded(one.estimate)}"
        for one in found.pairs
    ]
    about = (
        "Cosine of two models' signed gradients on the same image, 1 for the same direction and 0 for nothing in common"
    )
    _show_list(f"{about}; its mean, n = {len(found.pairs[0].cosine)}:", lines)


def _show_list(about: str, lines: Sequence[str]) -> None:
    st.caption("\n".join([about, "", *(f"- {one}" for one in lines)]))


def _show_table(found: GradientAlignment) -> None:
    with st.expander("Every cosine with n and 95% interval", icon=":material/table_rows:"):
        rows = [*map(_edge_row, found.edges), *map(_pair_row, found.pairs)]
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def _edge_row(one: EdgeAlignment) -> dict[str, str | int]:
    more = {"By chance": _bounded(one.by_chance), "Above chance": _bounded(one.above_chance)}
    return {"Model": one.spec.title, "With": "edges", "Cosine": _bounded(one.estimate), "n": len(one.cosine)} | more


def _pair_row(one: ModelAlignment) -> dict[str, str | int]:
    same = f"same class on {int(one.same_class.sum())}"
    who = {"Model": one.first.title, "With": one.second.title, "Cosine": _bounded(one.estimate)}
    return who | {"n": len(one.cosine), "By chance": "", "Above chance": same}


def _bounded(estimate: Estimate) -> str:
    if math.isnan(estimate.value):
        return "–"
    if math.isnan(estimate.low):
        return f"{estimate.value:.2f}"
    return words.bounded(estimate.value, estimate.low, estimate.high, ".2f").replace("-", "−")
