"""The choices that all pages share, in the sidebar: models and images. They survive page changes and are kept in the
URL.
"""

from collections.abc import Sequence

import streamlit as st

from robust_core import data
from robust_core.errors import BadImage, UnknownName
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.spec import ModelSpec
from robust_core.ui import menu, sample_picker, uploads, weight_downloads, words, worlds
from robust_core.ui.links import note_unknown

UPLOAD = "Upload"
SYNTHETIC = "Synthetic images"
FIRST_MODELS = 3
MAX_MODELS = 8
FIRST_DOWNLOAD = "resnet50"


def show_models() -> None:
    """The models of this world that are ready, by title; the first few are chosen when the world is entered."""
    titles = [spec.title for spec in worlds.ready_models(worlds.world())]
    note_unknown("models", "model", titles, _why_not_offered)
    first = titles[:FIRST_MODELS]
    if worlds.just_entered():
        st.session_state["models"] = first
    placeholder = "Choose models" if titles else "None is ready"
    st.multiselect(
        "Models",
        titles,
        default=first,
        key="models",
        bind="query-params",
        max_selections=MAX_MODELS,
        placeholder=placeholder,
    )


def chosen_models() -> list[ModelSpec]:
    """What the sidebar's picker holds, in the table's order."""
    chosen = st.session_state.get("models", ())
    return [spec for spec in worlds.ready_models(worlds.world()) if spec.title in chosen]


def show_images() -> None:
    """Where images come from, and which."""
    collections = {collection.title: collection for collection in data.list_collections()}
    sources = [*([SYNTHETIC] if worlds.world() == MINI else []), *collections, UPLOAD]
    note_unknown("source", "image source", sources)
    if worlds.just_entered() and st.session_state.get("source") != UPLOAD:
        st.session_state["source"] = sources[0]
    source = st.selectbox("Images from", sources, key="source", bind="query-params")
    if source == UPLOAD:
        uploads.show_uploader()
    elif source == SYNTHETIC:
        worlds.show_synthetic()
    else:
        sample_picker.show_samples(collections[source])
    for sentence in data.list_missing():
        st.caption(words.plain(sentence))


def chosen_images() -> list[LabelledImage]:
    """The images to work on; a file that is no image is named with the reason."""
    if st.session_state.get("source") == SYNTHETIC:
        worlds.wait_for_torch()
        return worlds.synthetic_images()
    if worlds.world() == MINI:
        st.info(
            "The models of Mini know only its synthetic images: what they predict for a photo means nothing.",
            icon=":material/info:",
        )
    if st.session_state.get("source") == UPLOAD:
        return uploads.uploaded_images()
    images = []
    for sample_id in sample_picker.chosen_ids():
        try:
            images.append(_read(sample_id))
        except (BadImage, UnknownName) as error:
            st.error(words.plain(str(error)))
    return images


def classes_compared() -> tuple[int, ...] | None:
    """The classes among which the chosen images' protocol looks for the prediction; None for all of them."""
    collection = _chosen_collection() if worlds.world() == IMAGENET else None
    return None if collection is None else sample_picker.classes_compared(collection)


def show_what_is_missing(specs: Sequence[ModelSpec], images: Sequence[LabelledImage]) -> None:
    """The smallest steps forward when there is no model or no image to work with."""
    if not worlds.ready_models(worlds.world()):
        st.info("No ImageNet model is ready on this machine. The smallest steps forward:", icon=":material/download:")
        st.markdown("install the three that come as Python packages, in a terminal in the project's folder:")
        st.code("pip install -r requirements.txt", language="bash")
        weight_downloads.show_actions(get_spec(FIRST_DOWNLOAD))
        st.markdown("or import a weight file of your own, in a terminal in the project's folder:")
        st.code(
            "python -m robust_core models import FILE --architecture resnet50 --key mine --title 'My ResNet-50'",
            language="bash",
        )
        st.page_link(menu.models(), label="All models", icon=":material/table_rows:")
    elif not specs:
        st.info("Choose at least one model in the sidebar.", icon=":material/arrow_back:")
    elif not images:
        st.info("Choose or upload at least one image in the sidebar.", icon=":material/arrow_back:")


def _chosen_collection() -> data.Collection | None:
    """The collection whose protocol holds; none for the models of Mini, who know neither its classes nor its
    sizes.
    """
    if worlds.world() == MINI:
        return None
    return next((one for one in data.list_collections() if one.title == st.session_state.get("source")), None)


def _why_not_offered(title: str) -> str:
    known = next((spec for spec in list_models() if spec.title == title), None)
    if known is None:
        return ""
    return (
        f"{title} belongs to the world {known.label_space.title}."
        if known.label_space != worlds.world()
        else f"{title} is not downloaded on this machine."
    )


@st.cache_resource(max_entries=128, ttl=600, show_spinner=False)
def _read(sample_id: str) -> LabelledImage:
    return data.read(sample_id)
