"""The boxes of a set of photos: from a table that a visitor brings, drawn by hand for the project's own, or a guess."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.sample_boxes import has_known_box, proposed_box
from robust_core.edits.boxes import Box, read_table
from robust_core.errors import BadInput
from robust_core.images import LabelledImage
from robust_core.ui import words

MAX_TABLE_BYTES = 2**20


def choose_boxes(images: Sequence[LabelledImage], place: DeltaGenerator) -> tuple[Box, ...] | None:
    """A box for each image, with a word on where it comes from; None where a table cannot be used, which is said."""
    file = place.file_uploader(
        "Boxes as CSV (file, x0, y0, x1, y1 in pixels)",
        type=["csv"],
        key="boxes_table",
        max_upload_size=1,
        help="One line for each photo. Without a table: boxes drawn by hand for the project's photos, else the middle.",
    )
    try:
        boxes = _from_table(images, file.name, file.getvalue()) if file is not None else {}
    except BadInput as error:
        st.error(words.plain(str(error)))
        return None
    guessed = sum(not (image.name in boxes or has_known_box(image)) for image in images)
    if guessed:
        st.caption(
            f":material/info: The boxes of {guessed} of {len(images)} photos are a guess, the middle 84%; a table "
            "gives real ones."
        )
    return tuple(boxes.get(image.name) or proposed_box(image) for image in images)


def _from_table(images: Sequence[LabelledImage], name: str, content: bytes) -> dict[str, Box]:
    """The boxes by the names of files; raises BadInput for what is no such table, and one about other photos."""
    if len(content) > MAX_TABLE_BYTES:
        raise BadInput(f"{name} is larger than 1 MB, which no table of so few boxes is.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is no CSV table in UTF-8.") from error
    boxes = {file.replace("\\", "/").rsplit("/", 1)[-1]: box for file, box in read_table(text, name).items()}
    if not any(image.name in boxes for image in images):
        raise BadInput(f"{name} names none of these photos, such as {images[0].name}.")
    return boxes
