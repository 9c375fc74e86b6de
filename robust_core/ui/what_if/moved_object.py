"""The object of one image, moved by hand: the image, what each model then predicts, a map of the places at which it is
lost, and curves over size, rotation, hue and background. Scenes of Mini are drawn again; from photos it is cut out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from robust_core.corruptions.condition import Condition
from robust_core.data.image_set import ImageSet
from robust_core.data.synthetic import is_scene
from robust_core.edits.boxes import Box
from robust_core.edits.cutout import Cutout
from robust_core.edits.object_edit import KINDS, ObjectEdit
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots.accuracy_maps import Cell
from robust_core.studies import object_edits, predictions
from robust_core.studies.edited_predictions import EditedPredictions
from robust_core.studies.object_edits import ObjectEdits, ObjectEditsRequest
from robust_core.studies.predictions import PredictionsRequest, true_label
from robust_core.studies.study_result import Provenance
from robust_core.ui import jobs, on_page, screen_images, words, worlds
from robust_core.ui.what_if import edit_controls, edit_curves, edited_views, object_box, place_map, result_table

SLOT, MAP_SLOT, CURVE_SLOT, CUT_SLOT = "sweep:", "sweep:places:", "sweep:curves:", "sweep:cut"
MOSTLY, MOSTLY_ALL = 0.5, 0.95  # of an object in view


@dataclass(frozen=True, eq=False)
class Asked:
    """What the controls ask: an edit of the object of `image`, in a `box` where it is a photo."""

    image: LabelledImage
    specs: Sequence[ModelSpec]
    box: Box | None

    @property
    def edit(self) -> ObjectEdit:
        """The edit that the controls say."""
        return edit_controls.chosen_edit(photos=self.box is not None)

    def request(self, edits: Sequence[ObjectEdit]) -> ObjectEditsRequest:
        """The question about several edits of the object."""
        boxes = () if self.box is None else (self.box,)
        return ObjectEditsRequest(tuple(self.specs), ImageSet.of([self.image]), tuple(edits), boxes)

    @property
    def map_request(self) -> ObjectEditsRequest:
        """The object, resized, turned and recoloured as the controls say, at every place of the map."""
        return self.request(self.edit.along("place"))

    @property
    def curve_request(self) -> ObjectEditsRequest:
        """The object at every size, rotation and hue and before every background, and else as it is."""
        kinds = edit_curves.kinds(photos=self.box is not None)
        return self.request([edit for kind in kinds for edit in kind.edits])


def start(image: LabelledImage, specs: Sequence[ModelSpec], condition: Condition) -> dict[str, Job]:
    """The image beside the controls, and the jobs of what they ask for; always without the page's `condition`."""
    if not worlds.has_torch():
        return {}
    if condition.severity:
        st.caption("Here the image is clean: the corruption chosen above is left out.")
    if not is_scene(image.sample_id):
        return _start_photo(image, specs)
    asked = Asked(image, specs, None)
    left, right = st.columns([1, 2], vertical_alignment="center")
    with right:
        edit_controls.choose_edit(photos=False)
    return _start_all(asked, None, left)


def _start_photo(image: LabelledImage, specs: Sequence[ModelSpec]) -> dict[str, Job]:
    """The same of a photo, whose object is cut out first."""
    box = object_box.choose_box(image)
    left, middle, right = st.columns([4, 4, 5], vertical_alignment="top")
    with right:
        edit_controls.choose_edit(photos=True)
    cutting = None
    if box is not None:
        key = ("cutout", image.pixels_sha256, (box.x0, box.y0, box.x1, box.y1))
        cutting = jobs.start(CUT_SLOT, key, partial(object_box.cut, image, box))
        jobs.wait_a_moment([cutting])
    with left:
        object_box.show_photo(image, box, specs[0].preprocess_for(image.centre_crop_only), cutting)
    if cutting is None:
        return {}
    if cutting.state is not State.DONE:
        return {CUT_SLOT: cutting}
    return {CUT_SLOT: cutting} | _start_all(Asked(image, specs, box), cutting.result, middle)


def _start_all(asked: Asked, cutout: Cutout | None, place) -> dict[str, Job]:
    """Show the edited image at `place`, and start what is asked about it."""
    views = edited_views.made(asked.image, asked.box, asked.edit, cutout)
    shown = views[-1]
    place.image(screen_images.screen_uri(shown.rgb), width="stretch", alt=shown.name, caption=str(asked.edit))
    running = {}
    for spec in asked.specs:
        request = PredictionsRequest((spec,), ImageSet.of(views))
        running[SLOT + spec.key] = jobs.start(SLOT + spec.key, request.key, partial(predictions.run, request))
    for slot, whole in ((MAP_SLOT, asked.map_request), (CURVE_SLOT, asked.curve_request)):
        for spec in asked.specs:
            part = whole.of(spec)
            running[slot + spec.key] = jobs.start(slot + spec.key, part.key, partial(object_edits.run, part))
    return running


def show(image: LabelledImage, specs: Sequence[ModelSpec], running: dict[str, Job]) -> None:
    """What each model says of the edited image, and maps and curves as soon as they are there."""
    cutting = running.get(CUT_SLOT)
    if running.keys() == {CUT_SLOT}:
        jobs.show_progress(CUT_SLOT, running[CUT_SLOT])
        if running[CUT_SLOT].state is State.DONE:  # since the other jobs were started
            st.rerun()
        return
    asked = Asked(image, specs, None if cutting is None else object_box.box_of(image))
    cutout: Cutout | None = None if cutting is None else cutting.result
    for spec, column in zip(specs, st.columns(len(specs)), strict=True):
        with column:
            edited_views.show_predictions(image, spec, SLOT + spec.key, running[SLOT + spec.key])
    if (found := _found(MAP_SLOT, running, asked.map_request)) is not None:
        _show_maps(asked, found, cutout)
    _show_progress(MAP_SLOT, running)
    if (found := _found(CURVE_SLOT, running, asked.curve_request)) is not None:
        st.subheader("How much can it change?", anchor=False)
        edit_curves.show(found, _followed(image, found))
    _show_progress(CURVE_SLOT, running)


def _found(slot: str, running: dict[str, Job], request: ObjectEditsRequest) -> ObjectEdits | None:
    """What is there of all models, which the page then shows; None before the first has answered."""
    there = {spec: running[slot + spec.key] for spec in request.models}
    done = {spec: job.result for spec, job in there.items() if job.state is State.DONE}
    if not done:
        return None
    first, *others = done.values()
    part = request.for_models(done)
    found = replace(first.joined(others), provenance=Provenance.of(part, first.provenance.images_sha256))
    on_page.show(part, found, None)
    return found


def _show_progress(slot: str, running: dict[str, Job]) -> None:
    """How the first of the jobs stands that are not done."""
    waiting = [(one, job) for one, job in running.items() if one.startswith(slot) and job.state is not State.DONE]
    if waiting:
        jobs.show_progress(*waiting[0])


def _show_maps(asked: Asked, found: ObjectEdits, cutout: Cutout | None) -> None:
    """A map for each model: the probability of the class that is followed with the object at each place."""
    st.subheader("Where is it lost?", anchor=False)
    edits = asked.edit.along("place")
    seen = [1.0] * len(edits)
    if cutout is not None:
        preprocess = asked.specs[0].preprocess_for(asked.image.centre_crop_only)
        view = screen_images.input_view(cutout.rgb, preprocess)
        seen = [cutout.visible_share(edit, view) for edit in edits]
    at = found.along(edits)
    result_table.in_two_columns(found.by_model, lambda one: _show_map(one, at, seen))
    st.caption(
        f"Probability of the {_followed(asked.image, found)} with the object so far from its own place, in % of the "
        f"image's shorter side; size, rotation, hue and background are as the controls say. {_made(cutout, seen)}"
    )


def _made(cutout: Cutout | None, seen: Sequence[float]) -> str:
    if cutout is None:
        return "One clean image, drawn again at each place."
    partly = sum(share < MOSTLY for share in seen)
    outside = (
        f" At {words.count(partly, 'place')} less than half of it lies in what the first model sees." if partly else ""
    )
    return f"One photo; the object is pasted over the photo with the hole filled in.{outside}"


def _show_map(one: EditedPredictions, at: Sequence[int], seen: Sequence[float]) -> None:
    right = f"Right at {sum(bool(one.correct[place, 0]) for place in at)} of {len(at)} places."
    cells = [_cell(one, place, edit, share) for place, edit, share in zip(at, KINDS["place"].edits, seen, strict=True)]
    place_map.show(cells, "probability", f"place_map:{one.spec.key}", f"{one.spec.title}. {right}")
    st.caption(right)
    if not one.control_keeps[0]:
        st.markdown(f":small[{edited_views.CUT_CHANGES}]")


def _cell(one: EditedPredictions, place: int, edit: ObjectEdit, seen: float) -> Cell:
    value = float(one.probability[place, 0])
    aside = f"; {seen:.0%} of it in view" if seen < MOSTLY_ALL else ""
    return Cell(value, f"{edit}: {value:.1%}, {'right' if one.correct[place, 0] else 'wrong'}{aside}")


def _followed(image: LabelledImage, found: ObjectEdits) -> str:
    """The class whose probability is shown, in words."""
    space = found.by_model[0].spec.label_space
    truth = true_label(image, space)
    if truth is None:
        return "class that the model predicts for the original"
    return f"true class, {words.plain(space.names[truth])},"
