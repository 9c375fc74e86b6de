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
    notes = st.container()
    row = st.container(horizontal=True, vertical_alignment="bottom", key="condition")
    title = row.selectbox(
        "Corruption",
        list(TITLES),
        key="corruption",
        bind="query-params",
        width=300,
        help="ImageNet-C's 15 benchmark corruptions, its 4 extra ones, and ImageNet-C-bar's 10 (Mintun et al. 2021)",
        persist_state="session",
    )
    severity = links.number(
        row.slider, "Severity (0 is the clean image)", 0, 5, 0, key="severity", persist_state="session"
    )
    with links.notes_at(notes), row.popover("Reproducibility", icon=":material/tune:"):
        seed = links.number(
            st.number_input,
            "Random seed",
            0,
            MAX_SEED,
            0,
            key="seed",
            help="Shared by all severities",
            persist_state="session",
        )
        note_unknown("as_stored", "switch position", links.ON_OR_OFF)
        as_stored = st.toggle(
            f"Store as JPEG, quality {STORED_JPEG_QUALITY}, as the published sets are",
            key="as_stored",
            bind="query-params",
            help="Every image of the published ImageNet-C and ImageNet-C-bar was cropped to 224 px, then saved so.",
            persist_state="session",
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
