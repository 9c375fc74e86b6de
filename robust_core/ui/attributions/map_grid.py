"""The grid of maps: models in columns, methods in rows, the evidence under each map, and what can be taken away."""

import base64
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from robust_core.attributions.curve_protocols import get_protocol
from robust_core.attributions.methods import METHODS, methods_for
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.images import LabelledImage, Preprocess
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.attribution_maps import Explanation, MapRequest
from robust_core.studies.predictions import ModelPredictions, true_label
from robust_core.ui import jobs, prediction_cards, screen_images, words
from robust_core.ui.attributions import map_images
from robust_core.ui.attributions.map_controls import Display, describe, explain_class
from robust_core.ui.attributions.map_jobs import AskedMaps, MapJobs, ask_now

if TYPE_CHECKING:
    from robust_core.attributions.explain import Attribution
    from robust_core.attributions.quality import AttributionMetrics

COLUMNS = 4
HOW_TO_READ_METRICS = (
    "**Insertion**: area under the class's probability as pixels appear, most important first; high is good. "
    "**Deletion**: the same as they turn grey; low is good. {protocol} Both only count beside random maps of the same "
    "grain (thin lines): a map that none of 19 does as well as has p = 0.05. "
    "**Infidelity** (Yeh et al. 2019): the squared error of the fall of the score that the map foretells when squares "
    "are covered, divided by that of a map of zeros; 0 is best, above 1 is worse than no map. **Unexplained at its "
    "best scale**: the same after multiplying the map by the number that suits it best, 0 to 1, so that methods "
    "compare. "
    "**Sensitivity**: how much the map changes, relative to its size, when no pixel moves by more than 5/255 and, "
    "where the method draws, with another seed; near 0 is steady."
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


def show_grid(request: AskedMaps, found: MapJobs, display: Display) -> None:
    """One row of maps per method."""
    for method, settings in request.methods.items():
        st.subheader(METHODS[method].title, anchor=False)
        said = f" Settings: {describe(METHODS[method], settings)}." if settings else ""
        st.caption(METHODS[method].sentence + said)
        row = [map_ for one in found.maps if one.method == method and (map_ := found.explanation(one))]
        limit = map_images.scale_limit([one.attribution.map for one in row], display.percentile) if row else None
        for columns, specs in _in_rows(request.specs):
            for column, spec in zip(columns, specs, strict=False):
                with column.container(border=True):
                    _show_cell(request, spec, method, found, display, limit if display.common else None)
        if row and display.common:
            scope = f"One scale for all models: {METHODS[method].unit}"
            st.html(map_images.legend_html(limit, display.percentile, scope))


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
    request: AskedMaps, spec: ModelSpec, method: str, found: MapJobs, display: Display, limit: float | None
) -> None:
    st.markdown(f":small[**{words.plain(spec.title)}**]")
    if METHODS[method] not in methods_for(spec.architecture):
        st.caption(f"Not offered for {spec.architecture.name}. {METHODS[method].limit}")
        return
    questions = [request.question(spec, method, condition) for condition in request.conditions]
    for column, question in zip(st.columns(len(questions)), questions, strict=True):
        with column:
            _show_map(question, found, display, limit)
    pair = [found.explanation(question) for question in questions]
    if len(pair) == 2 and all(pair):
        two = (
            ""
            if pair[0].attribution.target == pair[1].attribution.target
            else " They explain two classes, as the prediction has changed."
        )
        st.caption(f"Rank correlation of the two maps: {correlation_words(_correlation(*pair))}.{two}")


def _show_map(question: MapRequest, found: MapJobs, display: Display, limit: float | None) -> None:
    explanation, metrics = found.explanation(question), found.evidence(question)
    if explanation is not None:
        _show_explanation(question, explanation, metrics, display, limit)
    if metrics is not None:
        _show_metrics(metrics)
    for slot, job in found.unfinished(question):
        jobs.show_progress(slot, job)


def _show_explanation(
    question: MapRequest,
    explanation: Explanation,
    metrics: "AttributionMetrics | None",
    display: Display,
    limit: float | None,
) -> None:
    from robust_core.attributions.checks import failures

    failed = failures(explanation.attribution, metrics)
    own = limit or map_images.scale_limit([explanation.attribution.map], display.percentile)
    st.image(overlay_uri(question.key, own, display.opacity, bool(failed), explanation), width="stretch")
    st.caption(_caption(question.spec, question.condition, explanation))
    if limit is None:
        scope = f"This map's own scale: {METHODS[question.method].unit}"
        st.html(map_images.legend_html(own, display.percentile, scope))
    for check in failed:
        st.caption(f":material/warning: **Greyed:** {check.sentence}")


@st.cache_data(max_entries=512, show_spinner=False)
def overlay_uri(key: Hashable, limit: float, opacity: float, faded: bool, _found: Explanation) -> str:
    """The map over what the model saw, as a data URI; `key` says which map it is."""
    return screen_images.screen_uri(map_images.overlay(_found.rgb, _found.attribution.map, limit, opacity, faded=faded))


def correlation_words(correlation: float | None) -> str:
    """Spearman's correlation for people."""
    return "not defined, a map is the same everywhere" if correlation is None else f"ρ = {correlation:.2f}"


def _caption(spec: ModelSpec, condition: Condition, found: Explanation) -> str:
    one = found.attribution
    seen = "" if condition == CLEAN else f"{condition}; "
    gap = "" if one.gap_fraction is None else f"; completeness gap {100 * one.gap_fraction:.1f}%"
    name = words.plain(spec.label_space.names[one.target])
    drawn = "" if one.samples is None else f"; {_draws(one)}"
    return (
        f"{seen}**{name}** {charts.percent(one.probability)}, logit {one.score:.1f}{gap}{drawn}; "
        f"{words.seconds(one.seconds)}"
    )


def _draws(one: "Attribution") -> str:
    correlation = "the same everywhere" if one.seed_correlation is None else f"r = {one.seed_correlation:.2f}"
    return f"{words.count(one.samples, 'draw')}, with another seed {correlation}"


def _show_metrics(metrics: "AttributionMetrics") -> None:
    curves, controls = metrics.curves, metrics.controls.curves if metrics.controls else ()
    svg = map_images.curves_svg(curves.insertion, curves.deletion, [(one.insertion, one.deletion) for one in controls])
    st.image("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(), width="stretch")
    own, best = metrics.infidelity.own_scale, metrics.infidelity.best_scale
    infidelity = "" if own is None else f"infidelity {charts.number(own, '.2f')}, "
    st.caption(
        f":orange[insertion] {curves.insertion_area:.2f}, :blue[deletion] {curves.deletion_area:.2f}  \n"
        f"{infidelity}unexplained at its best scale {best:.2f}  \n"
        f"sensitivity {charts.number(metrics.sensitivity, '.2f')}{_beside_random(metrics)}",
        help=HOW_TO_READ_METRICS.format(protocol=get_protocol(metrics.protocol).sentence),
    )


def _beside_random(metrics: "AttributionMetrics") -> str:
    controls = metrics.controls
    if controls is None:
        return ""
    drawn = len(controls.curves)
    said = f"random map {drawn} does as well" if controls.better else f"better than all of {drawn} random maps"
    return f"  \n{said}, p = {controls.p_value:.2f}"


def _correlation(one: Explanation, other: Explanation) -> float | None:
    from robust_core.attributions.quality import rank_correlation

    return rank_correlation(one.attribution.map, other.attribution.map)


def _in_rows(specs: Sequence[ModelSpec]) -> Iterator[tuple[list, Sequence[ModelSpec]]]:
    width = min(COLUMNS, len(specs))
    for first in range(0, len(specs), width):
        yield st.columns(width), specs[first : first + width]
