"""The frontier as it grows, the chosen mix in numbers, and every mix in a table."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from robust_core.jobs import Job, State
from robust_core.mixing.table import Alphas, in_words, part_of
from robust_core.plots.frontier_chart import Dot, frontier
from robust_core.studies.mixing import MixingRequest
from robust_core.studies.mixing_outcomes import (
    ATTACKED_IMAGES,
    CLEAN_IMAGES,
    CORRUPTED_IMAGES,
    MixPoint,
    Mixture,
    points_in_words,
)
from robust_core.ui import jobs, on_page, recorded, run_button, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.mixing_desk import runs
from robust_core.ui.mixing_desk.runs import MixingRun

CHART_PX = 440
TITLES = {CLEAN_IMAGES: "Clean", ATTACKED_IMAGES: "Under attack", CORRUPTED_IMAGES: "Corrupted"}
UP = (ATTACKED_IMAGES, CORRUPTED_IMAGES)  # what the vertical axis may be
NEAR = 1e-6  # by which an α may differ and be the same on the screen


def show(run: MixingRun, alphas: Alphas | None, up: str) -> None:
    """The frontier of a run, with the mix `alphas` where it is one of its models'; `up` says what the vertical axis
    is.
    """
    job, request = runs.start(run), run.request
    found = sorted((*runs.points(job), *runs.other_points(request)), key=lambda one: one.alphas, reverse=True)
    chosen = next((place for place, one in enumerate(found) if _same(one.alphas, alphas)), None)
    _show_chart(request, found, chosen, up)
    if job.state is not State.DONE:
        jobs.show_progress(runs.SLOT, job)
    elif chosen is None and alphas is not None:
        _offer(request, alphas)
    if chosen is not None:
        _show_mix(request, found, found[chosen])
    if job.result is not None:
        on_page.show(request, job.result, run.recorded_whole)
        _show_rest(run, job)
    if found:
        _show_table(request, found)


def show_wanted(run: MixingRun | None, wanted: MixingRequest, alphas: Alphas | None, up: str) -> None:
    """The run greyed where it is another than the wanted one, whose mix is not marked then."""
    with st.container(key=run_button.place(runs.NAME)):
        if run is None:
            _show_chart(wanted, [], None, up)
        else:
            show(run, alphas if run.key == wanted.key else None, up)


def _same(one: Alphas, other: Alphas | None) -> bool:
    return other is not None and all(abs(a - b) < NEAR for a, b in zip(one, other, strict=True))


def _show_chart(request: MixingRequest, found: Sequence[MixPoint], chosen: int | None, up: str) -> None:
    colours, titles = model_colours(), [spec.title for spec in request.models]
    up = up if not found or up in found[0].correct else ATTACKED_IMAGES
    dots = []
    for point in found:
        only = part_of(point.alphas)
        across, upwards = point.accuracy(CLEAN_IMAGES), point.accuracy(up)
        said = f"{in_words(point.alphas, titles)}: clean {across}; {TITLES[up].lower()} {upwards}"
        end = {} if only is None else {"name": titles[only], "colour": colours[request.models[only].key]}
        dots.append(Dot(across, upwards, said, **end))
    label = "" if chosen is None else _alpha(found[chosen].alphas)
    corrupted = up == CORRUPTED_IMAGES and request.condition.severity
    up_title = f"accuracy under {request.condition}" if corrupted else "accuracy under attack"
    live_chart(
        frontier(dots, chosen, label, up_title, joined=len(titles) == 2),
        key="mixing_frontier",
        height_px=CHART_PX,
        alt=f"A{up_title[1:]} against clean accuracy, mix by mix. " + "; ".join(dot.words for dot in dots),
        png_name="mixing_frontier",
    )


def _alpha(alphas: Alphas) -> str:
    """The mix in short: of two models the second's α."""
    return f"α = {alphas[1]:.2f}" if len(alphas) == 2 else "α = " + ", ".join(f"{one:.2f}" for one in alphas)


def _offer(request: MixingRequest, alphas: Alphas) -> None:
    """The button that measures one mix, or how far that is."""
    job = runs.one_mix(request, alphas)
    if job is not None:
        jobs.show_progress(runs.ONE_SLOT, job)
        return
    one = request.for_mixes((alphas,))
    st.button(
        "Measure this mix",
        key="measure_mix",
        icon=":material/add:",
        on_click=runs.ask,
        args=(one,),
        help="Attacks included, with the settings of the run",
    )
    st.caption(f"This mix has not been measured.{runs.in_words(one, 1)}")


def _show_mix(request: MixingRequest, found: Sequence[MixPoint], point: MixPoint) -> None:
    titles = [spec.title for spec in request.models]
    st.markdown(f"**{words.plain(in_words(point.alphas, titles))}**")
    shown = [images for images in TITLES if images in point.correct]
    for images, column in zip(shown, st.columns(len(shown)), strict=True):
        accuracy = point.accuracy(images)
        column.metric(TITLES[images], f"{100 * accuracy.estimate:.1f}%", border=False)
        under = f"{request.condition}; " if images == CORRUPTED_IMAGES else ""
        column.caption(f"{words.plain(under)}[{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}], n = {accuracy.n}")
    alone = {one: part_of(one.alphas) for one in found if part_of(one.alphas) is not None and one is not point}
    for part, place in alone.items():
        gains = "; ".join(f"{TITLES[images].lower()} {points_in_words(point.gain(part, images))}" for images in shown)
        st.caption(f"Against {words.plain(titles[place])} alone, in points: {gains}.")


def _show_rest(run: MixingRun, job: Job) -> None:
    result: Mixture = job.result
    recording = run.recorded_whole
    seconds = sum(point.seconds for point in result.points)
    titles = [spec.title for spec in result.models]
    st.caption(words.plain(result.best_in_words(titles)))
    origin, condition = recorded.origin(result.device, recording), run.request.condition
    corrupted = f"Corrupted: {condition}, seed {condition.seed}. " if condition.severity else ""
    st.caption(
        f"{origin}; {words.seconds(seconds)} for {len(result.points)} mixes. "
        + words.plain(f"{run.request.attack}, through the mixture. {corrupted}Shared {result.grid.in_words(titles)}.")
    )
    if result.batch_norm:
        st.caption(words.plain(f"{result.batch_norm[0].upper()}{result.batch_norm[1:]}."))
    st.download_button(
        "Numbers as CSV", result.csv, "mixing.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )


def _show_table(request: MixingRequest, found: Sequence[MixPoint]) -> None:
    titles = [spec.title for spec in request.models]
    with st.expander("Every mix with n and 95% interval (Wilson)", icon=":material/table_rows:"):
        st.dataframe(pd.DataFrame(_row(point, titles) for point in found), hide_index=True)


def _row(point: MixPoint, titles: Sequence[str]) -> dict[str, str | float]:
    shares = {f"α of {title}": f"{alpha:.2f}" for title, alpha in zip(titles, point.alphas, strict=True)}
    measured = {TITLES[images]: str(point.accuracy(images)) for images in TITLES if images in point.correct}
    return shares | measured | {"Seconds": round(point.seconds, 1)}
