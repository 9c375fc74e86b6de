"""Attributions: where does each model look, and can the maps be believed?"""

from functools import partial

import streamlit as st

from robust_core.predictions import input_preprocess, predict_images
from robust_core.ui import conditions, jobs, pickers, words, worlds
from robust_core.ui.attributions import controls, export, grid, runs, sections
from robust_core.ui.attributions.runs import Request
from robust_core.ui.image_picker import choose_image
from robust_core.ui.true_class import choose_true_class

SLOT = "attribution_prediction:"

st.title("Where does each model look?", anchor=False)
st.write(
    "Attribution methods say which parts of an image speak for a class. Compare them across models, and see whether "
    "they can be believed."
)
words.show_how_to_read("attributions")
worlds.wait_for_torch()
specs, images = pickers.chosen_models(), pickers.chosen_images()
if not specs or not images:
    pickers.show_what_is_missing(specs, images)
    st.stop()

image = choose_image(images)
choose_true_class(image)
condition = conditions.choose_condition()
target = controls.choose_target(image, specs[0].label_space)
methods = controls.choose_methods(specs)
display = controls.choose_display()
crop_only = pickers.centre_crop_only()
request = runs.choose_request(Request(image, tuple(specs), methods, target, condition, crop_only))
running = {
    spec.key: jobs.start(
        SLOT + spec.key,
        ("answer", spec.key, spec.weights.sha256, crop_only, None, (image.digest,)),
        partial(predict_images, spec.key, [image], centre_crop_only=crop_only),
    )
    for spec in specs
}
jobs.keep_only(SLOT, [SLOT + key for key in running])
jobs.wait_a_moment(running.values())
if request:
    runs.start_maps(request)


def results() -> None:
    grid.show_predictions(image, specs, running, input_preprocess(specs[0], crop_only))
    if request:
        maps = runs.start_maps(request)
        metrics_by_method = runs.start_metrics(request, maps)
        grid.show_grid(request, maps, metrics_by_method, display)
        export.show_export(request, maps, metrics_by_method, display)
        sections.show_section(request, maps, display)


jobs.poll_and_draw(results, asked_again=runs.asked_now)
