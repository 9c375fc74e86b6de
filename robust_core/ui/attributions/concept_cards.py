"""A card for each concept: its strongest crops, where it is in the current image, and what is known of it."""

import math
from collections.abc import Hashable

import numpy as np
import streamlit as st

from robust_core.data.image_set import ImageSet
from robust_core.jobs import Job, State
from robust_core.plots import map_images
from robust_core.studies.concept_images import shown_crop
from robust_core.studies.concept_maps import ConceptMaps
from robust_core.studies.concept_outcomes import (
    EFFECT,
    FOUND_AGAIN,
    IMPORTANCE,
    OBJECT_AREA,
    ON_OBJECT,
    TEXTURE,
    ModelConcepts,
)
from robust_core.studies.layer_biases import Estimate
from robust_core.ui import jobs, screen_images, words
from robust_core.ui.server import script_turns

A_ROW, CROPS_A_ROW, GAP_PX = 3, 3, 2
LEAST_WRITTEN = 0.005  # what is less rounds to nothing
OPACITY, PERCENTILE = 0.6, 99.0


def show_cards(one: ModelConcepts, images: ImageSet, key: Hashable, maps: Job, slot: str) -> None:
    """The cards, the most important first; `key` says of which run they are, `maps` are those of the current image."""
    found: ConceptMaps | None = maps.result if maps.state is State.DONE else None
    if found is None:
        jobs.show_progress(slot, maps)
    limit = None if found is None else map_images.scale_limit([found.heat], PERCENTILE)
    for first in range(0, len(one.numbers), A_ROW):
        for column, number in zip(st.columns(A_ROW), one.numbers[first : first + A_ROW], strict=False):
            with column.container(border=True, gap="xsmall"):
                st.markdown(f"**Concept {number}** · importance {_importance(one, number)}")
                with st.container(key=f"concept_pair_{number}"):
                    left, right = st.columns([3, 2])  # both come out as high
                    with left:
                        _show_crops(one, images, key, number)
                    with right:
                        if found is not None and limit is not None:
                            _show_heat(found, number, limit)
                st.caption(" ".join(sentences(one, number, found)))
    if found is not None:
        _show_scale(found)


def sentences(one: ModelConcepts, number: int, here: ConceptMaps | None = None) -> list[str]:
    """What is known of a concept, and what it does in the current image where that is known."""
    said = []
    if (effect := one.get(EFFECT, number)) is not None:
        said.append(f"Without it the logit {_moved(effect)}{_here(here, number)}.")
    if (on := one.get(ON_OBJECT, number)) is not None:
        area = one.get(OBJECT_AREA)
        chance = "" if area is None else f"; the object covers {area.value:.0f}%"
        said.append(f"**{on.value:.0f}%** {_bounds(on, '.0f')} of its heat is on the object{chance}.")
    if (texture := one.get(TEXTURE, number)) is not None:
        said.append(f"With another texture its strength is **{texture.value:.0f}%** {_bounds(texture, '.0f')}.")
    again = one.get(FOUND_AGAIN, number)
    if again is not None:
        other = "" if math.isnan(one.other_cosine) else f" (different concepts: {one.other_cosine:.2f})"
        said.append(f"Likeness in two halves of the images: cosine {again.value:.2f}{other}.")
    return said


def _moved(effect: Estimate) -> str:
    """What the logit does, on average; an interval that holds 0 says neither."""
    if effect.low is not None and effect.high is not None and effect.low <= 0 <= effect.high:
        return f"is not shown to move: a fall of {written(effect, '.2f')}"
    falls = effect.value >= 0
    size = effect if falls else Estimate(-effect.value, -effect.high, -effect.low)
    return f"{'falls' if falls else 'rises'} by {written(size, '.2f')}"


def _here(maps: ConceptMaps | None, number: int) -> str:
    if maps is None:
        return ""
    fall = maps.effect[number - 1]
    if abs(fall) < LEAST_WRITTEN:
        return "; in the current image it hardly changes"
    return f"; in the current image it {'falls' if fall > 0 else 'rises'} by {abs(fall):.2f}"


def written(estimate: Estimate | None, form: str, unit: str = "") -> str:
    """A number with its interval where one is known."""
    if estimate is None:
        return "–"
    return f"{estimate.value:{form}}{unit} {_bounds(estimate, form, unit)}".strip().replace("-", "−")


def _importance(one: ModelConcepts, number: int) -> str:
    estimate = one.get(IMPORTANCE, number)
    if estimate is not None and max(estimate.value, estimate.high) < LEAST_WRITTEN:
        return "below 0.01"
    return written(estimate, ".2f")


def _bounds(estimate: Estimate, form: str, unit: str = "") -> str:
    if math.isnan(estimate.low):
        return ""
    return f"[{estimate.low:{form}}{unit}, {estimate.high:{form}}{unit}]".replace("-", "−")


def _show_crops(one: ModelConcepts, images: ImageSet, key: Hashable, number: int) -> None:
    if not one.prototypes(number):
        st.caption("In no crop.")
        return
    alt = f"The {len(one.prototypes(number))} crops in which concept {number} is strongest"
    st.image(_crops_uri(key, number, one, images), width="stretch", alt=alt)


@script_turns.kept(256)
def _crops_uri(key: Hashable, number: int, _one: ModelConcepts, _images: ImageSet) -> str:
    crops = [shown_crop(_images, _one.spec, crop) for crop in _one.prototypes(number)]
    return screen_images.screen_uri(montage(crops))


def _show_heat(found: ConceptMaps, number: int, limit: float) -> None:
    rgb = map_images.overlay(found.rgb, found.heat[number - 1], limit, OPACITY)
    fall = found.effect[number - 1]
    alt = f"Where concept {number} is in the current image; without it the logit changes by {-fall:+.2f}"
    st.image(screen_images.screen_uri(rgb), width="stretch", alt=alt)


def _show_scale(found: ConceptMaps) -> None:
    name = words.plain(found.spec.label_space.names[found.label])
    st.caption(
        "Left: the strongest crops, at most one of each image. Right: where the concept is in the current image, on "
        f"one scale for all (n = 1), which {words.plain(found.spec.title)} predicts as **{name}** "
        f"({found.probability:.1%})."
    )


def montage(crops: list[np.ndarray]) -> np.ndarray:
    """Crops (H,W,3) of one size in rows of three, with white between them."""
    height, width, _ = crops[0].shape
    rows = math.ceil(len(crops) / CROPS_A_ROW)
    sheet = np.full(
        (rows * (height + GAP_PX) - GAP_PX, CROPS_A_ROW * (width + GAP_PX) - GAP_PX, 3), 255, dtype=np.uint8
    )
    for place, crop in enumerate(crops):
        top, left = (place // CROPS_A_ROW) * (height + GAP_PX), (place % CROPS_A_ROW) * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = crop
    return sheet
