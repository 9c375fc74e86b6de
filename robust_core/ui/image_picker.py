"""Which of several images is looked at: a few as buttons, many as a list to search or to walk through."""

from collections.abc import Sequence

import streamlit as st

from robust_core.images import LabelledImage
from robust_core.ui import words

FEW = 12
KEY = "look_at"


def choose_image(images: Sequence[LabelledImage]) -> LabelledImage:
    """The one of `images`, at least one, that the control chooses; the first at first."""
    names = [f"{number}. {image.name}" for number, image in enumerate(images, start=1)]
    if len(images) == 1:
        return images[0]
    if len(images) <= FEW:
        chosen = st.pills("Image", names, default=names[0], key="look", required=True, format_func=words.plain)
        return images[names.index(chosen)]
    if st.session_state.get(KEY, 0) >= len(images):
        del st.session_state[KEY]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            f"Image, one of {len(images)}", range(len(images)), format_func=names.__getitem__, key=KEY, width=480
        )
        st.button(
            "Previous image",
            key="look_before",
            icon=":material/chevron_left:",
            on_click=_look_at,
            args=(place - 1,),
            disabled=place == 0,
        )
        st.button(
            "Next image",
            key="look_after",
            icon=":material/chevron_right:",
            on_click=_look_at,
            args=(place + 1,),
            disabled=place + 1 == len(images),
        )
    return images[place]


def _look_at(place: int) -> None:
    st.session_state[KEY] = place
