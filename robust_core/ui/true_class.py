"""The true class of an uploaded image, given by hand; it counts wherever a label is used."""

import streamlit as st

from robust_core.data.real_labels import labels_of
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, LabelSpace
from robust_core.studies.predictions import true_label
from robust_core.ui import real_words, uploads, worlds

UNKNOWN = "unknown"


def choose_true_class(image: LabelledImage) -> None:
    """The control for an uploaded image; nothing for one from elsewhere."""
    mine, space = uploads.mine(), worlds.world()
    if mine.held.get(image.digest) is None:
        return
    key, names = f"true_class:{space.key}:{image.digest}", space.names
    st.session_state[key] = true_label(image, space)
    st.selectbox(
        "True class",
        [None, *range(len(names))],
        key=key,
        format_func=lambda index: UNKNOWN if index is None else class_title(names, index),
        help="Type to search. It is remembered for this image until you close the tab.",
        on_change=_give,
        args=(mine, image.digest, space, key),
    )
    if space == IMAGENET and (sentence := real_words.labels_sentence(labels_of(image.name))):
        st.caption(sentence)


def class_title(names: tuple[str, ...], index: int) -> str:
    """The name of a class, with its number where another has the same name."""
    return f"{names[index]} ({index})" if names.count(names[index]) > 1 else names[index]


def _give(mine: uploads.Uploads, digest: str, space: LabelSpace, key: str) -> None:
    if key in st.session_state:
        mine.labels[digest, space] = st.session_state[key]
