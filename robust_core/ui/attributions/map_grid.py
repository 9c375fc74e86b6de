"""The grid of maps: models in columns, methods in rows, the evidence under each map, and what can be taken away."""

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from robust_core.attributions.methods import METHODS, methods_for
from robust_core.corruptions.condition import CLEAN, Condition
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts, map_images
from robust_core.studies.attribution_maps import Explanation, MapRequest
from robust_core.studies.predictions import ModelPredictions, true_label
from robust_core.ui import jobs, prediction_cards, recorded, screen_images, words
from robust_core.ui.attributions import map_lights
from robust_core.ui.attributions.map_controls import Display, describe, explain_class
from robust_core.ui.attributions.map_jobs import AskedMaps, MapJobs, ask_again
from robust_core.ui.server import script_turns

if TYPE_CHECKING:
    from robust_core.attributions.explain import Attribution

COLUMNS = 4


def show_image(image: LabelledImage, spec: ModelSpec) -> None:
    """The image as it is, with its label."""
    with st.container(key="shown_image"):
        prediction_cards.show_image(image, spec, spec.preprocess_for(image.centre_crop_only), None, CLEAN)


def show_predictions(image: LabelledImage, specs: Sequence[ModelSpec], running: dict[str, Job]) -> None:
    """Each model's best five for the image as it is; a click on one explains that class for all models."""
    st.subheader("What do the models predict?", anchor=False)
    st.caption("For the clean image. Click a class to explain it for all models.")
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
        st.caption(f"{words.BADGES['live']} {words.computed_now(device)}.")


def show_grid(request: AskedMaps, found: MapJobs, display: Display) -> None:
    """One row of maps per method."""
    for method, settings in request.methods.items():
        st.subheader(METHODS[method].title, anchor=False)
        row = [
            map_ for one in request.questions() if one.method == method and (map_ := found.explanation(one)) is not None
        ]
        limit = map_images.scale_limit([one.attribution.map for one in row], display.percentile) if row else None
        for columns, specs in _in_rows(request.specs):
            for column, spec in zip(columns, specs, strict=False):
                with column.container(border=True, gap="xsmall"):
                    _show_cell(request, spec, method, found, display, limit if display.common else None)
        if row and display.common:
            scope = f"One scale for all models: {METHODS[method].unit}"
            st.html(map_images.legend_html(limit, display.percentile, scope))
        said = f" Settings: {describe(METHODS[method], settings)}." if settings else ""
        st.caption(METHODS[method].sentence + said)


def show_origin(request: AskedMaps, found: MapJobs) -> None:
    """Where and when the maps were computed, recorded ones and the others."""
    origins = {}
    for one in request.questions():
        if found.explanation(one) is not None:
            origins[recorded.origin(_device(), request.recording(one))] = None
    if origins:
        st.caption(f"{'; '.join(origins)}. n = 1: each map is about this image alone.")


def _device() -> str:
    from robust_core.models.device import choose_device

    return str(choose_device())


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
    ask_again()


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
    """The light, the map, then the figures behind both."""
    explanation, metrics = found.explanation(question), found.evidence(question)
    if explanation is not None:
        one = explanation.attribution
        map_lights.show_light(one, metrics)
        own = limit or map_images.scale_limit([one.map], display.percentile)
        alt = f"{METHODS[one.method].title} of {question.spec.title} for {question.spec.label_space.names[one.target]}"
        uri = overlay_uri(question.key, own, display.opacity, map_lights.is_failed(one, metrics), explanation)
        st.image(uri, width="stretch", alt=alt)
        if limit is None:
            scope = f"This map's own scale: {METHODS[question.method].unit}"
            st.html(map_images.legend_html(own, display.percentile, scope))
        st.caption(_caption(question.spec, question.condition, explanation))
        map_lights.show_failures(one, metrics)
        map_lights.show_figures(one, metrics)
    for slot, job in found.unfinished(question):
        jobs.show_progress(slot, job)


@script_turns.kept(512)
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


def _correlation(one: Explanation, other: Explanation) -> float | None:
    from robust_core.attributions.quality import rank_correlation

    return rank_correlation(one.attribution.map, other.attribution.map)


def _in_rows(specs: Sequence[ModelSpec]) -> Iterator[tuple[list, Sequence[ModelSpec]]]:
    width = min(COLUMNS, len(specs))
    for first in range(0, len(specs), width):
        yield st.columns(width), specs[first : first + width]
