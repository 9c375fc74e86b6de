"""The images beside each other where they are used: samples and uploads to pick from, a place to drop more, and the
camera.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import streamlit as st

from robust_core.data.synthetic import NAMES
from robust_core.images import LabelledImage
from robust_core.ui import image_source, links, sample_picker, uploads, worlds
from robust_core.ui.components.image_strip import StripImage, image_strip
from robust_core.ui.image_source import SYNTHETIC, UPLOAD
from robust_core.ui.server import thumbnails

MOST_SHOWN = 60  # more are found by name, in the popover
KEY, CURRENT = "image_strip", "current_image"
LAST = "strip_offers"  # in the session: world, source and images by id of the last source that was no upload


@dataclass(frozen=True)
class Chosen:
    """The images that are worked on, and the one of them that is looked at; None where there is none."""

    images: Sequence[LabelledImage]
    image: LabelledImage | None


def choose_images() -> Chosen:
    """What the strip and its controls choose."""
    notes = st.container()
    with st.container(horizontal=True, vertical_alignment="center", key="image_row"):
        strip = st.container(key="strip")
        with st.container(width=180, key="drop_zone"):
            uploads.show_uploader()
        uploads.show_camera()
        with links.notes_at(notes), st.popover("More", icon=":material/photo_library:"):
            image_source.show_controls()
            uploads.show_kept()
    chosen = image_source.chosen_images()
    _look_at_latest(uploads.mine(), chosen)
    current = st.session_state.get(CURRENT)
    if current not in chosen:
        current = next(iter(chosen), None)
    with strip:
        image_strip(_offered(chosen), list(chosen), current, key=KEY, on_pick=_pick)
    return Chosen(list(chosen.values()), None if current is None else chosen[current])


def _look_at_latest(brought: uploads.Uploads, chosen: Container[str]) -> None:
    """What was just uploaded is what the visitor wants to see."""
    latest = thumbnails.UPLOAD + (brought.latest or "")
    if latest in chosen:
        st.session_state[CURRENT], brought.latest = latest, None


def _offered(chosen: dict[str, LabelledImage]) -> list[StripImage]:
    """The visitor's uploads, then what the source offers, or the last one that was no upload."""
    uploaded = [
        StripImage(thumbnails.UPLOAD + image.digest, image.name, thumbnails.upload_path(image))
        for image in uploads.kept_images()
    ]
    source, world = image_source.chosen_source(), worlds.world()
    if source != UPLOAD:
        st.session_state[LAST] = world, source, _synthetic(chosen) if source == SYNTHETIC else _samples(chosen)
    last_world, _, offered = st.session_state.get(LAST, (world, source, {}))
    samples = offered.items() if last_world == world else ()
    return [*uploaded, *(StripImage(one, name, thumbnails.sample_path(one)) for one, name in samples)]


def _samples(chosen: dict[str, LabelledImage]) -> dict[str, str]:
    """The first images of the collection and those that are chosen, as they are listed."""
    listed = sample_picker.listed()
    return {one: title for place, (title, one) in enumerate(listed.items()) if place < MOST_SHOWN or one in chosen}


def _synthetic(chosen: dict[str, LabelledImage]) -> dict[str, str]:
    """Every shape as the controls draw it; several seeds of one come first."""
    several = {one: image.name for one, image in chosen.items()} if len(chosen) > 1 else {}
    return several | {worlds.synthetic_id_of(shape): shape for shape in NAMES}


def _pick(image_id: str) -> None:
    """Look at one image; where it is none of those that are worked on, it becomes the only one."""
    st.session_state[CURRENT] = image_id
    if image_id.startswith(thumbnails.UPLOAD):
        st.session_state["source"] = UPLOAD
        return
    _, st.session_state["source"], _ = st.session_state[LAST]
    if st.session_state["source"] == SYNTHETIC:
        worlds.draw(image_id)
    else:
        sample_picker.choose(image_id)
