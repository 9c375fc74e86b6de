"""Which images are attacked: a set drawn by a seed from the source that its control names, and the rule in words."""

import base64
import io

import streamlit as st
from PIL import Image

from robust_core import data
from robust_core.data.drawn_sets import SEEDS_EACH, collection_images, label_words, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.images import LabelledImage
from robust_core.labels import IMAGENET
from robust_core.recordings.shipped import N
from robust_core.studies.predictions import true_label
from robust_core.ui import image_source, links, uploads, words, worlds
from robust_core.ui.server import script_turns

MAX_IMAGES = SEEDS_EACH
FEW_UPLOADS = 12
MAX_SEED = 9_999
THUMBNAIL_PX = 64


def choose_images(avoid: int | None = None, most: int = MAX_IMAGES) -> ImageSet:
    """The set of at most `most` images that the controls describe, none of it read yet; the rule is printed below them.

    Images whose known class is `avoid`, in the label space of the world, are left out: nothing drives them to where
    they are.
    """
    image_source.show_controls(of_set=True)
    source = image_source.chosen_source()
    if source == image_source.UPLOAD:
        uploads.show_uploader()
        uploads.show_kept()
        images = _uploaded(avoid, most)
    else:
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        if worlds.just_entered("n"):
            st.session_state["n"] = _first_n()
        if st.session_state.get("n", 1) > most:  # chosen on a page that takes more
            st.session_state["n"] = most
        n = links.number(left.slider, "Images (n)", 1, most, _first_n(), key="n")
        seed = links.number(right.number_input, "Seed of the set", 0, MAX_SEED, 0, key="set_seed")
        images = _synthetic(n, seed, avoid) if source == image_source.SYNTHETIC else _sampled(source, n, seed, avoid)
    st.caption(words.plain(images.rule))
    return images


@script_turns.kept(2048)
def thumbnail(image_id: str, _read) -> str:
    """A small image with this id as a data URI, read by `_read`."""
    image = Image.fromarray(_read(image_id).rgb)
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _synthetic(n: int, seed: int, avoid: int | None) -> ImageSet:
    return synthetic_images(n, seed, st.session_state.get("scene", "clean"), avoid)


def _sampled(source: str, n: int, seed: int, avoid: int | None) -> ImageSet:
    collection = next(collection for collection in data.list_collections() if collection.title == source)
    condition = st.session_state.get("condition") if collection.conditions else None
    label = _chosen_class(collection, condition)
    return collection_images(collection, n, seed, worlds.world(), condition=condition, label=label, avoid=avoid)


def _uploaded(avoid: int | None, most: int) -> ImageSet:
    every = {_upload_id(image): image for image in uploads.uploaded_images()}
    fit = [one for one, image in every.items() if avoid is None or true_label(image, worlds.world()) != avoid]
    n = _choose_n(min(len(fit), most))
    first = set(sorted(fit, key=_upload_rank)[:n])
    chosen = {one: image for one, image in every.items() if one in first}  # as they came
    known = sum(true_label(image, worlds.world()) is not None for image in chosen.values())
    which = "" if n == len(fit) else ", the first by the SHA-256 of their files"
    labels = label_words(known, n)
    notes = "".join(f" {image.name}: {image.decoding_note}" for image in chosen.values() if image.decoding_note)
    rule = f"{n} of the {len(every)} uploaded images{which}; the true class of {known} is known. {labels}{notes}"
    names = tuple(image.name for image in chosen.values())
    return ImageSet(tuple(chosen), every.__getitem__, "uploads", rule, names=names)


def _choose_n(most: int) -> int:
    if most <= FEW_UPLOADS:
        return most
    if st.session_state.get("n_uploads", 0) > most:
        del st.session_state["n_uploads"]
    return st.slider("Images (n)", 1, most, min(most, _first_n()), key="n_uploads")


def _first_n() -> int:
    return N.get(worlds.world(), N[IMAGENET])


def _upload_id(image: LabelledImage) -> str:
    """What determines the attack: its pixels and its label."""
    return (
        f"upload/{image.digest}"
        if image.label is None
        else f"upload/{image.digest}/{image.label_space.key}/{image.label}"
    )


def _upload_rank(upload_id: str) -> str:
    return upload_id.split("/")[1]


def _chosen_class(collection: data.Collection, condition: str | None) -> int | None:
    """The class that the source looks at, if the set is to be of it alone; else None for all classes."""
    names = {
        collection.label_space.names[index]: index for index in data.list_classes(collection.key, condition=condition)
    }
    name = st.session_state.get("class")
    if name not in names:
        return None
    links.note_unknown("only_class", "switch position", links.ON_OR_OFF)
    return (
        names[name]
        if st.toggle(f"Only {name}", key="only_class", bind="query-params", persist_state="session")
        else None
    )
