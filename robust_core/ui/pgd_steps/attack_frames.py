"""The film of one picture under attack: what each model was shown at each step, and the last frame to take away as a
PNG.
"""

from collections.abc import Sequence
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.charts import FOLLOWS_FILM
from robust_core.studies.attack_frames import AttackFrames
from robust_core.studies.predictions import Prediction
from robust_core.ui import jobs, screen_images, words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.frame_player import FilmMarker, FilmModel, FilmStrip, film_player
from robust_core.ui.pgd_steps import attack_jobs
from robust_core.ui.pgd_steps.attack_jobs import FILM_SLOT, AttackRun
from robust_core.ui.server.frame_store import Reel, reel_of

MAX_MODELS = 4
_REELS: WeakKeyDictionary[AttackFrames, tuple[Reel, Reel]] = WeakKeyDictionary()


def show_film(run: AttackRun) -> None:
    """Choose a picture, and watch the attack of each of the first models on it."""
    st.subheader("What does the attack do to a picture?", anchor=False)
    places = range(len(run.images.ids))
    place = st.selectbox(
        "Picture", places, format_func=lambda place: f"{place + 1}. {run.images.names[place]}", key="filmed"
    )
    specs = run.specs[:MAX_MODELS]
    if len(run.specs) > MAX_MODELS:
        st.caption(f"The film shows the first {MAX_MODELS} of {len(run.specs)} models.")
    running = attack_jobs.start_film(run, specs, place)
    jobs.keep_only(FILM_SLOT, running)
    jobs.wait_a_moment(running.values())
    for slot, job in running.items():
        if job.state is not State.DONE:
            jobs.show_progress(slot, job)
            return
    _show_player(specs, running)
    for spec in specs:
        _show_download(run, spec, running[FILM_SLOT + spec.key].result, place)


def _show_player(specs: Sequence[ModelSpec], running: dict[str, Job]) -> None:
    films: list[AttackFrames] = [running[FILM_SLOT + spec.key].result for spec in specs]
    steps = films[0].steps
    frames = range(len(steps))
    attacked = [FilmStrip(spec.title, _reels(film)[0], frames) for spec, film in zip(specs, films, strict=True)]
    changes = [FilmStrip(f"its change × {film.factor}, grey is none", _reels(film)[1], frames) for film in films]
    models = [film_model(spec, film) for spec, film in zip(specs, films, strict=True)]
    names = [f"step {step} of {steps[-1]}" if step else "clean" for step in steps]
    marker = FilmMarker(FOLLOWS_FILM, list(steps))
    film_player(
        [attacked, changes], models, ("Answer", "Probability", ""), key="pgd_film", frame_names=names, marker=marker
    )


def film_model(spec: ModelSpec, film: AttackFrames) -> FilmModel:
    """The model's row beside the film: its answer at every frame, bold where it is wrong."""
    shares = map(charts.percent, film.probability)
    marks = ["✓" if correct else "✗" for correct in film.correct]
    names = [spec.label_space.names[label] for label in film.label]
    return FilmModel(
        spec.title,
        model_colours()[spec.key],
        list(zip(names, shares, marks, strict=True)),
        [not correct for correct in film.correct],
    )


def _show_download(run: AttackRun, spec: ModelSpec, film: AttackFrames, place: int) -> None:
    left, right = st.columns([1, 4], vertical_alignment="center")
    name = f"pgd_{spec.key}_{place + 1}.png"
    left.download_button(
        "PNG",
        partial(screen_images.png, film.stored),
        name,
        "image/png",
        key=f"png:{spec.key}",
        icon=":material/download:",
        on_click="ignore",
    )
    right.caption(
        f"**{words.plain(spec.title)}**, last step, rounded to 8 bits inside the ball and judged again: "
        f"{judgement(spec, film)}"
    )


def judgement(spec: ModelSpec, film: AttackFrames) -> str:
    """What the model answers to the stored picture, as it is and when it is uploaded again."""
    if np.array_equal(film.judged.probabilities, film.reopened.probabilities):
        return f"{_answer(spec, film.judged)}. Uploaded again, it gets this very answer."
    size = spec.preprocess
    return (
        f"{_answer(spec, film.judged)} as it is stored, at the model's input size. An upload is first resized to "
        f"{size.resize} px and cropped "
        f"to {size.crop} px, which changes the pixels: uploaded again, it gets {_answer(spec, film.reopened)}."
    )


def _answer(spec: ModelSpec, prediction: Prediction) -> str:
    name = words.plain(spec.label_space.names[prediction.label])
    return f"**{name}** {charts.percent(float(prediction.probabilities.max()))}"


def _reels(film: AttackFrames) -> tuple[Reel, Reel]:
    """The attacked frames and their changes, made once for a film and kept for as long as it is."""
    if film not in _REELS:
        _REELS[film] = reel_of(film.attacked), reel_of(film.change)
    return _REELS[film]
