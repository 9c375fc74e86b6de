"""The first thing on the home page: the sidebar's image and what its models predict, computed on arrival."""

from functools import partial

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.labels import MINI
from robust_core.models.spec import ModelSpec
from robust_core.studies.predictions import PredictionsRequest, run
from robust_core.ui import jobs, menu, pickers, prediction_cards, screen_images, words, worlds
from robust_core.ui.colours import model_colours
from robust_core.ui.server import warmup

SLOT = "hero:"
MOST_MODELS = 3
IMAGE_PX = 360
REFRESH_SECONDS = 0.5


def show() -> None:
    """Image and predictions; a synthetic image is drawn by PyTorch, and so waits until that has started."""
    if worlds.world() == MINI and not warmup.ready():
        _wait()
        return
    specs, images = pickers.chosen_models()[:MOST_MODELS], pickers.chosen_images()[:1]
    if not specs or not images:
        pickers.show_what_is_missing(specs, images)
        return
    image = images[0]
    running = {SLOT + spec.key: _start(spec, image) for spec in specs}
    jobs.keep_only(SLOT, running)
    jobs.poll_and_draw(partial(_show_predictions, specs, image, running))


def _start(spec: ModelSpec, image: LabelledImage) -> Job:
    """The job of What if for this image, so that its prediction is there when somebody goes on to it."""
    request = PredictionsRequest((spec,), ImageSet.of([image]))
    return jobs.start(SLOT + spec.key, request.key, partial(run, request))


def _show_predictions(specs: list[ModelSpec], image: LabelledImage, running: dict) -> None:
    colours = model_colours()
    place, *columns = st.columns([3] + [4] * len(specs))
    with place:
        st.image(screen_images.screen_uri(image.rgb, IMAGE_PX), width="stretch", alt=image.name)
        truth = prediction_cards.truth_of(image, specs[0])
        st.caption(words.plain(f"{'True label: ' + truth if truth else image.name}. Source: {image.source}."))
    for spec, column in zip(specs, columns, strict=True):
        job = running[SLOT + spec.key]
        with column:
            st.markdown(f"**{words.plain(spec.title)}**")
            if job.state is State.DONE:
                found = job.result.only
                prediction_cards.show_card(spec, found.predictions[0], found, image, colours[spec.key], stale=False)
            else:
                jobs.show_progress(SLOT + spec.key, job)
    done = [job.result.only for job in running.values() if job.state is State.DONE]
    if done:
        st.caption(
            f"{words.BADGES['live']} {words.computed_now(done[0].device)}; n = 1 image, "
            f"{prediction_cards.prepared(specs)}."
        )
        st.page_link(menu.what_if(), label="Put this image in fog, noise or blur", icon=":material/foggy:")


def _wait() -> None:
    @st.fragment(run_every=REFRESH_SECONDS)
    def waiting() -> None:
        st.caption(":material/hourglass_top: PyTorch is starting; the first predictions follow.")
        if warmup.ready():
            st.rerun()

    waiting()
