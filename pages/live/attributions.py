"""Attributions: where does each model look, and can the maps be believed?"""

from functools import partial

import streamlit as st

from robust_core.predictions import answer, input_preprocess
from robust_core.ui import (
    answers,
    attribution_controls,
    attribution_export,
    attribution_grid,
    attribution_runs,
    attribution_sections,
    conditions,
    jobs,
    pickers,
    words,
    worlds,
)
from robust_core.ui.attribution_runs import Request

SLOT = "attribution_answer:"

st.title("Where does each model look?", anchor=False)
st.write("Attribution methods say which parts of a picture speak for a class. Compare them across models, and see whether they can be believed.")
words.show_how_to_read("attributions")
worlds.wait_for_torch()
specs, images = pickers.chosen_models(), pickers.chosen_pictures()
if not specs or not images:
    pickers.show_what_is_missing(specs, images)
    st.stop()

image = answers.choose_picture(images)
condition = conditions.choose_condition()
target = attribution_controls.choose_target(image, specs[0].label_space)
methods = attribution_controls.choose_methods(specs)
display = attribution_controls.choose_display()
crop_only = pickers.centre_crop_only()
request = attribution_runs.choose_request(Request(image, tuple(specs), methods, target, condition, crop_only))
running = {
    spec.key: jobs.start(
        SLOT + spec.key,
        ("answer", spec.key, spec.weights.sha256, crop_only, None, (image.digest,)),
        partial(answer, spec.key, [image], centre_crop_only=crop_only),
    )
    for spec in specs
}
jobs.keep_only(SLOT, [SLOT + key for key in running])
jobs.wait_a_moment(running.values())
if request:
    attribution_runs.start_maps(request)
active = jobs.any_active()


@st.fragment(run_every=jobs.refresh_seconds())
def results() -> None:
    standing = jobs.standing()
    attribution_grid.show_answers(image, specs, running, input_preprocess(specs[0], crop_only))
    if request:
        maps = attribution_runs.start_maps(request)
        trusts = attribution_runs.start_trust(request, maps)
        attribution_grid.show_grid(request, maps, trusts, display)
        attribution_export.show_export(request, maps, trusts, display)
        attribution_sections.show_section(request, maps, display)
    if jobs.any_active() != active or jobs.standing() != standing or attribution_runs.asked_now():
        st.rerun()  # so that the refreshing begins or ends, and what ended or was clicked meanwhile is drawn


results()
