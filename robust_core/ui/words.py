"""The words that are the same on every page."""

import re

import streamlit as st

from robust_core.models.spec import Preprocess

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$<>:])")

HOW_TO_READ = {
    "what_if": (
        "Each model gets the picture prepared exactly as its publisher prescribes and answers with a probability for every class it knows. "
        "The bars are the five best. **Entropy** says how undecided the model is: 0 bits when it is certain, at most log₂ of the number of "
        "classes (9.97 bits for 1,000). The **16 categories** are the entry-level names (dog, car, …) used for comparing models with people; "
        "207 of the 1,000 classes belong to one of them, and the two published rules for reading them can differ. A probability is the "
        "model's own confidence, not the chance that it is right."
    ),
    "models": (
        "One row per set of weights. *Training* matters more to robustness than architecture: that is the paper's point. Accuracies are the "
        "publishers' own (PUBLISHED), with their source below the table; nothing on this page was measured here. Choose a row to see its facts, "
        "to download its weights, to check them against the published hash, or to remove them."
    ),
}


def show_how_to_read(page: str) -> None:
    """The expander at the top of `page` that says how to read what is on it."""
    with st.expander("How to read this", icon=":material/help:"):
        st.markdown(HOW_TO_READ[page])


def plain(text: str) -> str:
    """`text` with everything escaped that Markdown would read as more than text."""
    return MARKDOWN.sub(r"\\\1", text)


def preprocessing(preprocess: Preprocess) -> str:
    """What happens to a picture before a model sees it, in one line."""
    resize = f"shorter side to {preprocess.resize} px ({preprocess.interpolation}), " if preprocess.resize else ""
    mean, std = (" ".join(f"{value:g}" for value in values) for values in (preprocess.mean, preprocess.std))
    return f"{resize}centre {preprocess.crop} px; mean {mean}, std {std}"


def seconds(duration_seconds: float) -> str:
    """A duration for people: milliseconds below a second."""
    return f"{1000 * duration_seconds:.0f} ms" if duration_seconds < 1 else f"{duration_seconds:.1f} s"
