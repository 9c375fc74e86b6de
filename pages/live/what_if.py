"""What if: what does each model answer about this picture, now?"""

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from robust_core.jobs import State
from robust_core.predictions import answer, as_rows, class_name, true_label
from robust_core.ui import answers as show
from robust_core.ui import jobs, pickers, render, words
from robust_core.ui.colours import model_colours

SLOT = "what_if:"
CARDS_PER_ROW = 2

st.title("What does each model answer?", anchor=False)
st.write("Give the models a picture and see side by side what each one makes of it, computed now.")
words.show_how_to_read("what_if")
specs, images = pickers.chosen_models(), pickers.chosen_pictures()
if not specs or not images:
    pickers.show_what_is_missing(specs, images)
    st.stop()

crop_only, digests = pickers.centre_crop_only(), tuple(image.digest for image in images)
running = {
    spec.key: jobs.start(
        SLOT + spec.key,
        ("answer", spec.key, spec.weights.sha256, crop_only, digests),
        partial(answer, spec.key, images, centre_crop_only=crop_only),
    )
    for spec in specs
}
jobs.keep_only(SLOT, [SLOT + key for key in running])


def show_picture(image) -> None:
    preprocess = replace(specs[0].preprocess, resize=None) if crop_only else specs[0].preprocess
    st.image(render.png(render.with_crop_frame(image.rgb, preprocess), longest_side_px=640), width="stretch")
    truth = true_label(image, specs[0].label_space)
    known = f"true label: **{class_name(truth, specs[0].label_space)}**" if truth is not None else "true label unknown"
    st.markdown(f"{words.plain(image.name)} · {known}")
    st.caption(f"Models see the bright square. Source: {words.plain(image.source)}.")


def show_cards(image, number: int) -> None:
    colours = model_colours()
    for first in range(0, len(specs), CARDS_PER_ROW):
        for spec, column in zip(specs[first : first + CARDS_PER_ROW], st.columns(CARDS_PER_ROW), strict=False):
            with column.container(border=True):
                st.markdown(f"**{words.plain(spec.title)}**")
                job = running[spec.key]
                if job.state is State.DONE:
                    show.show_card(spec, job.result.predictions[number], job.result, image, colours[spec.key])
                else:
                    jobs.show_progress(SLOT + spec.key, job)


def show_together(done: dict, image, number: int) -> None:
    names = [class_name(done[spec.key].predictions[number].label, spec.label_space) for spec in specs]
    truth = true_label(image, specs[0].label_space)
    st.markdown(show.agreement(names, None if truth is None else class_name(truth, specs[0].label_space)))


def show_all_pictures(done: dict) -> None:
    st.subheader("All pictures", anchor=False)
    st.dataframe(show.overview(images, specs, done), hide_index=True)
    for spec in specs:
        sentence = show.accuracy_words(images, spec, done[spec.key])
        if sentence:
            st.caption(words.plain(sentence))


def show_export(done: dict) -> None:
    rows = [row for spec in specs for row in as_rows(spec, images, done[spec.key])]
    st.download_button(
        "Answers as CSV", pd.DataFrame(rows).to_csv(index=False), "answers.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )
    st.markdown(
        f":green-badge[:material/bolt: LIVE] Computed now on {next(iter(done.values())).device.upper()} in float32, each model with its "
        f"publisher's preprocessing; n = {len(images)}. A few pictures are an illustration, not a benchmark."
    )


active = jobs.any_active(running.values())


@st.fragment(run_every=jobs.REFRESH_SECONDS if active else None)
def results() -> None:
    names = [f"{number + 1}. {image.name}" for number, image in enumerate(images)]
    chosen = st.pills("Picture", names, default=names[0], key="look") if len(images) > 1 else names[0]
    number = names.index(chosen) if chosen in names else 0
    done = {key: job.result for key, job in running.items() if job.state is State.DONE}
    left, right = st.columns([1, 3])
    with left:
        show_picture(images[number])
    with right:
        if len(done) == len(specs):
            show_together(done, images[number], number)
        show_cards(images[number], number)
    if len(done) == len(specs):
        if len(images) > 1:
            show_all_pictures(done)
        show_export(done)
    if active and not any(job.active for job in running.values()):
        st.rerun()  # once, so that the refreshing ends


results()
