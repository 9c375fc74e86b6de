"""The box around the object of a photo: proposed, drawn by dragging, or written; and what was cut out in it."""

from collections.abc import Generator, Iterable

import numpy as np
import streamlit as st

from robust_core.data.edited_photos import cutout_of
from robust_core.data.sample_boxes import has_known_box, proposed_box
from robust_core.edits.boxes import Box
from robust_core.edits.cutout import Cutout
from robust_core.errors import BadInput
from robust_core.events import Progress
from robust_core.images import LabelledImage, Preprocess
from robust_core.jobs import Job, State
from robust_core.plots.cutout_chart import photo_with_box
from robust_core.ui import screen_images, words
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.server import script_turns

KEY = "box"
BOXED = "boxed_image"  # in the session: the photo that the box is of
CHART_PX = 330


def choose_box(image: LabelledImage) -> Box | None:
    """The box that is written, or else the one proposed; None where what is written fits no box, which is said."""
    proposed = proposed_box(image)
    if st.session_state.get(BOXED, image.digest) != image.digest:
        st.session_state[KEY] = ""  # that of another photo
    st.session_state[BOXED] = image.digest
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.text_input(
        "Box around the object, % of width and height: left, top, right, bottom",
        key=KEY,
        bind="query-params",
        persist_state="session",
        placeholder=f"proposed: {_written(proposed.percent_of(*_size(image)))}",
        help="Drag over the photo to draw it. Empty: the proposed box. Leave some background around the object, from "
        "which GrabCut learns.",
    )
    written = bool(st.session_state.get(KEY, "").strip())
    right.button("Proposed box", key="propose_box", disabled=not written, on_click=_forget, width="stretch")
    try:
        return _checked(image)
    except BadInput as error:
        st.warning(words.plain(str(error)), icon=":material/crop_free:")
        return None


def box_of(image: LabelledImage) -> Box | None:
    """The box that the control says; None where it fits none."""
    try:
        return _checked(image)
    except BadInput:
        return None


def cut(image: LabelledImage, box: Box) -> Generator[Progress, None, Cutout]:
    """The work of a job: the object cut out."""
    yield Progress(0, None, "", "cutting the object out")
    return cutout_of(image, box)


def show_photo(image: LabelledImage, box: Box | None, preprocess: Preprocess, job: Job | None) -> None:
    """The photo, on which a box can be drawn, and the outline of what was cut out once that is known."""
    cutout: Cutout | None = job.result if job is not None and job.state is State.DONE else None
    height, width, _ = image.rgb.shape
    share = 0.0 if cutout is None else float((cutout.alpha > 0.5).mean())
    said = f"the object cut out: {share:.1%} of the photo"
    corners = (box or proposed_box(image)).percent_of(width, height)
    outlines = () if cutout is None else [(100 * one).tolist() for one in cutout.outlines]
    live_chart(
        photo_with_box(_shown_uri(image.digest, preprocess, image.rgb), width / height, corners, outlines, said),
        key="object_box",
        height_px=CHART_PX,
        alt=f"{image.name} with a box from {_written(corners)} percent" + (f"; {said}" if share else ""),
        on_box=_draw,
    )
    st.caption(f"{said[:1].upper()}{said[1:]} (outline). " * bool(share) + _about(image))


@script_turns.kept(16)
def _shown_uri(digest: str, preprocess: Preprocess, _rgb: np.ndarray) -> str:
    return screen_images.screen_uri(screen_images.with_crop_frame(screen_images.smaller(_rgb), preprocess))


def _about(image: LabelledImage) -> str:
    if st.session_state.get(KEY, "").strip():
        return "Drag to draw another box."
    if has_known_box(image):
        return "Box drawn by hand for this photo. Drag to draw your own."
    return "The box is a guess, the middle of the photo. Drag to draw your own."


def _checked(image: LabelledImage) -> Box:
    """Raises BadInput for what is no box in the image."""
    written = st.session_state.get(KEY, "").strip()
    if not written:
        return proposed_box(image)
    try:
        corners = [float(one) for one in written.replace(",", " ").replace("%", " ").split()]
    except ValueError:
        corners = []
    if len(corners) != 4:
        raise BadInput(f"A box is four numbers, such as 20, 10, 80, 90; got “{written[:60]}”.")
    if not all(0 <= one <= 100 for one in corners):
        raise BadInput(f"The box does not lie in the photo: expected percent from 0 to 100; got “{written[:60]}”.")
    left, upper, right, lower = corners
    box = Box.of_percent((left, upper, right, lower), *_size(image))
    box.check_in(*_size(image))
    return box


def _draw(corners: tuple[float, float, float, float]) -> None:
    """What was dragged, as far as it lies in the photo."""
    st.session_state[KEY] = _written([min(100.0, max(0.0, one)) for one in corners])


def _forget() -> None:
    st.session_state[KEY] = ""


def _written(corners: Iterable[float]) -> str:
    return ", ".join(f"{one:.4g}" if one == round(one) else f"{one:.1f}" for one in corners)


def _size(image: LabelledImage) -> tuple[int, int]:
    return image.rgb.shape[1], image.rgb.shape[0]
