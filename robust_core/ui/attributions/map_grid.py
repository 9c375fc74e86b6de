"""The grid of maps: models in columns, methods in rows, the evidence under each map, and what can be taken away."""

import base64
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from robust_core.attributions.methods import METHODS, methods_for
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.images import LabelledImage, Preprocess
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.attribution_maps import Explanation, MapRequest
from robust_core.studies.predictions import ModelPredictions, true_label
from robust_core.ui import jobs, prediction_cards, screen_images, words
from robust_core.ui.attributions import map_images as attribution_render
from robust_core.ui.attributions.map_controls import Display, describe, explain_class
from robust_core.ui.attributions.map_jobs import MAP_SLOT, METRICS_SLOT, AskedMaps, ask_now, explanation_of, slot

if TYPE_CHECKING:
    from robust_core.attributions.quality import AttributionMetrics

COLUMNS = 4
HOW_TO_READ_METRICS = (
    "**Insertion**: area under the class's probability as pixels appear, most important first; high is good. "
    "**Deletion**: the same as they turn grey; low is good. Both only count beside random maps of the same grain "
    "(thin lines). "
    "**Infidelity**: the share of what covering squares does that the map does not predict; 0 is best, 1 is a map "
    "that says nothing. "
    "**Sensitivity**: how much the map changes, relative to its size, when no pixel moves by more than 5/255; near 0 "
    "is steady."
)


def show_predictions(
    image: LabelledImage, specs: Sequence[ModelSpec], running: dict[str, Job], preprocess: Preprocess
) -> None:
    """The image, and each model's best five for it as it is; a click on one explains that class for all models."""
    left, right = st.columns([1, 3])
    with left:
        prediction_cards.show_image(image, specs[0], preprocess, None, CLEAN)
    with right:
        st.caption("The predictions for the clean image. Click a class to explain it for all models.")
        for columns, row in _in_rows(specs):
            for column, spec in zip(columns, row, strict=False):
                with column:
                    st.markdown(f"**{words.plain(spec.title)}**")
                    if running[spec.key].state is State.DONE:
                        _show_top_five(spec, running[spec.key].result.only, true_label(image, spec.label_space))
                    else:
                        jobs.show_progress(f"attribution_prediction:{spec.key}", running[spec.key])
        if all(job.state is State.DONE for job in running.values()):
            device = next(iter(running.values())).result.only.device
            st.caption(
                f"{words.BADGES['live']} {words.computed_now(device)}, as are the maps; n = 1: each map is about this "
                "image and no other."
            )


def show_grid(
    request: AskedMaps, maps: dict[MapRequest, Job], metrics_by_method: dict[MapRequest, Job], display: Display
) -> None:
    """One row of maps per method."""
    for method, settings in request.methods.items():
        st.subheader(METHODS[method].title, anchor=False)
        st.caption(f"{METHODS[method].sentence} {f'Settings: {describe(settings)}.' if settings else ''}")
        row = {one: found for one, job in maps.items() if one.method == method and (found := explanation_of(job))}
        limit = (
            attribution_render.scale_limit([found.attribution.map for found in row.values()], display.percentile)
            if row
            else None
        )
        for columns, specs in _in_rows(request.specs):
            for column, spec in zip(columns, specs, strict=False):
                with column.container(border=True):
                    _show_cell(
                        request, spec, method, maps, metrics_by_method, display, limit if display.common else None
                    )
        if row and display.common:
            st.html(
                attribution_render.legend_html(
                    limit, display.percentile, f"One scale for all models: {METHODS[method].unit}"
                )
            )


def _show_top_five(spec: ModelSpec, answered: ModelPredictions, truth: int | None) -> None:
    (prediction,) = answered.predictions
    with st.container(gap="xxsmall"):
        for place, (index, share) in enumerate(prediction.top()):
            label = (
                f"{words.plain(spec.label_space.names[index])} {charts.percent(share)}{' ✓' if index == truth else ''}"
            )
            st.button(
                label, key=f"top:{spec.key}:{place}", on_click=_explain, args=(index, spec.label_space), type="tertiary"
            )


def _explain(index: int, label_space: str) -> None:
    explain_class(index, label_space)
    ask_now()


def _show_cell(
    request: AskedMaps,
    spec: ModelSpec,
    method: str,
    maps: dict[MapRequest, Job],
    metrics_by_method: dict[MapRequest, Job],
    display: Display,
    limit: float | None,
) -> None:
    st.markdown(f":small[**{words.plain(spec.title)}**]")
    if METHODS[method] not in methods_for(spec.architecture):
        st.caption(f"Not offered for {spec.architecture.name}. {METHODS[method].limit}")
        return
    for column, condition in zip(st.columns(len(request.conditions)), request.conditions, strict=True):
        question = request.question(spec, method, condition)
        with column:
            _show_map(spec, question, maps[question], metrics_by_method.get(question), display, limit)
    pair = [explanation_of(maps[request.question(spec, method, condition)]) for condition in request.conditions]
    if len(pair) == 2 and all(pair):
        two = (
            ""
            if pair[0].attribution.target == pair[1].attribution.target
            else " They explain two classes, as the prediction has changed."
        )
        st.caption(f"Rank correlation of the two maps: {correlation_words(_correlation(*pair))}.{two}")


def _show_map(
    spec: ModelSpec, question: MapRequest, job: Job, metrics_job: Job | None, display: Display, limit: float | None
) -> None:
    found = explanation_of(job)
    if found is None:
        jobs.show_progress(slot(MAP_SLOT, question), job)
        return
    from robust_core.attributions.checks import failures

    metrics = metrics_job.result if metrics_job is not None and metrics_job.state is State.DONE else None
    failed = failures(found.attribution, metrics)
    own = limit or attribution_render.scale_limit([found.attribution.map], display.percentile)
    st.image(overlay_uri(question.key, own, display.opacity, bool(failed), found), width="stretch")
    st.caption(_caption(spec, question.condition, found))
    if limit is None:
        st.html(
            attribution_render.legend_html(
                own, display.percentile, f"This map's own scale: {METHODS[question.method].unit}"
            )
        )
    for check in failed:
        st.caption(f":material/warning: **Greyed:** {check.sentence}")
    if metrics is not None:
        _show_metrics(metrics)
    elif metrics_job is not None:
        jobs.show_progress(slot(METRICS_SLOT, question), metrics_job)


@st.cache_data(max_entries=512, show_spinner=False)
def overlay_uri(key: Hashable, limit: float, opacity: float, faded: bool, _found: Explanation) -> str:
    """The map over what the model saw, as a data URI; `key` says which map it is."""
    return screen_images.screen_uri(
        attribution_render.overlay(_found.rgb, _found.attribution.map, limit, opacity, faded=faded)
    )


def correlation_words(correlation: float | None) -> str:
    """Spearman's correlation for people."""
    return "not defined, a map is the same everywhere" if correlation is None else f"ρ = {correlation:.2f}"


def _caption(spec: ModelSpec, condition: Condition, found: Explanation) -> str:
    one = found.attribution
    seen = "" if condition == CLEAN else f"{condition}; "
    gap = "" if one.gap_fraction is None else f"; completeness gap {100 * one.gap_fraction:.1f}%"
    name = words.plain(spec.label_space.names[one.target])
    return (
        f"{seen}**{name}** {charts.percent(one.probability)}, logit {one.score:.1f}{gap}; {words.seconds(one.seconds)}"
    )


def _show_metrics(metrics: "AttributionMetrics") -> None:
    curves, controls = metrics.curves, metrics.controls
    svg = attribution_render.curves_svg(
        curves.insertion, curves.deletion, [(one.insertion, one.deletion) for one in controls]
    )
    st.image("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(), width="stretch")
    random = [
        sum(getattr(one, name) for one in controls) / len(controls) for name in ("insertion_area", "deletion_area")
    ]
    st.caption(
        f":orange[insertion] {curves.insertion_area:.2f} (random {random[0]:.2f}), :blue[deletion] "
        f"{curves.deletion_area:.2f} (random {random[1]:.2f})  \n"
        f"infidelity {metrics.infidelity:.2f}, sensitivity {charts.number(metrics.sensitivity, '.2f')}",
        help=HOW_TO_READ_METRICS,
    )


def _correlation(one: Explanation, other: Explanation) -> float | None:
    from robust_core.attributions.quality import rank_correlation

    return rank_correlation(one.attribution.map, other.attribution.map)


def _in_rows(specs: Sequence[ModelSpec]) -> Iterator[tuple[list, Sequence[ModelSpec]]]:
    width = min(COLUMNS, len(specs))
    for first in range(0, len(specs), width):
        yield st.columns(width), specs[first : first + width]
