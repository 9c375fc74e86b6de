"""What the view on concepts is asked: a class, how many concepts, and in which images."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core import data
from robust_core.data.drawn_sets import collection_images, synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.images import LabelledImage
from robust_core.jobs import State
from robust_core.labels import MINI, LabelSpace
from robust_core.models.spec import ModelSpec
from robust_core.studies import predictions
from robust_core.studies.concepts import (
    CONCEPTS,
    CROP_FRACTION,
    LARGEST_FRACTION,
    LEAST_FRACTION,
    MOST_CONCEPTS,
    ConceptsRequest,
)
from robust_core.studies.predictions import PredictionsRequest, true_label
from robust_core.ui import image_source, jobs, links, uploads, worlds
from robust_core.ui.attributions.map_controls import class_options
from robust_core.ui.links import note_unknown

OF_IMAGE, EVERY = "Class of the current image", "Every class"
SLOT = "concept_class:"
N, MOST_IMAGES, MAX_SEED = 64, 128, 9_999


def choose(
    specs: Sequence[ModelSpec], image: LabelledImage, settings: DeltaGenerator, class_here: DeltaGenerator
) -> ConceptsRequest | None:
    """The request that the controls make; None as long as the class of the current image is not known, or where there
    are no images.
    """
    space = specs[0].label_space
    with class_here:
        chosen = _choose_class(space)
    with settings:
        concepts, n, fraction, seed = _choose_settings()
    label = None if chosen == EVERY else class_of(image, specs[0]) if chosen == OF_IMAGE else _index(chosen, space)
    if label is None and chosen != EVERY:
        return None
    images = images_of(label, n, space)
    return ConceptsRequest(tuple(specs), images, label, concepts, fraction, seed) if len(images) else None


def _choose_settings() -> tuple[int, int, float, int]:
    """How many concepts, in how many images, the size of a crop, and the seed."""
    concepts = links.number(st.slider, "Concepts", 2, MOST_CONCEPTS, CONCEPTS, key="concepts", persist_state="session")
    n = links.number(st.slider, "Images (at most)", 2, MOST_IMAGES, N, key="concept_n", persist_state="session")
    fraction = links.number(
        st.slider,
        "Size of a crop",
        LEAST_FRACTION,
        LARGEST_FRACTION,
        CROP_FRACTION,
        0.05,
        key="crop_fraction",
        persist_state="session",
        help="Of the image's sides; each image gives nine crops",
    )
    seed = links.number(st.number_input, "Seed", 0, MAX_SEED, 0, key="concept_seed", persist_state="session")
    return int(concepts), int(n), fraction, int(seed)


def _choose_class(space: LabelSpace) -> str:
    """Mini begins with one class, since images of each can be drawn; the photos have one of each class alone."""
    first, second = (OF_IMAGE, EVERY) if space == MINI else (EVERY, OF_IMAGE)
    options = [first, second, *class_options(space)]
    note_unknown("concept_class", "class", options)
    if worlds.just_entered("concept_class"):
        st.session_state["concept_class"] = first
    return st.selectbox(
        "Concepts of", options, key="concept_class", bind="query-params", persist_state="session", width=280
    )


def _index(chosen: str, space: LabelSpace) -> int:
    return class_options(space).index(chosen)


def class_of(image: LabelledImage, spec: ModelSpec) -> int | None:
    """The label of the image where it is known, else what the model predicts; None as long as that is not known."""
    known = true_label(image, spec.label_space)
    if known is not None:
        return known
    request = PredictionsRequest((spec,), ImageSet.of([image]))
    job = jobs.start(SLOT, request.key, partial(predictions.run, request))
    jobs.wait_a_moment([job])
    return job.result.only.predictions[0].top()[0][0] if job.state is State.DONE else None


def images_of(label: int | None, n: int, space: LabelSpace) -> ImageSet:
    """At most `n` images of the source that the strip shows, of the class `label` where the source knows classes."""
    source = image_source.chosen_source()
    if source == image_source.SYNTHETIC:
        return synthetic_images(n, 0, st.session_state.get("scene", "clean"), label=label)
    if source == image_source.UPLOAD:
        return _uploaded(n)
    collection = next(one for one in data.list_collections() if one.title == source)
    condition = st.session_state.get("condition") if collection.conditions else None
    own = None if label is None else collection.label_space.index_of(label, space)
    there = own in data.list_classes(collection.key, condition=condition)
    return collection_images(collection, n, 0, space, condition=condition, label=own if there else None)


def _uploaded(n: int) -> ImageSet:
    every = {f"upload/{image.digest}": image for image in uploads.uploaded_images()[:n]}
    names = tuple(image.name for image in every.values())
    rule = f"The first {len(every)} uploaded images."
    return ImageSet(tuple(every), every.__getitem__, "uploads", rule, names=names)
