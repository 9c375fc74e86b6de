"""What if: what does each model answer about this picture, and what if it had been foggy?"""

from functools import partial

import streamlit as st

from robust_core.predictions import answer, input_preprocess
from robust_core.sweeps import pictures_under
from robust_core.ui import answers as show
from robust_core.ui import conditions, jobs, pickers, sweeps, words

SLOT = "what_if:"

st.title("What does each model answer?", anchor=False)
st.write("Give the models a picture, change it, and see side by side what each one makes of it, computed now.")
words.show_how_to_read("what_if")
specs, images = pickers.chosen_models(), pickers.chosen_pictures()
if not specs or not images:
    pickers.show_what_is_missing(specs, images)
    st.stop()

condition = conditions.choose_condition()
crop_only, classes, digests = pickers.centre_crop_only(), pickers.classes_compared(), tuple(image.digest for image in images)
image = show.choose_picture(images)
number = images.index(image)
subject = sweeps.Subject(image, specs, crop_only)
preprocess = input_preprocess(specs[0], crop_only)
asked = None if condition.severity == 0 else condition  # a clean picture is the same whatever the corruption
running = {
    SLOT + spec.key: jobs.start(
        SLOT + spec.key,
        ("answer", spec.key, spec.weights.sha256, crop_only, asked, digests),
        partial(answer, spec.key, images, centre_crop_only=crop_only, condition=condition),
    )
    for spec in specs
}
if asked:
    running[SLOT + "seen"] = jobs.start(SLOT + "seen", subject.key("seen", preprocess, asked), partial(pictures_under, image, preprocess, [condition]))
jobs.keep_only(SLOT, running)
jobs.wait_a_moment(running.values())


def show_answers() -> None:
    done = show.results_of(specs, running, SLOT, classes)
    left, right = st.columns([1, 3])
    with left:
        show.show_picture(image, specs[0], preprocess, running.get(SLOT + "seen"), condition)
    with right:
        if len(done) == len(specs):
            show.show_agreement(specs, done, image, number)
        show.show_cards(specs, running, done, image, number, SLOT)
    if len(done) == len(specs):
        show.show_all_pictures(images, specs, done)
        show.show_export(images, specs, done, condition)


def results() -> None:
    show_answers()
    sweeps.show_section(subject, condition)


jobs.keep_showing(results)
