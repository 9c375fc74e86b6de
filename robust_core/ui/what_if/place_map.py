"""A map of the places to which an object is moved, for one model."""

from collections.abc import Sequence

from robust_core.edits.object_edit import PLACES_PERCENT
from robust_core.plots.accuracy_maps import Cell, accuracy_map
from robust_core.ui.components.live_chart import live_chart

MAP_PX = 360
NAMES = [f"{one:+g}".replace("-", "−") if one else "0" for one in PLACES_PERCENT]


def show(cells: Sequence[Cell], scale: str, key: str, alt: str) -> None:
    """Draw `cells`, row by row from the top as the table of edits has its places; `scale` says what they are."""
    side = len(PLACES_PERCENT)
    rows = [cells[first : first + side] for first in range(0, len(cells), side)]
    figure = accuracy_map(NAMES, NAMES, rows, ("down, %", "right, %", scale))
    live_chart(figure, key=key, height_px=MAP_PX, alt=alt, png_name=key.replace(":", "_"))
