"""Attributions: where does each model look, and can the maps be believed?"""

from functools import partial

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.studies.predictions import PredictionsRequest, run
from robust_core.ui import conditions, image_strip, jobs, pickers, words, worlds
from robust_core.ui.attributions import map_controls, map_export, map_grid, map_jobs, sections
from robust_core.ui.attributions.map_jobs import AskedMaps
from robust_core.ui.true_class import choose_true_class

SLOT = "attribution_prediction:"

st.title("Where does each model look?", anchor=False)
st.write(
    "Attribution methods say which parts of an image speak for a class. Compare them across models, and see whether "
    "they can be believed."
)
words.show_how_to_read("attributions")
worlds.wait_for_torch()
specs, image = pickers.chosen_models(), image_strip.choose_images().image
if not specs or image is None:
    pickers.show_what_is_missing(specs, ())
    st.stop()

choose_true_class(image)
condition = conditions.choose_condition()
target = map_controls.choose_target(image, specs[0].label_space)
methods, protocol = map_controls.choose_methods(specs)
display = map_controls.choose_display()
request = map_jobs.choose_request(AskedMaps(image, tuple(specs), methods, target, condition))
predictions = PredictionsRequest(tuple(specs), ImageSet.of([image]))
running = {
    spec.key: jobs.start(SLOT + spec.key, predictions.of(spec).key, partial(run, predictions.of(spec)))
    for spec in specs
}
jobs.keep_only(SLOT, [SLOT + key for key in running])
jobs.wait_a_moment(running.values())
if request:
    map_jobs.start_maps(request)


def results() -> None:
    map_grid.show_predictions(image, specs, running, specs[0].preprocess_for(image.centre_crop_only))
    if request:
        found = map_jobs.start(request, protocol)
        map_grid.show_grid(request, found, display)
        map_export.show_export(request, found, display)
        sections.show_section(request, found, display)


jobs.poll_and_draw(results, asked_again=map_jobs.asked_now)
