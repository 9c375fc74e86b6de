"""An ascent on the screen: the objective as it falls, the picture as it grows, then the film, the verdict and the
picture to take away.
"""

import math
from collections.abc import Sequence
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.charts import FOLLOWS_FILM, Line
from robust_core.studies.feature_visualization import AscentFilm, AscentStep
from robust_core.ui import jobs, screen_images, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.frame_player import FilmMarker, FilmModel, FilmStrip, film_player
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.features.feature_jobs import SLOT, FeatureRun
from robust_core.ui.server.frame_store import Reel, reel_of

CHART_PX = 240
_REELS: WeakKeyDictionary[AscentFilm, Reel] = WeakKeyDictionary()


def show_objective(run: FeatureRun | None, running: dict[str, Job], wanted: FeatureRun) -> None:
    """What each network's ascent lowers or raises against steps, growing; before a run the empty axes of the `wanted`
    one.
    """
    shown = run or wanted
    if shown.ascent is None:
        return
    colours, lines = model_colours(), []
    for spec in run.specs if run else ():
        heights = [event.objective for event in running[spec.key].events if isinstance(event, AscentStep)]
        lines += [Line(spec.title, colours[spec.key], range(len(heights)), heights, [])] if heights else []
    figure = charts.loss_by_step(lines, shown.ascent.steps)
    figure["layout"]["xaxis"]["title"] = {"text": "steps (0 is the start)"}
    quantity = "activation" if shown.experiment.objective == "activation" else "cross-entropy"
    figure["layout"]["yaxis"]["title"] = {"text": quantity}
    alt = f"{quantity.capitalize()} against steps. " + "; ".join(
        f"{line.title}: {line.heights[-1]:.3g} at the last" for line in lines
    )
    live_chart(figure, key="climb", height_px=CHART_PX, alt=alt, png_name="ascent")


def show_progress(run: FeatureRun, running: dict[str, Job]) -> None:
    """How each unfinished model stands, with its picture so far and a button to cancel it."""
    waiting = [spec for spec in run.specs if running[spec.key].state is not State.DONE]
    for spec, column in zip(waiting, st.columns(max(1, len(waiting))), strict=False):
        with column:
            st.markdown(f"**{words.plain(spec.title)}**")
            seen = [
                event.rgb
                for event in running[spec.key].events
                if isinstance(event, AscentStep) and event.rgb is not None
            ]
            if seen:
                st.image(screen_images.screen_uri(seen[-1]), width="stretch")
            jobs.show_progress(SLOT + spec.key, running[spec.key])


def show_film(run: FeatureRun, films: Sequence[tuple[ModelSpec, AscentFilm]]) -> None:
    """The pictures of all finished ascents side by side, and what each network answers to every frame."""
    steps = sorted({step for _, film in films for step in film.steps})
    strips = [FilmStrip(spec.title, _reel(film), [film.place(step) for step in steps]) for spec, film in films]
    models = [film_model(spec, film, steps) for spec, film in films]
    names = [f"step {step} of {steps[-1]}" if step else "start" for step in steps]
    film_player(
        [strips],
        models,
        ("Step", "Answer", target_name(run)),
        key="climb_film",
        frame_names=names,
        marker=FilmMarker(FOLLOWS_FILM, steps),
    )


def film_model(spec: ModelSpec, film: AscentFilm, steps: Sequence[int]) -> FilmModel:
    """The network's row beside the film at each of `steps`, bold where it answers with the class that is raised."""
    cells, bold = [], []
    for place in map(film.place, steps):
        answer = film.predictions[place]
        name, share = spec.label_space.names[answer.label], charts.percent(float(answer.probabilities.max()))
        cells.append((str(film.steps[place]), f"{name} {share}", _raised(film, place)))
        bold.append(film.ascent.row.raises == "class" and answer.label == film.ascent.target)
    return FilmModel(spec.title, model_colours()[spec.key], cells, bold)


def show_verdicts(run: FeatureRun, films: Sequence[tuple[ModelSpec, AscentFilm]]) -> None:
    """For each network the last picture, what it reached, judged on that very picture, and the picture as a PNG."""
    for (spec, film), column in zip(films, st.columns(len(films)), strict=True):
        with column:
            st.image(screen_images.screen_uri(film.frames[-1]), width="stretch")
            st.markdown(f"**{words.plain(spec.title)}**: {verdict(film, words.plain(target_name(run)))}")
            file = f"{run.experiment.key}_{run.ascent.target}_{spec.key}.png"
            picture = partial(screen_images.png, film.frames[-1])
            st.download_button(
                "PNG", picture, file, "image/png", key=f"png:{spec.key}", icon=":material/download:", on_click="ignore"
            )


def verdict(film: AscentFilm, target: str) -> str:
    """What the ascent reached, in one or two sentences; `target` names the unit or class."""
    row, took, first, last = film.ascent.row, words.count(film.steps[-1], "step"), _raised(film, 0), _raised(film, -1)
    if row.raises == "unit":
        share = (
            f"; its share of the softmax: {charts.percent(math.exp(-film.objective[-1]))}"
            if row.objective == "cross_entropy"
            else ""
        )
        why = (
            " No gradient reaches a unit that is silent at the start." if film.raised[0] == film.raised[-1] == 0 else ""
        )
        return f"activation of {target} from {first} at the start to **{last}** after {took}{share}.{why}"
    limit = row.stops_above
    if limit is None:
        return f"probability of {target} from {first} at the start to **{last}** after {took}."
    if film.raised[-1] > limit:
        return f"**fooled**: {last} for {target} after {took}, more than {100 * limit:g}%."
    return f"not fooled yet: {last} for {target} after {took}, not more than {100 * limit:g}%; more steps may do."


def show_honesty(run: FeatureRun, some: AscentFilm) -> None:
    """Badge and protocol, then what the pictures show and what not."""
    start = f"noise, seed {run.noise_seed}" if run.image is None else words.plain(run.image.name)
    st.markdown(
        f"{words.BADGES['live']} {run.experiment.title}: {words.plain(target_name(run))}, from {start}: L∞ PGD, "
        f"at most {run.ascent.steps} steps of 1/255, ε 1.0, which is no limit in [0, 1] (nor is the paper's 4.0), no "
        "random start; "
        f"computed on {some.device.upper()} in float32. Protocol: {run.experiment.source}."
    )
    resized = [spec.title for spec in run.specs if spec.preprocess.resize != spec.preprocess.crop]
    again = "" if not resized else " Uploaded again it is resized first, which can change the answer."
    st.info(
        f"{run.experiment.shows} Answers are to the 8-bit picture at the network's input size, which the PNG "
        f"holds.{again}",
        icon=":material/gavel:",
    )


def target_name(run: FeatureRun) -> str:
    """The unit or the class that is raised, for people."""
    return (
        f"unit {run.ascent.target}"
        if run.experiment.raises == "unit"
        else run.specs[0].label_space.names[run.ascent.target]
    )


def _raised(film: AscentFilm, place: int) -> str:
    value = film.raised[place]
    if film.ascent.row.raises == "class":
        return charts.percent(value)
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _reel(film: AscentFilm) -> Reel:
    """The pictures of an ascent, made once for a film and kept for as long as it is."""
    if film not in _REELS:
        _REELS[film] = reel_of(np.stack(film.frames))
    return _REELS[film]
