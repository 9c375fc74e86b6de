"""Curves of one image: the probability of the class that is followed, at every size, rotation and hue of the object and
before every background.
"""

import streamlit as st

from robust_core.edits.object_edit import UNEDITED, EditKind, get_kind
from robust_core.plots import charts, edit_charts
from robust_core.plots.charts import Line
from robust_core.studies.edited_predictions import EditedPredictions
from robust_core.studies.object_edits import ObjectEdits
from robust_core.ui.colours import model_colours
from robust_core.ui.components.live_chart import live_chart

KEYS = ("size", "rotation", "hue", "background")
CHART_PX = 300
AXIS = "probability ↑ higher is better"


def kinds(*, photos: bool) -> list[EditKind]:
    """Those that have a curve."""
    return [get_kind(key, photos=photos) for key in KEYS]


def show(found: ObjectEdits, followed: str) -> None:
    """A chart for each kind, two beside each other; `followed` is the class in words."""
    every = kinds(photos=found.of_photos)
    for first in range(0, len(every), 2):
        for kind, column in zip(every[first : first + 2], st.columns(2), strict=True):
            with column:
                st.markdown(f"**{kind.title}**")
                _show_curve(found, kind)
    own = "the object pasted back as it is" if found.of_photos else "the scene as it is"
    st.caption(f"Probability of the {followed} one image, n = 1. The dotted line is {own}; all else is as it was.")


def _show_curve(found: ObjectEdits, kind: EditKind) -> None:
    (field,) = kind.changes
    values = [getattr(edit, field) for edit in kind.edits]
    lines = [_line(one, found, kind, values) for one in found.by_model]
    chance = 1 / len(found.by_model[0].spec.label_space.names)
    if kind.key == "background":
        figure = edit_charts.accuracy_by_name(lines, [value or "its own" for value in values], chance, AXIS)
    else:
        figure = edit_charts.accuracy_by_value(lines, kind.unit, chance, getattr(UNEDITED, field), AXIS)
    live_chart(
        figure,
        key=f"edit_curve:{kind.key}",
        height_px=CHART_PX,
        alt=f"Probability by {kind.title.lower()}. " + "; ".join(line.words[0] for line in lines),
        png_name=f"edit_curve_{kind.key}",
    )


def _line(one: EditedPredictions, found: ObjectEdits, kind: EditKind, values: list) -> Line:
    places = found.along(kind.edits)
    heights = [float(one.probability[place, 0]) for place in places]
    said = [
        f"{one.spec.title}, {found.words_of(place)}: {charts.percent(height)}, "
        f"{'right' if one.correct[place, 0] else 'wrong'}"
        for place, height in zip(places, heights, strict=True)
    ]
    at = values if not isinstance(values[0], str) else range(len(values))
    return Line(one.spec.title, model_colours()[one.spec.key], at, heights, [(one, one) for one in heights], said)
