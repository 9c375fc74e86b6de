"""Where images come from: a collection, Mini's generator or the visitor; and which of them are worked on. The choice
follows the visitor from page to page and stands in the link.
"""

from contextlib import suppress

import streamlit as st

from robust_core import data
from robust_core.errors import BadImage, RobustError, UnknownName
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET, MINI
from robust_core.ui import sample_picker, uploads, words, worlds
from robust_core.ui.links import note_unknown
from robust_core.ui.server import script_turns
from robust_core.ui.server.thumbnails import UPLOAD as UPLOAD_PREFIX
from robust_core.ui.uploads import SOURCE as UPLOAD

SYNTHETIC = "Synthetic images"
READ_BYTES = 200 * 10**6  # of images of collections that stay in memory, for all sessions together
PARAMETERS = (  # of the link, for what is chosen here on every page
    *("source", "images", "class", "stored", "stored_severity", "compared"),
    *("shape", "texture", "scene", "draw", "n_synthetic"),
)


def look_around() -> None:
    """Scan the data folder where something has changed: before a script takes its turn, since it may take seconds."""
    with suppress(RobustError):  # whoever asks for what is in it says so on the page
        data.list_collections()


def show_controls(*, of_set: bool = False) -> None:
    """The source, and what can be chosen within it; of a set that is drawn from it, what bears upon that."""
    sources = list_sources()
    note_unknown("source", "image source", sources)
    if worlds.just_entered("source") and st.session_state.get("source") != UPLOAD:
        st.session_state["source"] = sources[0]
    source = st.selectbox("Images from", sources, key="source", bind="query-params", persist_state="session")
    if source == SYNTHETIC and of_set:
        worlds.show_scene()
    elif source == SYNTHETIC:
        worlds.show_synthetic()
    elif source != UPLOAD:
        sample_picker.show_samples(_collections()[source])
    for sentence in data.list_missing():
        st.caption(words.plain(sentence))


def list_sources() -> list[str]:
    """What there is in this world, by title; the first is where a visitor begins."""
    return [*([SYNTHETIC] if worlds.world() == MINI else []), *_collections(), UPLOAD]


def chosen_source() -> str:
    """The source that is looked at, also before its control is drawn."""
    return st.session_state.get("source") or list_sources()[0]


def show_take_more() -> None:
    """A button that takes as many images of the source as are worked on at once; there is none for uploads."""
    source = chosen_source()
    if source == SYNTHETIC:
        more, n = {"n_synthetic": worlds.MAX_SYNTHETIC}, worlds.MAX_SYNTHETIC
    else:
        titles = [*sample_picker.listed()][: sample_picker.MAX_CHOSEN]
        more, n = {"images": titles}, len(titles)
    if source != UPLOAD and n > 1:
        st.button(f"Take {n} images", key="take_more", on_click=lambda: st.session_state.update(more))


def chosen_images() -> dict[str, LabelledImage]:
    """The images to work on, by id; a file that is no image is named with the reason."""
    if chosen_source() == SYNTHETIC:
        worlds.wait_for_torch()
        return worlds.synthetic_images()
    if worlds.world() == MINI:
        st.info(
            "Mini's models know only its synthetic images: what they predict for a photo means nothing.",
            icon=":material/info:",
        )
    if chosen_source() == UPLOAD:
        brought = {UPLOAD_PREFIX + image.digest: image for image in uploads.uploaded_images()}
        if brought or not uploads.mine().taken:
            return brought
        return _chosen_before()
    return _of_collections()


def _chosen_before() -> dict[str, LabelledImage]:
    """What was worked on before files came of which none is an image."""
    drawn = worlds.world() == MINI and "shape" in st.session_state  # by its control, unless a link came right here
    images = worlds.synthetic_images() if drawn else _of_collections()
    if images:
        st.caption("None of the files is an image; the images that were chosen before are still here.")
    return images


def _of_collections() -> dict[str, LabelledImage]:
    images = {}
    for sample_id in sample_picker.chosen_ids():
        try:
            images[sample_id] = _read(sample_id)
        except (BadImage, UnknownName) as error:
            st.error(words.plain(str(error)))
    return images


def classes_compared() -> tuple[int, ...] | None:
    """The classes among which the chosen images' protocol looks for the prediction; None for all of them."""
    collection = _collections().get(chosen_source()) if worlds.world() == IMAGENET else None
    return None if collection is None else sample_picker.classes_compared(collection)


def _collections() -> dict[str, data.Collection]:
    return {collection.title: collection for collection in data.list_collections()}


@script_turns.kept(64, seconds=600, most_bytes=READ_BYTES, bytes_of=lambda image: image.rgb.nbytes)
def _read(sample_id: str) -> LabelledImage:
    return data.read(sample_id)
