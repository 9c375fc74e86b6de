"""Attributions: where does each model look, and can the maps be believed?"""

from functools import partial

import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.studies.predictions import PredictionsRequest, run
from robust_core.ui import conditions, image_strip, jobs, links, pickers, run_button, words, worlds
from robust_core.ui.attributions import concepts, map_controls, map_export, map_grid, map_jobs, sections, views
from robust_core.ui.attributions.map_jobs import AskedMaps
from robust_core.ui.true_class import choose_true_class

SLOT = "attribution_prediction:"
ABOUT = {
    views.MAPS: "A map shows which parts of an image speak for a class, and whether it can be believed.",
    views.CONCEPTS: "Which parts do images of a class have in common for a network, and does it depend on them?",
}

st.title("Where does each model look?", anchor=False)
note_of_view = st.container()
with links.notes_at(note_of_view):
    view = views.choose()
st.write(ABOUT[view])
worlds.wait_for_torch()
specs = pickers.chosen_models()
with st.container(horizontal=True, vertical_alignment="center"):
    class_here, run_here, settings_here = (st.container(width="content") for _ in range(3))
    note = st.container()
image = image_strip.choose_images().image
if not specs or image is None:
    pickers.show_what_is_missing(specs, ())
    st.stop()

if view == views.CONCEPTS:
    concepts.show(specs, image, class_here, settings_here.popover("Settings", icon=":material/tune:"), run_here, note)
    st.stop()
choose_true_class(image)
with links.notes_at(note), settings_here.popover("Settings", icon=":material/tune:"):
    target = map_controls.choose_target(image, specs[0].label_space)
    methods, protocol = map_controls.choose_methods(specs, note)
    display = map_controls.choose_display()
with links.notes_at(note), st.expander("Corruption", icon=":material/foggy:"):
    condition = conditions.choose_condition()
set_to = map_controls.in_one_line(target, methods, display, specs[0].label_space)
corruption = f"corruption: {condition}" if condition.severity else "no corruption"
note.caption(words.plain(f"{set_to} · {corruption}"))
wanted = AskedMaps(image, tuple(specs), methods, target, condition, protocol)
request, stale = map_jobs.choose_request(wanted, run_here, note)
predictions = PredictionsRequest(tuple(specs), ImageSet.of([image]))
running = {
    spec.key: jobs.start(SLOT + spec.key, predictions.of(spec).key, partial(run, predictions.of(spec)))
    for spec in specs
}
jobs.keep_only(SLOT, [SLOT + key for key in running])
jobs.wait_a_moment([*running.values(), *map_jobs.start_maps(request, stale).values()])


def results() -> None:
    left, right = st.columns([3, 1])  # the maps come first where there is one column
    with left:
        found = map_jobs.start(request, stale)
        map_jobs.note_shown(request, found)
        map_grid.show_origin(request, found)
        map_grid.show_grid(request, found, display)
    with right:
        map_grid.show_image(image, specs[0])
    if stale:
        with st.container(key=run_button.place(map_jobs.NAME)):
            map_grid.show_grid(stale, found, display)
    map_grid.show_predictions(image, specs, running)
    map_export.show_export(request, found, display)
    sections.show_section(request, found, display)
    words.show_how_to_read("attributions")


jobs.poll_and_draw(results, asked_again=map_jobs.asked_again)
