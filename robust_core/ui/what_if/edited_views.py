"""The images that models are asked about when an object is edited by hand, and what they predict for each."""

import streamlit as st

from robust_core.data.edited_photos import PASTED_BACK
from robust_core.data.synthetic import read_edited
from robust_core.edits.boxes import Box
from robust_core.edits.cutout import Cutout
from robust_core.edits.object_edit import UNEDITED, ObjectEdit
from robust_core.images import LabelledImage
from robust_core.jobs import Job, State
from robust_core.models.spec import ModelSpec
from robust_core.plots import charts
from robust_core.studies.predictions import Prediction, true_label
from robust_core.ui import jobs, words
from robust_core.ui.server import script_turns

BEFORE = ("original", PASTED_BACK, "without the object")  # what models predict for a photo before the edit
CUT_CHANGES = ":orange[:material/warning: The cut itself changes the answer: read changes from the control.]"
NOT_THE_OBJECT = (
    ":orange[:material/warning: Predicted without the object, too: what is left of the photo is enough, and edits of "
    "the object tell little.]"
)


def made(image: LabelledImage, box: Box | None, edit: ObjectEdit, cutout: Cutout | None) -> list[LabelledImage]:
    """The edited image last; before it a photo as it came, with its object pasted back, and without it."""
    if cutout is None:
        return [read_edited(image.sample_id, edit)]
    pasted = (_pasted(image.pixels_sha256, str(box), one, image, cutout) for one in (UNEDITED, None, edit))
    return [image, *pasted]


@script_turns.kept(16)
def _pasted(
    pixels_sha256: str, box: str, edit: ObjectEdit | None, _image: LabelledImage, _cutout: Cutout
) -> LabelledImage:
    """The photo with its object edited; None takes it away."""
    if edit is None:
        return _image.with_pixels(_cutout.background, f"{_image.name}, {BEFORE[-1]}")
    words_of = PASTED_BACK if edit == UNEDITED else str(edit)
    return _image.with_pixels(_cutout.edited(edit), f"{_image.name}, {words_of}")


def show_predictions(image: LabelledImage, spec: ModelSpec, slot: str, job: Job) -> None:
    """What a model predicts for the edited image; for a photo also without the edit, and what to beware of."""
    if job.state is not State.DONE:
        jobs.show_progress(slot, job)
        return
    *before, edited = job.result.only.predictions
    followed = true_label(image, spec.label_space)
    if followed is None:
        followed = (before or [edited])[0].label
    lines = [f":small[:gray[{words.plain(spec.title)}]]"]
    lines += [f":small[{name}: {_line(one, followed)}]" for name, one in zip(BEFORE, before, strict=False)]
    lines += [f"{':small[edited:] ' * bool(before)}{_line(edited, followed, '**')}"]
    st.markdown("  \n".join(lines))
    if before:
        _beware(before, followed)


def _beware(before: list[Prediction], followed: int) -> None:
    original, control, without = (one.label for one in before)
    if original != control:
        st.markdown(f":small[{CUT_CHANGES}]")
    if without == followed:
        st.markdown(f":small[{NOT_THE_OBJECT}]")


def _line(prediction: Prediction, followed: int, bold: str = "") -> str:
    (label, probability), *_ = prediction.top(1)
    mark = ":green[✓]" if label == followed else ":red[✗]"
    return f"{mark} {bold}{words.plain(prediction.label_space.names[label])}{bold} {charts.percent(probability)}"
