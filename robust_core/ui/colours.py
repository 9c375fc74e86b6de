"""One colour per model, the same on every page: a hue by training regime, a shade by place in the family and world."""

from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache

import streamlit as st

from robust_core.models.catalogue import list_models

# Every colour has a contrast of 3:1 to the light and to the dark grounds, which leaves little room for lightness; so
# the shades of a family differ in hue as well. The first are as near as that allows to Okabe and Ito's colour-blind
# safe set; muted ones are for models trained on ImageNet alone. What users import is no family: its colours are
# as different as can be.
_NEUTRAL = ("#5F7C92", "#A07848", "#7C6A9A", "#8A8578", "#9A6670")
_IMPORTED = ("#B57910", "#4756F6", "#F444BC", "#0195A8", "#007D0F", "#94598A", "#DE0737", "#A972F6")
FAMILY_COLOURS = {
    "ImageNet-trained": _NEUTRAL,
    "Trained on few synthetic images": _NEUTRAL,
    "Weakly supervised (WSL)": ("#0B73B0", "#5B88FD", "#4E96BC", "#2D6BE8", "#5F7DC8"),
    "Semi-weakly supervised (SWSL)": ("#1B90B5", "#297576", "#4E9A9C", "#017C9F", "#1B8B8C"),
    "Semi-supervised (SSL)": ("#C6639E", "#D20F5C", "#B92B9C", "#A25069", "#FC4885"),
    "Pre-trained on ImageNet-22k": ("#896BBE", "#CD5FEB", "#A735BF", "#7451EA", "#887BFF"),
    "Contrastively pre-trained (CLIP)": ("#8F791D", "#8C935F", "#67703F", "#859313", "#AC881C"),
    "Noisy Student": ("#4E8D82", "#1C7673", "#378364", "#719592", "#567A75"),
    "Stylised": ("#059D6F", "#1C7B00", "#529D0D", "#167A59", "#59863A"),
    "Adversarially trained": ("#D35D00", "#A55348", "#CD2D23", "#CE766E", "#F55449"),
    "Defensively distilled": _NEUTRAL,
    "Trained on noise": _NEUTRAL,
    "Imported": _IMPORTED,
}


def model_colours() -> dict[str, str]:
    """The colour of every model in the table, by key, as #RRGGBB; no two that are chosen together in the sidebar share
    one.
    """
    return told_apart(st.session_state.get("models") or ())


def told_apart(titles: Collection[str]) -> dict[str, str]:
    """The same where the models with these `titles` are chosen: the second of two with one colour gets another of its
    family, or a spare one.
    """
    chosen = tuple((spec.key, spec.family) for spec in list_models() if spec.title in titles)
    models = tuple((spec.key, spec.family, spec.label_space.key) for spec in list_models())
    return dict(_told_apart(models, chosen))


@lru_cache(maxsize=256)
def _told_apart(models: tuple[tuple[str, str, str], ...], chosen: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The colours of `models`, given by key, family and world, where those are `chosen`."""
    colours, taken = dict(_by_family(models)), set()
    for key, family in chosen:
        if colours[key] in taken:
            free = (colour for colour in (*FAMILY_COLOURS[family], *_IMPORTED) if colour not in taken)
            colours[key] = next(free, colours[key])
        taken.add(colours[key])
    return colours


def _by_family(models: tuple[tuple[str, str, str], ...]) -> Iterator[tuple[str, str]]:
    """Key and colour of every model; a family with more models than shades begins again."""
    places = Counter()
    for key, family, world in models:
        shades = FAMILY_COLOURS[family]
        yield key, shades[places[family, world] % len(shades)]
        places[family, world] += 1
