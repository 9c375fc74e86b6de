"""The controls for "what if it had been foggy?": corruption, severity, the seed of its random draws, and whether the
image is stored as JPEG; they stand in the URL.
"""

import streamlit as st

from robust_core.corruptions import C_BAR_10, CORRUPTIONS
from robust_core.corruptions.condition import Condition
from robust_core.corruptions.table import STORED_JPEG_QUALITY
from robust_core.ui import links
from robust_core.ui.links import note_unknown

TITLES = {f"ImageNet-C-bar: {row.title}" if name in C_BAR_10 else row.title: name for name, row in CORRUPTIONS.items()}
MAX_SEED = 9999


def choose_condition() -> Condition:
    """What the controls say; severity 0 is the clean image."""
    note_unknown("corruption", "corruption", list(TITLES))
    left, middle, right = st.columns([3, 5, 2], vertical_alignment="bottom")
    title = left.selectbox(
        "Corruption",
        list(TITLES),
        key="corruption",
        bind="query-params",
        help="The 15 of ImageNet-C, its 4 extra ones, and the 10 of ImageNet-C-bar (Mintun et al. 2021)",
    )
    severity = links.number(middle.slider, "Severity (0 is the clean image)", 0, 5, 0, key="severity")
    seed = links.number(
        right.number_input, "Seed", 0, MAX_SEED, 0, key="seed", help="Of the random draws; all severities share them"
    )
    note_unknown("as_stored", "switch position", links.ON_OR_OFF)
    as_stored = st.toggle(
        f"Through JPEG of quality {STORED_JPEG_QUALITY}, as the stored sets",
        key="as_stored",
        bind="query-params",
        help="Every image of the stored ImageNet-C and ImageNet-C-bar went through it, after a crop to 224 px",
    )
    return Condition(TITLES[title], severity, seed, as_stored)


def describe(condition: Condition) -> str:
    """What was done to the image, and what a reader must know about it, as sentences with a space after each."""
    if condition.severity == 0:
        return ""
    row = CORRUPTIONS[condition.corruption]
    published = "ImageNet-C-bar" if condition.corruption in C_BAR_10 else "ImageNet-C"
    parts = [f"{condition}, seed {condition.seed}: live corruption, not stored {published}."]
    parts += [f"{condition.protocol[:1].upper()}{condition.protocol[1:]}."] if condition.protocol else []
    return "".join(f"{part} " for part in [*parts, row.note] if part)
