"""Accuracy on a set of scenes whose object is edited: a curve over sizes, angles or hues, points for backgrounds, a map
of places for each model.
"""

from collections.abc import Iterator, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from robust_core.data.drawn_sets import synthetic_images
from robust_core.data.image_set import ImageSet
from robust_core.edits.object_edit import KINDS, PHOTO_KINDS, UNEDITED, EditKind
from robust_core.intervals import Interval
from robust_core.labels import MINI
from robust_core.plots import edit_charts
from robust_core.plots.accuracy_maps import Cell
from robust_core.plots.charts import Line
from robust_core.studies.edited_predictions import EditedPredictions
from robust_core.studies.object_edits import ObjectEdits, ObjectEditsRequest
from robust_core.ui import words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.what_if import place_map, result_table, set_boxes
from robust_core.ui.what_if.whole_set import WholeSet

ABOUT = (
    "What if the object were smaller, turned, of another colour, before another background, or elsewhere? Scenes of "
    "Mini are drawn again with nothing else changed. From photos the object is cut out and pasted back: what that "
    "alone changes is the control, from which changes are counted. After ImageNet-E (Li et al. 2023)."
)
PUBLISHED = (
    "Published: another background costs 9.23 points of top-1 accuracy, the mean of the models tested (ImageNet-E, Li "
    "et al. 2023, abstract of arXiv 2303.17096). Photos and backgrounds are others there, so the two do not compare."
)
CHART_PX = 380
NUMBERS = (16, 32, 64, 128)
KEPT, RIGHT = "Kept of what is right unedited", "n right unedited"
_FIXED = {"bind": "query-params", "persist_state": "session", "required": True}


def request_for(whole: WholeSet) -> ObjectEditsRequest | None:
    """Scenes drawn for it, or the photos that are chosen in their boxes, under every edit of the chosen kind; None
    where the boxes do not fit.
    """
    photos = whole.specs[0].label_space != MINI
    titles = {kind.title: kind for kind in (PHOTO_KINDS if photos else KINDS).values()}
    note_unknown("edit_kind", "kind of edit", list(titles))
    if whole.condition.severity:
        st.caption("Here the images are clean: the corruption chosen above is left out.")
    left, right = st.columns([3, 2])
    kind = titles[left.segmented_control("Edit", list(titles), default="Size", key="edit_kind", **_FIXED)]
    if not photos:
        return ObjectEditsRequest(tuple(whole.specs), _scenes(right), kind.edits)
    boxes = set_boxes.choose_boxes(whole.images, right)
    images = ImageSet.of(whole.images, whole.image_set.title)
    return None if boxes is None else ObjectEditsRequest(tuple(whole.specs), images, kind.edits, boxes)


def _scenes(place: DeltaGenerator) -> ImageSet:
    numbers = list(map(str, NUMBERS))
    note_unknown("edited_n", "number of scenes", numbers)
    return synthetic_images(
        int(place.segmented_control("Scenes", numbers, default=numbers[1], key="edited_n", **_FIXED)), 0
    )


def fewest(whole: WholeSet) -> int:
    """How many images it takes: of Mini none, whose scenes are drawn for it."""
    return 0 if whole.specs[0].label_space == MINI else 2


def button(request: ObjectEditsRequest) -> str:
    """What a run takes."""
    return f"Run: {len(request.edits)} × {len(request.images)} images for each model"


def show(found: ObjectEdits) -> None:
    """The finding in a sentence, the chart of the kind, and every number."""
    table = PHOTO_KINDS if found.of_photos else KINDS
    kind = next(kind for kind in table.values() if set(kind.edits) == set(found.edits))
    st.markdown("\n".join(f"- {words.plain(_headline(one, found))}" for one in found.by_model))
    for one in found.by_model:
        if not one.control_keeps.all():
            st.markdown(f":orange[:material/warning: {words.plain(found.control_sentence(one))}]")
    result_table.show_caveats([f"Left out: {one}" for one in found.left_out])
    if kind.key == "place":
        result_table.in_two_columns(found.by_model, lambda one: _show_map(one, found, kind))
    else:
        _show_chart(found, kind)
    if found.of_photos and kind.key == "background":
        st.caption(PUBLISHED)
    result_table.show(
        found,
        [row for one in found.by_model for row in _rows(one, found)],
        f"{found.protocol[:1].upper()}{found.protocol[1:]}. In brackets are 95% Wilson intervals; changes are paired, "
        "with Newcombe's.",
        f"edited_objects_{kind.key}",
    )


def _headline(one: EditedPredictions, found: ObjectEdits) -> str:
    """What the worst edit leaves."""
    worst = min(range(len(found.edits)), key=lambda place: int(one.correct[place].sum()))
    clean, left = one.accuracy(0), one.accuracy(worst)
    start = f"{clean} {found.words_of(0)}" if found.of_photos else f"{clean} unedited"
    original = f", {one.original_accuracy} as the photos came" if found.of_photos else ""
    if worst == 0:
        return f"{one.spec.title}: {start}{original}; no edit lowers it."
    lost = f"{found.edits[worst]}, chosen on these {'photos' if found.of_photos else 'scenes'}"
    return f"{one.spec.title}: {start}{original}; at worst {left} ({lost})."


def _show_chart(found: ObjectEdits, kind: EditKind) -> None:
    (field,) = kind.changes
    places = found.along(kind.edits)
    values = [getattr(found.edits[place], field) for place in places]
    chance = 1 / len(found.by_model[0].spec.label_space.names)
    lines = [_line(one, found, places, values) for one in found.by_model]
    if kind.key == "background":
        figure = edit_charts.accuracy_by_name(lines, [value or "its own" for value in values], chance)
    else:
        title = f"{kind.title.lower()}, {kind.unit}"
        figure = edit_charts.accuracy_by_value(lines, title, chance, getattr(UNEDITED, field))
    live_chart(
        figure,
        key=f"edited_objects:{kind.key}",
        height_px=CHART_PX,
        alt=f"Accuracy by {kind.title.lower()}. " + "; ".join(f"{line.title}: {line.words[0]}" for line in lines),
        png_name=f"edited_objects_{kind.key}",
    )


def _line(one: EditedPredictions, found: ObjectEdits, places: Sequence[int], values: Sequence) -> Line:
    left = [one.accuracy(place) for place in places]
    spoken = [
        f"{one.spec.title}, {found.edits[place]}: {interval}" for place, interval in zip(places, left, strict=True)
    ]
    at = values if not isinstance(values[0], str) else range(len(values))
    heights, band = [each.estimate for each in left], [(each.low, each.high) for each in left]
    return Line(one.spec.title, model_colours()[one.spec.key], at, heights, band, spoken)


def _show_map(one: EditedPredictions, found: ObjectEdits, kind: EditKind) -> None:
    cells = [_cell(one, place, found) for place in found.along(kind.edits)]
    alt = f"{one.spec.title}: accuracy with the object at {len(cells)} places, n = {one.n}"
    place_map.show(cells, "accuracy", f"edited_places:{one.spec.key}", alt)


def _cell(one: EditedPredictions, place: int, found: ObjectEdits) -> Cell:
    accuracy = one.accuracy(place)
    return Cell(accuracy.estimate, f"{found.edits[place]}: {accuracy}")


def _rows(one: EditedPredictions, found: ObjectEdits) -> Iterator[dict[str, str | int]]:
    right = int(one.correct[0].sum())
    if found.of_photos:
        yield _named(one, "original", one.original_accuracy) | {"Change, paired": "", KEPT: "", RIGHT: right}
    for place in range(len(found.edits)):
        yield _named(one, found.words_of(place), one.accuracy(place)) | {
            "Change, paired": _bounded(one.change(place), "+.1%") if place else "",
            KEPT: _bounded(one.kept(place)),
            RIGHT: right,
        }


def _named(one: EditedPredictions, edit: str, accuracy: Interval) -> dict[str, str | int]:
    return {"Model": one.spec.title, "Edit": edit, "Accuracy": _bounded(accuracy), "n": one.n}


def _bounded(share: Interval | None, form: str = ".1%") -> str:
    return "" if share is None else words.bounded(share.estimate, share.low, share.high, form)
