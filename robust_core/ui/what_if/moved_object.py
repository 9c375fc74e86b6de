"""The object of one scene of Mini, moved by hand: the image, what each model then predicts, and a map of the places at
which it is lost.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import is_scene, read_edited
from robust_core.edits.object_edit import KINDS, ObjectEdit
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.plots.accuracy_maps import Cell
from robust_core.studies import object_edits, predictions
from robust_core.studies.object_edits import EditedPredictions, ObjectEdits, ObjectEditsRequest
from robust_core.studies.predictions import PredictionsRequest
from robust_core.ui import jobs, on_page, screen_images, words, worlds
from robust_core.ui.what_if import edit_controls, place_map, result_table

SLOT, MAP_SLOT = "sweep:", "sweep:places"
EDIT = "moved_object_edit"  # in the session: what the controls said when they were last drawn


def start(image: LabelledImage, specs: Sequence[ModelSpec], condition: Condition) -> dict[str, Job]:
    """The image beside the controls, and the jobs of what they ask for; always without the page's `condition`."""
    if not worlds.has_torch():
        return {}
    if not is_scene(image.sample_id):
        st.info("Only a scene that Mini has drawn can be drawn again; choose one of the strip above.")
        return {}
    if condition.severity:
        st.caption("Here the scene is clean: the corruption chosen above is left out.")
    left, right = st.columns([1, 2], vertical_alignment="center")
    with right:
        edit = st.session_state[EDIT] = edit_controls.choose_edit()
    shown = read_edited(image.sample_id, edit)
    left.image(screen_images.screen_uri(shown.rgb), width="stretch", alt=shown.name, caption=str(edit))
    running = {}
    for spec in specs:
        request = PredictionsRequest((spec,), ImageSet.of([shown]))
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, request.key, partial(predictions.run, request))
    request = map_request(image, specs, edit)
    return running | {MAP_SLOT: jobs.start(MAP_SLOT, request.key, partial(object_edits.run, request))}


def map_request(image: LabelledImage, specs: Sequence[ModelSpec], edit: ObjectEdit) -> ObjectEditsRequest:
    """The object, resized, turned and recoloured as in `edit`, at every place of the map."""
    return ObjectEditsRequest(tuple(specs), ImageSet.of([image]), tuple(_at_each_place(edit)))


def _at_each_place(edit: ObjectEdit) -> list[ObjectEdit]:
    return [
        replace(edit, right_percent=one.right_percent, down_percent=one.down_percent) for one in KINDS["place"].edits
    ]


def show(image: LabelledImage, specs: Sequence[ModelSpec], running: dict[str, Job]) -> None:
    """What each model says of the edited image, and the maps as soon as they are there."""
    edit = st.session_state[EDIT]
    for spec, column in zip(specs, st.columns(len(specs)), strict=True):
        with column:
            _show_prediction(image, spec, SLOT + spec.key, running[SLOT + spec.key])
    job = running[MAP_SLOT]
    if job.state is not State.DONE:
        jobs.show_progress(MAP_SLOT, job)
        return
    on_page.show(map_request(image, specs, edit), job.result, None)
    _show_maps(image, job.result, edit)


def _show_prediction(image: LabelledImage, spec: ModelSpec, slot: str, job: Job) -> None:
    if job.state is not State.DONE:
        jobs.show_progress(slot, job)
        return
    found = job.result.only.predictions[0]
    (label, probability), *_ = found.top(1)
    mark = ":green[✓]" if label == image.label else ":red[✗]"
    name = words.plain(spec.label_space.names[label])
    st.markdown(f":small[:gray[{words.plain(spec.title)}]]  \n{mark} **{name}** {charts.percent(probability)}")


def _show_maps(image: LabelledImage, found: ObjectEdits, edit: ObjectEdit) -> None:
    """A map for each model: the probability of the true class with the object at each place."""
    st.subheader("Where is it lost?", anchor=False)
    places = {one: place for place, one in enumerate(found.edits)}
    at = [places[one] for one in _at_each_place(edit)]
    result_table.in_two_columns(found.by_model, lambda one: _show_map(one, at))
    assert image.label is not None  # a scene that can be drawn again says what it shows
    name = words.plain(image.label_space.names[image.label])
    st.caption(
        f"Probability of the true class, {name}, with the object so many px from its own place in the scene; size, "
        "rotation, hue and background are as the controls say. One clean image, drawn again at each place."
    )


def _show_map(one: EditedPredictions, at: Sequence[int]) -> None:
    right = f"Right at {sum(bool(one.correct[place, 0]) for place in at)} of {len(at)} places."
    cells = [_cell(one, place, edit) for place, edit in zip(at, KINDS["place"].edits, strict=True)]
    place_map.show(cells, "probability", f"place_map:{one.spec.key}", f"{one.spec.title}. {right}")
    st.caption(right)


def _cell(one: EditedPredictions, place: int, edit: ObjectEdit) -> Cell:
    value = float(one.probability[place, 0])
    return Cell(value, f"{edit}: {value:.1%}, {'right' if one.correct[place, 0] else 'wrong'}")
