"""The controls of an edit, which stand in the link: size, place, rotation, hue and background of the object."""

import streamlit as st

from robust_core.edits.object_edit import PHOTO_BACKGROUNDS, SCENE_BACKGROUNDS, ObjectEdit
from robust_core.ui import links
from robust_core.ui.links import note_unknown

OWN = "its own"
LARGEST_SHIFT_PERCENT = 45.0
ZOOMS = (0.3, 1.6)
# The key of the control for each number of an edit.
NUMBERS = {
    "zoom": "zoom",
    "right_percent": "right_percent",
    "down_percent": "down_percent",
    "rotation_degrees": "rotation",
    "hue_degrees": "hue",
}


def choose_edit(*, photos: bool) -> ObjectEdit:
    """What the controls say; at first nothing is edited. Photos have other backgrounds than scenes."""
    left, right = st.columns(2)
    links.number(left.slider, "Size, times its own", *ZOOMS, 1.0, 0.05, key="zoom", persist_state="session")
    _whole(right, "Rotation, degrees clockwise", -180, 180, "rotation")
    _shift(left, "To the right, %", "right_percent")
    _shift(right, "Down, %", "down_percent")
    _whole(left, "Hue, degrees", 0, 355, "hue")
    key, kinds = _backgrounds(photos=photos)
    note_unknown(key, "background", kinds)
    right.selectbox("Background", kinds, key=key, bind="query-params", persist_state="session")
    return chosen_edit(photos=photos)


def chosen_edit(*, photos: bool) -> ObjectEdit:
    """What the controls say that `choose_edit` has drawn."""
    numbers = {field: st.session_state[key] for field, key in NUMBERS.items()}
    background = st.session_state[_backgrounds(photos=photos)[0]]
    return ObjectEdit(**numbers, background="" if background == OWN else background)


def _backgrounds(*, photos: bool) -> tuple[str, list[str]]:
    """The key of the control, and what it offers."""
    return ("photo_background", [OWN, *PHOTO_BACKGROUNDS]) if photos else ("background", [OWN, *SCENE_BACKGROUNDS])


def _whole(place, label: str, low: int, high: int, key: str) -> None:
    links.number(place.slider, label, low, high, 0, 5, key=key, persist_state="session")


def _shift(place, label: str, key: str) -> None:
    far = LARGEST_SHIFT_PERCENT
    shown = {"format": "%.1f", "help": "Of the image's shorter side"}
    links.number(place.slider, label, -far, far, 0.0, 2.5, key=key, persist_state="session", **shown)
