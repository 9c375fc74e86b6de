"""What if: what does each model predict for this image, and what if it had been foggy?"""

import streamlit as st

from robust_core.recordings.store import Recording
from robust_core.ui import conditions, image_source, image_strip, jobs, on_page, pickers, words
from robust_core.ui import prediction_cards as show
from robust_core.ui.true_class import choose_true_class
from robust_core.ui.what_if import set_sections, sweeps
from robust_core.ui.what_if.whole_set import WholeSet, predict_all

SLOT, ALL_SLOT = "what_if:", "all_images:"
FEW = 12  # images that are predicted together

st.title("What does each model predict?", anchor=False)
st.write("Choose or upload an image, change it, and compare the models' predictions.")
specs, chosen = pickers.chosen_models(), image_strip.choose_images()
images, image = chosen.images, chosen.image
if not specs or image is None:
    pickers.show_what_is_missing(specs, images)
    st.stop()

condition = conditions.choose_condition()
classes = image_source.classes_compared()
choose_true_class(image)
together = images if len(images) <= FEW else [image]
number = together.index(image)
whole = WholeSet(specs, images, condition, classes)
subject = sweeps.Subject(image, specs)
running = {SLOT + spec.key: whole.start(SLOT + spec.key, spec, together) for spec in specs}
if condition.severity:
    running[SLOT + "seen"] = sweeps.start_seen(SLOT + "seen", subject, [condition])
jobs.keep_only(SLOT, running)
recorded = whole.recorded(together)
jobs.wait_a_moment(job for slot, job in running.items() if slot.removeprefix(SLOT) not in recorded)


def show_predictions() -> None:
    found = show.results_of(specs, running, SLOT, recorded)
    for spec in specs:
        if spec.key in found:
            on_page.show(whole.request([spec], together), *found[spec.key])
    done = show.compared({key: result.only for key, (result, _) in found.items()}, classes)
    agreement = st.container()  # its place is kept, or the charts below would be mounted anew
    if len(done) == len(specs):
        with agreement:
            show.show_agreement(specs, done, image, number)
    left, right = st.columns([1, 3])
    with left, st.container(key="shown_image"):
        show.show_image(image, specs[0], subject.preprocess, running.get(SLOT + "seen"), condition)
    with right:
        show.show_cards(specs, running, done, image, number, SLOT)
    if len(done) == len(specs):
        show_whole_set(done, [recording for _, recording in found.values() if recording])


def show_whole_set(done: dict, recordings: list[Recording]) -> None:
    if len(images) > 1:
        st.subheader("All images", anchor=False)
    all_here = together is images
    predicted = done if all_here else predict_all(whole, ALL_SLOT)
    if predicted is None:
        show.show_export(whole.request(specs, [image]), done, recordings)
        return
    predicted = show.compared(predicted, classes)
    show.show_all_images(images, specs, predicted)
    show.show_export(whole.request(specs, images), predicted, recordings if all_here else ())


def results() -> None:
    show_predictions()
    set_sections.show_section(whole)
    sweeps.show_section(subject, condition)
    words.show_how_to_read("what_if")


jobs.poll_and_draw(results)
