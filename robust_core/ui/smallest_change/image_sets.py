"""Which images the security curves are over: a set drawn by a seed from the source that its control names."""

import streamlit as st

from robust_core import data
from robust_core.data.drawn_sets import collection_images, label_words, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.recordings.shipped import N_REFERENCES
from robust_core.studies.predictions import true_label
from robust_core.ui import image_source, links, uploads, words, worlds

MOST_IMAGES = 128
FIRST_IMAGES = 20
MAX_SEED = 9_999


def choose_set() -> ImageSet:
    """What the controls describe, none of it read yet; the rule is printed below them."""
    image_source.show_controls(of_set=True)
    if image_source.chosen_source() == image_source.UPLOAD:
        uploads.show_uploader()
        uploads.show_kept()
        images = _uploaded()
    else:
        first = N_REFERENCES.get(worlds.world(), FIRST_IMAGES)
        if worlds.just_entered("n_changes"):
            st.session_state["n_changes"] = first
        n = links.number(st.slider, "Images (n)", 1, MOST_IMAGES, first, key="n_changes", persist_state="session")
        seed = links.number(
            st.number_input, "Seed of the set", 0, MAX_SEED, 0, key="changes_set_seed", persist_state="session"
        )
        images = _drawn(int(n), int(seed))
    st.caption(words.plain(images.rule))
    return images


def _drawn(n: int, seed: int) -> ImageSet:
    source = image_source.chosen_source()
    if source == image_source.SYNTHETIC:
        return synthetic_images(n, seed, st.session_state.get("scene", "clean"))
    collection = next(one for one in data.list_collections() if one.title == source)
    condition = st.session_state.get("condition") if collection.conditions else None
    return collection_images(collection, n, seed, worlds.world(), condition=condition)


def _uploaded() -> ImageSet:
    images = uploads.uploaded_images()[:MOST_IMAGES]
    known = sum(true_label(image, worlds.world()) is not None for image in images)
    rule = f"The first {len(images)} uploads; the true class of {known} is known. {label_words(known, len(images))}"
    return ImageSet.of(images, "uploads", rule)
