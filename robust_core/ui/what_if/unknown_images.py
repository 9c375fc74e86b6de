"""Where unknown images come from: synthetic ones, another collection, or what this session uploaded."""

import streamlit as st

from robust_core import data
from robust_core.data.image_set import ImageSet
from robust_core.data.unknown_sets import UNKNOWN_KINDS, SyntheticUnknown
from robust_core.ui import links, uploads
from robust_core.ui.links import note_unknown
from robust_core.ui.pickers import UPLOAD

UPLOADED = "Uploaded images"
MOST = 500


def choose_unknown(known: int, seed: int) -> ImageSet | SyntheticUnknown | None:
    """What the controls say; None, with the reason, where there are no such images."""
    synthetic = {row.title: key for key, row in UNKNOWN_KINDS.items()}
    collections = _other_collections()
    sources = [*synthetic, *collections, *([UPLOADED] if st.session_state.get("source") != UPLOAD else [])]
    note_unknown("unknown", "set of unknown images", sources)
    left, right = st.columns([3, 1])
    source = left.selectbox(
        "Unknown images from",
        sources,
        key="unknown",
        bind="query-params",
        help="They must show none of the models' classes: a known class among them counts as a mistake that is none",
    )
    if source == UPLOADED:
        return _uploaded()
    n = int(links.number(right.number_input, "How many", 1, MOST, max(known, 2), key="n_unknown"))
    if source in synthetic:
        return SyntheticUnknown(synthetic[source], n, seed)
    key = collections[source]
    drawn = data.draw(key, min(n, len(data.list_samples(key))), seed)
    return ImageSet(tuple(one.id for one in drawn), data.read, source, f"{len(drawn)} drawn by seed {seed}.")


def _other_collections() -> dict[str, str]:
    """The keys of collections without conditions, by title, apart from the one whose images are the known ones."""
    chosen = st.session_state.get("source")
    return {one.title: one.key for one in data.list_collections() if one.title != chosen and not one.conditions}


def _uploaded() -> ImageSet | None:
    mine = uploads.mine()
    images = [image for digest in mine.digests() if (image := mine.held.get(digest)) is not None]
    if not images:
        st.info(
            "Nothing is uploaded yet: choose “Upload” in the sidebar, bring the unknown images, and come back to the "
            "known ones.",
            icon=":material/upload:",
        )
        return None
    return ImageSet.of(images, UPLOADED)
