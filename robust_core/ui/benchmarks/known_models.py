"""Who is who in the benchmarks' rows: title, training and colour of a model, be it in the model table or only in
somebody's publication.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from robust_core.benchmark.training import MORE_DATA, OTHER_ROBUST, SELF_SUPERVISED, published_training
from robust_core.models.catalogue import list_models
from robust_core.results import Result
from robust_core.ui.colours import FAMILY_COLOURS, model_colours

UNKNOWN, PEOPLE = "Not known here", "People"
NEUTRAL = "#858F9E"
LEAST_CONTRAST = 4.5  # of words to their ground (WCAG 2, AA)
GROUP_COLOURS = {MORE_DATA: "#B57910", OTHER_ROBUST: "#94598A", SELF_SUPERVISED: "#A972F6"}
MARKS = {  # what a published name itself says of the training
    "Adversarially trained": (
        "_robust",
        "adv_trained",
        "adv-train",
        "smoothing_adversarial",
        " AT (",
        "(Singh 2023)",
        "AdvXL",
        "MIMIR",
    ),
    "Stylised": ("SIN", "Stylized"),
    "Noisy Student": (" Noisy Student",),
    "Contrastively pre-trained (CLIP)": ("_clip_zeroshot",),
    PEOPLE: ("10 people", "person "),
}


@dataclass(frozen=True)
class Known:
    """What a page shows of a model; `stated` says who says how it was trained, and in which words."""

    title: str
    family: str
    colour: str
    stated: str = ""


def who(rows: Iterable[Result]) -> dict[str, Known]:
    """The models of `rows`, by the name that the rows have for them; no two have the same title."""
    specs, colours = {spec.key: spec for spec in list_models()}, model_colours()
    titles = {spec.title for spec in specs.values()}

    def known(model: str) -> Known:
        if model in specs:
            return Known(specs[model].title, specs[model].family, colours[model], "the Models page")
        family, stated = _family_of(model)
        return Known(f"{model} (as published)" if model in titles else model, family, family_colour(family), stated)

    return {model: known(model) for model in dict.fromkeys(row.model for row in rows)}


def _family_of(model: str) -> tuple[str, str]:
    """The training of a model that is not in the model table, and who states it."""
    row = published_training().get(model)
    if row:
        return row.training, f"“{row.stated}”: {row.source}"
    by_name = (family for family, marks in MARKS.items() if any(mark in model for mark in marks))
    family = next(by_name, UNKNOWN)
    return family, "" if family == UNKNOWN else "its published name"


def families(models: Iterable[Known]) -> list[str]:
    """The families of `models`, in the order of their colours, those of which nothing is known last."""
    present = {model.family for model in models}
    return [family for family in (*FAMILY_COLOURS, *GROUP_COLOURS, PEOPLE, UNKNOWN) if family in present]


def tag_colour(family: str) -> str:
    """The colour of a family's tag: its hue, as dark as white words on it need."""
    channels = [int(family_colour(family)[start : start + 2], 16) for start in (1, 3, 5)]
    while _contrast_to_white(channels) < LEAST_CONTRAST:
        channels = [int(0.97 * channel) for channel in channels]
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def _contrast_to_white(channels: Iterable[int]) -> float:
    """WCAG 2's contrast ratio of white on a colour in sRGB."""
    linear = [
        share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in channels)
    ]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def family_colour(family: str) -> str:
    """The hue of a family, a neutral one for models of which nothing is known."""
    return GROUP_COLOURS.get(family) or FAMILY_COLOURS.get(family, (NEUTRAL,))[0]
