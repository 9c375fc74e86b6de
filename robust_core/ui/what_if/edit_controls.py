"""The controls of an edit, which stand in the link: size, place, rotation, hue and background of the object."""

import streamlit as st

from robust_core.edits.object_edit import SCENE_BACKGROUNDS, ObjectEdit
from robust_core.ui import links
from robust_core.ui.links import note_unknown

OWN = "its own"
LARGEST_SHIFT_PX = 28
ZOOMS = (0.3, 1.6)


def choose_edit() -> ObjectEdit:
    """What the controls say; at first nothing is edited."""
    left, right = st.columns(2)
    zoom = links.number(left.slider, "Size, times its own", *ZOOMS, 1.0, 0.05, key="zoom", persist_state="session")
    rotation = _whole(right, "Rotation, degrees clockwise", -180, 180, "rotation", 5)
    right_percent = _whole(left, "To the right, px", -LARGEST_SHIFT_PX, LARGEST_SHIFT_PX, "right_percent")
    down_percent = _whole(right, "Down, px", -LARGEST_SHIFT_PX, LARGEST_SHIFT_PX, "down_percent")
    hue = _whole(left, "Hue, degrees", 0, 355, "hue", 5)
    note_unknown("background", "background", [OWN, *SCENE_BACKGROUNDS])
    background = right.selectbox(
        "Background", [OWN, *SCENE_BACKGROUNDS], key="background", bind="query-params", persist_state="session"
    )
    return ObjectEdit(zoom, right_percent, down_percent, rotation, hue, "" if background == OWN else background)


def _whole(place, label: str, low: int, high: int, key: str, step: int = 1) -> int:
    return links.number(place.slider, label, low, high, 0, step, key=key, persist_state="session")
