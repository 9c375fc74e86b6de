"""The choices that all pages share, in the sidebar: models and pictures. They survive page changes and stand in the URL."""

from collections.abc import Sequence

import streamlit as st

from robust_core import samples
from robust_core.errors import BadImage, UnknownName
from robust_core.images import LabelledImage
from robust_core.labels import CLASSES, IMAGENET_A, IMAGENET_R
from robust_core.models.catalogue import get_spec, list_models
from robust_core.models.spec import MINI, ModelSpec
from robust_core.ui import downloads, menu, uploads, worlds
from robust_core.ui.links import note_unknown

UPLOAD = "Upload"
DRAWN = "The drawn world"
FIRST_MODELS = 3
ALL_CLASSES = "all 1,000"
SUBSETS = {"imagenet_a": IMAGENET_A, "imagenet_r": IMAGENET_R}  # by a collection's label_subset
EVERY_CLASS = "every class"
MAX_LISTED = 500
MAX_MODELS = 8
FIRST_DOWNLOAD = "resnet50"


def show_models() -> None:
    """The models of this world that are ready, by title; the first few are chosen when the world is entered."""
    titles = [spec.title for spec in worlds.ready_models(worlds.world())]
    note_unknown("models", "model", titles, _why_not_offered)
    from_link = "models_of" not in st.session_state and set(titles).intersection(st.query_params.get_all("models"))
    if st.session_state.get("models_of") != worlds.world() and not from_link:
        st.session_state["models"] = titles[:FIRST_MODELS]
    st.session_state["models_of"] = worlds.world()
    st.multiselect("Models", titles, key="models", bind="query-params", max_selections=MAX_MODELS, placeholder="Choose models" if titles else "None is ready")


def chosen_models() -> list[ModelSpec]:
    """What the sidebar's picker holds, in the table's order."""
    chosen = st.session_state.get("models", ())
    return [spec for spec in worlds.ready_models(worlds.world()) if spec.title in chosen]


def show_pictures() -> None:
    """Where pictures come from, and which."""
    collections = {collection.title: collection for collection in samples.list_collections()}
    sources = [*([DRAWN] if worlds.world() == MINI else []), *collections, UPLOAD]
    note_unknown("source", "picture source", sources)
    source = st.selectbox("Pictures from", sources, key="source", bind="query-params")
    if source == UPLOAD:
        uploads.show_uploader()
    elif source == DRAWN:
        worlds.show_drawn()
    else:
        _show_samples(collections[source])
    for sentence in samples.list_missing():
        st.caption(sentence)


def chosen_pictures() -> list[LabelledImage]:
    """The pictures to work on; a file that is no picture is named with the reason."""
    if st.session_state.get("source") == DRAWN:
        worlds.wait_for_torch()
        return worlds.drawn_pictures()
    if worlds.world() == MINI:
        st.info("These small models know only the drawn world: what they answer about a photograph means nothing.", icon=":material/info:")
    if st.session_state.get("source") == UPLOAD:
        return uploads.uploaded_pictures()
    pictures = []
    for title in st.session_state.get("pictures", ()):
        sample = st.session_state["listed"].get(title)
        try:
            pictures += [_read(sample)] if sample else []
        except (BadImage, UnknownName) as error:
            st.error(str(error))
    return pictures


def centre_crop_only() -> bool:
    """Whether the chosen pictures are stored at a model's input size, so that their protocol forbids resizing."""
    collection = _chosen_collection()
    return collection is not None and collection.centre_crop_only


def classes_compared() -> tuple[int, ...] | None:
    """The classes among which the chosen pictures' protocol looks for the answer; None for all of them."""
    collection = _chosen_collection()
    if collection is None or st.session_state.get("compared") == ALL_CLASSES:
        return None
    return SUBSETS.get(collection.label_subset)


def show_what_is_missing(specs: Sequence[ModelSpec], images: Sequence[LabelledImage]) -> None:
    """The smallest steps forward when there is no model or no picture to work with."""
    if not worlds.ready_models(worlds.world()):
        st.info("No ImageNet model is ready on this machine yet. The two smallest steps forward:", icon=":material/download:")
        downloads.show_actions(get_spec(FIRST_DOWNLOAD))
        st.markdown("or import a weight file of your own, in a terminal in the project's folder:")
        st.code("python -m robust_core.models import FILE --architecture resnet50 --key mine --title 'My ResNet-50'", language="bash")
        st.page_link(menu.models(), label="All models", icon=":material/table_rows:")
    elif not specs:
        st.info("Choose at least one model in the sidebar.", icon=":material/arrow_back:")
    elif not images:
        st.info("Choose or upload at least one picture in the sidebar.", icon=":material/arrow_back:")


def _chosen_collection() -> samples.Collection | None:
    return next((one for one in samples.list_collections() if one.title == st.session_state.get("source")), None)


def _why_not_offered(title: str) -> str:
    known = next((spec for spec in list_models() if spec.title == title), None)
    if known is None:
        return ""
    return f"{title} belongs to the other world." if known.label_space != worlds.world() else f"{title} is not downloaded on this machine."


def _show_samples(collection: samples.Collection) -> None:
    if collection.label_subset in SUBSETS:
        count = len(SUBSETS[collection.label_subset])
        st.segmented_control("Classes compared", [f"its {count}", ALL_CLASSES], default=f"its {count}", key="compared", bind="query-params", required=True)
    condition = None
    if collection.conditions:
        note_unknown("condition", "condition", collection.conditions)
        condition = st.selectbox("Condition", collection.conditions, key="condition", bind="query-params")
    label = _choose_class(collection, condition)
    listed = samples.list_samples(collection.key, condition=condition, label=label)
    st.session_state["listed"] = titles = _unique_titles(listed[:MAX_LISTED])
    note_unknown("pictures", "picture", list(titles))
    place = (collection.key, condition, label)
    if st.session_state.get("pictures_from") != place and not ("pictures" in st.query_params and "pictures_from" not in st.session_state):
        st.session_state["pictures"] = list(titles)[:1]
    st.session_state["pictures_from"] = place
    st.multiselect("Pictures", list(titles), key="pictures", bind="query-params", max_selections=uploads.MAX_PICTURES)
    if len(listed) > MAX_LISTED:
        st.caption(f"The first {MAX_LISTED} of {len(listed):,} pictures are listed.")


def _choose_class(collection: samples.Collection, condition: str | None) -> int | None:
    names = {CLASSES[index].name: index for index in samples.list_classes(collection.key, condition=condition)}
    if not names:
        return None
    options = [EVERY_CLASS, *names] if len(names) <= 40 else list(names)
    note_unknown("class", "class", options)
    return names.get(st.selectbox("Class", options, key="class", bind="query-params"))


def _unique_titles(listed: Sequence[samples.Sample]) -> dict[str, str]:
    """Sample ids by title; a title that occurs again gets its number."""
    titles: dict[str, str] = {}
    for sample in listed:
        title, number = sample.title, 2
        while title in titles:
            title, number = f"{sample.title} ({number})", number + 1
        titles[title] = sample.id
    return titles


@st.cache_resource(max_entries=128, ttl=600, show_spinner=False)
def _read(sample_id: str) -> LabelledImage:
    return samples.read(sample_id)
