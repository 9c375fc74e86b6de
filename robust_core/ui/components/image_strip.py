"""A strip of small images, one of which is looked at; a click or the keyboard chooses another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

FILES = Path(__file__)
HTML = '<div class="image-strip" role="listbox" aria-label="Images" aria-orientation="horizontal"></div>'


@dataclass(frozen=True)
class StripImage:
    """One image of the strip: its id, its name for people, and the path of its thumbnail on this server."""

    id: str
    name: str
    path: str


@cache
def _component():
    return st.components.v2.component(
        "image_strip",
        html=HTML,
        css=FILES.with_suffix(".css").read_text(),
        js=FILES.with_suffix(".js").read_text(),
        isolate_styles=False,
    )


def image_strip(
    images: Sequence[StripImage],
    chosen: Sequence[str],
    current: str | None,
    *,
    key: str,
    on_pick: Callable[[str], None],
) -> None:
    """Show `images`; those with the ids in `chosen` are worked on, `current` among them is looked at.

    `on_pick` is called with the id of the image that was picked, before the page runs again.
    """

    def picked() -> None:
        image_id = getattr(st.session_state.get(key), "picked", None)
        if image_id in [image.id for image in images]:  # a list, since a client may send what cannot be hashed
            on_pick(image_id)

    data = {"images": [vars(image) for image in images], "chosen": list(chosen), "current": current}
    _component()(data=data, key=key, on_picked_change=picked)
