"""Accuracy on a set of scenes whose object is edited: a curve over sizes, angles or hues, points for backgrounds, a map
of places for each model.
"""

from collections.abc import Iterator, Sequence

import streamlit as st

from robust_core.data.drawn_sets import synthetic_images
from robust_core.edits.object_edit import KINDS, UNEDITED, EditKind
from robust_core.intervals import Interval
from robust_core.plots import edit_charts
from robust_core.plots.accuracy_maps import Cell
from robust_core.plots.charts import Line
from robust_core.studies.object_edits import PROTOCOL, EditedPredictions, ObjectEdits, ObjectEditsRequest
from robust_core.ui import words
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart
from robust_core.ui.links import note_unknown
from robust_core.ui.what_if import place_map, result_table
from robust_core.ui.what_if.whole_set import WholeSet

ABOUT = (
    "What if the object were smaller, turned, of another colour, before another background, or elsewhere? Each scene "
    "is drawn again with nothing else changed, so that what is lost is lost to the edit alone. ImageNet-E (Li et al. "
    "2023) asks the same of photos."
)
CHART_PX = 380
NUMBERS = (16, 32, 64, 128)


def request_for(whole: WholeSet) -> ObjectEditsRequest:
    """Scenes drawn for it, under every edit of the chosen kind."""
    titles = {kind.title: kind for kind in KINDS.values()}
    note_unknown("edit_kind", "kind of edit", list(titles))
    note_unknown("edited_n", "number of scenes", list(map(str, NUMBERS)))
    left, right = st.columns([3, 2])
    fixed = {"bind": "query-params", "persist_state": "session", "required": True}
    kind = titles[left.segmented_control("Edit", list(titles), default="Size", key="edit_kind", **fixed)]
    numbers = list(map(str, NUMBERS))
    n = right.segmented_control("Scenes", numbers, default=numbers[1], key="edited_n", **fixed)
    return ObjectEditsRequest(tuple(whole.specs), synthetic_images(int(n), 0), kind.edits)


def button(request: ObjectEditsRequest) -> str:
    """What a run takes."""
    return f"Run: {len(request.edits)} × {len(request.images)} images for each model"


def show(found: ObjectEdits) -> None:
    """The finding in a sentence, the chart of the kind, and every number."""
    kind = next(kind for kind in KINDS.values() if set(kind.edits) == set(found.edits))
    st.markdown("\n".join(f"- {words.plain(_headline(one, found))}" for one in found.by_model))
    if kind.key == "place":
        result_table.in_two_columns(found.by_model, lambda one: _show_map(one, found, kind))
    else:
        _show_chart(found, kind)
    result_table.show(
        found,
        [row for one in found.by_model for row in _rows(one, found)],
        f"{PROTOCOL[:1].upper()}{PROTOCOL[1:]}; of clean scenes. In brackets are 95% Wilson intervals.",
        f"edited_objects_{kind.key}",
    )


def _headline(one: EditedPredictions, found: ObjectEdits) -> str:
    """What the worst edit leaves."""
    worst = min(range(len(found.edits)), key=lambda place: int(one.correct[place].sum()))
    clean, left = one.accuracy(0), one.accuracy(worst)
    if worst == 0:
        return f"{one.spec.title}: no edit lowers its {clean}."
    return f"{one.spec.title}: {clean} unedited; at worst {left} ({found.edits[worst]}, chosen on these scenes)."


def _show_chart(found: ObjectEdits, kind: EditKind) -> None:
    (field,) = kind.changes
    places = found.places(kind)
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
    cells = [_cell(one, place, found) for place in found.places(kind)]
    alt = f"{one.spec.title}: accuracy with the object at {len(cells)} places, n = {one.n}"
    place_map.show(cells, "accuracy", f"edited_places:{one.spec.key}", alt)


def _cell(one: EditedPredictions, place: int, found: ObjectEdits) -> Cell:
    accuracy = one.accuracy(place)
    return Cell(accuracy.estimate, f"{found.edits[place]}: {accuracy}")


def _rows(one: EditedPredictions, found: ObjectEdits) -> Iterator[dict[str, str | int]]:
    for place, edit in enumerate(found.edits):
        who = {"Model": one.spec.title, "Edit": str(edit), "Accuracy": _bounded(one.accuracy(place))}
        right = int(one.correct[0].sum())
        yield who | {"n": one.n, "Kept of what is right unedited": _bounded(one.kept(place)), "n right unedited": right}


def _bounded(share: Interval | None) -> str:
    return "" if share is None else words.bounded(share.estimate, share.low, share.high, ".1%")
